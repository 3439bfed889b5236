import type { Locator, Page } from 'playwright/test';
import { expect } from 'playwright/test';
import type { Scene } from './scene.ts';

/** What strikes a run over several variants, whichever it is. */

/** What the page says that it does. */
export const status = (page: Page, text: RegExp): Locator =>
	page.getByRole('status').filter({ hasText: text });

/** When what was armed has struck, in milliseconds since 1970. */
export async function struckAt(scene: Scene): Promise<number> {
	const at = await scene.struckAt();
	if (at === null) throw new Error('Nothing has struck.');
	return at;
}

/** Back to the conversation, whose model answers again. */
export async function chatsAgain(scene: Scene) {
	await scene.headroom.open();
	await scene.calm('loaded');
	await scene.chats();
}

/** Another tab uses the engine until the run has noticed, and goes. Returns how many milliseconds that took. */
export async function takenOver(scene: Scene, noticed: Locator): Promise<number> {
	const second = await scene.another();
	await second.page.bringToFront();
	const struckAt = Date.now();
	await second.page.getByRole('button', { name: /^Load pocket/ }).click();
	await second.alert.getByRole('button', { name: 'Use it here' }).click();
	await second.headroom.loaded();
	await expect(noticed).toBeVisible();
	const recoveryMs = Date.now() - struckAt;
	await second.page.close();
	await scene.page.bringToFront();
	return recoveryMs;
}

/** What IndexedDB answers when there is no room: the browser's own quota counts megabytes more than a row. */
export const fillDisk = (page: Page) =>
	page.evaluate(() => {
		IDBObjectStore.prototype.put = () => {
			throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
		};
	});

/** A headless browser hides no tab: the page is told what it would be told. */
export const hide = (page: Page) =>
	page.evaluate(() => {
		Object.defineProperty(document, 'visibilityState', {
			configurable: true,
			get: () => 'hidden'
		});
		document.dispatchEvent(new Event('visibilitychange'));
	});
