import { base } from '$app/paths';
import { openPageDoor } from '$lib/api/page-door.ts';
import { credentialOf } from '$lib/api/relay-secret.ts';
import type { App } from '$lib/app/app.svelte.ts';
import { keepForOffline } from '$lib/network/keep-for-offline.ts';

/** What a person waits for goes first: it needs the same disk and processor. A long download does not keep it waiting. */
const QUIET_MS = 3_000;
const LOAD_LIMIT_MS = 20_000;
const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What nobody waits for: the site kept for offline use, the ways in for programs, the limit for downloads. */
export async function afterStart(app: App) {
	void keepAtRest(app);
	openPageDoor(app);
	// Only in a tab that a local server opened.
	if (credentialOf(base).read() !== null) void connectRelay(app);
	const { followDisk } = await import('$lib/disk/clean-up.svelte.ts');
	followDisk(app);
}

async function keepAtRest(app: App) {
	await after(QUIET_MS);
	await Promise.race([app.loader.settled(), after(LOAD_LIMIT_MS)]);
	keepForOffline();
}

/** Goes to the local server that opened this tab, with what it left here. */
export async function connectRelay(app: App) {
	const { relayOf } = await import('$lib/api/relay.svelte.ts');
	const credential = credentialOf(base);
	const relay = relayOf(app, () => ({
		credential,
		baseUrl: new URL(`${base}/`, location.href).href
	}));
	relay.connect();
	return relay;
}
