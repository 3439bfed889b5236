/** What a tab loads from disk, or has loaded, is held under this name and the URL of its files. */
const PREFIX = 'headroom-model ';

/** Says to the other tabs that these files are in use. Returns the way to let them go; a tab that ends does so too. */
export function holdModel(baseUrl: string): () => void {
	const { locks } = navigator as { locks?: LockManager };
	const over = new AbortController();
	let release = () => over.abort();
	locks
		?.request(PREFIX + baseUrl, { mode: 'shared', signal: over.signal }, () => {
			if (over.signal.aborted) return;
			return new Promise<void>((resolve) => (release = resolve));
		})
		.catch(() => undefined); // let go before it was granted
	return () => release();
}

/** URLs of the models that any tab has in use, this one included. */
export async function modelsInUse(): Promise<ReadonlySet<string>> {
	const { locks } = navigator as { locks?: LockManager };
	const { held } = (await locks?.query()) ?? {};
	return new Set(
		held?.flatMap(({ name }) => (name?.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : []))
	);
}
