import { parseChatConfig } from './models/config.ts';
import type { Variant } from './models/catalog.ts';
import type { Facts } from './models/facts.ts';
import { parseJsonFile } from './models/json-file.ts';
import { readLibraryMetadata } from './models/library.ts';
import { parseManifest } from './models/manifest.ts';

/** Reads a whole file, or rejects. `place`: a URL, or a path in a folder. At most so many bytes are taken. */
export type ReadFile = (place: string, mostBytes: number) => Promise<Uint8Array>;

const MIB = 2 ** 20;
const MOST_BYTES = { config: 4 * MIB, manifest: 64 * MIB, library: 256 * MIB };

/** Where a variant's files lie: `from` in place of its hub, a folder or a URL that has config, manifest and library. */
function placesOf({ modelUrl, libraryUrl }: Variant, from: string | null) {
	const base = from ?? `${modelUrl.replace(/\/$/, '')}/resolve/main`;
	const inFolder = (name: string) => `${base.replace(/\/$/, '')}/${name}`;
	return {
		config: inFolder('mlc-chat-config.json'),
		manifest: inFolder('tensor-cache.json'),
		library: from === null ? libraryUrl : inFolder(libraryUrl.split('/').at(-1) ?? '')
	};
}

/**
 * Reads what makes a plan exact: config, manifest and library, some megabytes, and none of the weights. Throws a
 * FileError with the file, what was expected and found, or what `read` rejects with.
 */
export async function readFacts(
	variant: Variant,
	from: string | null,
	read: ReadFile
): Promise<Required<Facts>> {
	const places = placesOf(variant, from);
	const json = async (kind: 'config' | 'manifest') => {
		const name = places[kind].split('/').at(-1) ?? '';
		const body = await read(places[kind], MOST_BYTES[kind]);
		return parseJsonFile(name, new TextDecoder().decode(body));
	};
	const [config, manifest, library] = await Promise.all([
		json('config').then((value) => parseChatConfig(value, variant.overrides)),
		json('manifest').then((value) => parseManifest(value)),
		read(places.library, MOST_BYTES.library).then((bytes) =>
			readLibraryMetadata(bytes, places.library.split('/').at(-1))
		)
	]);
	return { config, manifest, library };
}
