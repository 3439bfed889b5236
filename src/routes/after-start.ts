import { openPageDoor } from '$lib/api/page-door.ts';
import type { App } from '$lib/app/app.svelte.ts';
import { keepForOffline } from '$lib/network/keep-for-offline.ts';

/** What nobody waits for: the site kept for offline use, the way in for programs, the limit for downloads. */
export async function afterStart(app: App) {
	keepForOffline();
	openPageDoor(app);
	const { followDisk } = await import('$lib/disk/clean-up.svelte.ts');
	followDisk(app);
}
