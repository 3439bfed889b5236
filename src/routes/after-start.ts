import { openPageDoor } from '$lib/api/page-door.ts';
import type { App } from '$lib/app/app.svelte.ts';
import { keepForOffline } from '$lib/network/keep-for-offline.ts';

/** What nobody waits for: the site kept for offline use, and the way in for programs. */
export function afterStart(app: App) {
	keepForOffline();
	openPageDoor(app);
}
