const PREFIX = 'headroom-shell';
/** As earlier versions named it, whatever the path of the deployment. */
const FORMER_PREFIX = `${PREFIX}-`;

/** The cache in which a version of one deployment keeps the page itself. `base`: its path, without a slash at the end. */
export const shellName = (base: string, version: string): string => `${prefixOf(base)}${version}`;

const prefixOf = (base: string) => `${PREFIX} ${base}/ `;

/** The shells of this deployment's other versions. Another deployment below the same origin keeps its own. */
export async function otherShells(
	storage: Pick<CacheStorage, 'keys' | 'open'>,
	base: string,
	version: string
): Promise<string[]> {
	const found: string[] = [];
	for (const name of await storage.keys()) {
		if (name === shellName(base, version)) continue;
		if (name.startsWith(prefixOf(base))) found.push(name);
		else if (name.startsWith(FORMER_PREFIX) && (await holds(await storage.open(name), base)))
			found.push(name);
	}
	return found;
}

/** A former name does not say whose it is, but what lies in it does. */
async function holds(cache: Cache, base: string): Promise<boolean> {
	return (await cache.keys()).some(({ url }) => new URL(url).pathname.startsWith(`${base}/_app/`));
}
