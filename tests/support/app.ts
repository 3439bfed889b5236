import { expect, type Locator, type Page } from 'playwright/test';
import { HeadroomPage } from '../page.ts';

/** The page with what the tests of files and downloads look at. */
export class AppPage extends HeadroomPage {
	readonly live: Locator;
	readonly alert: Locator;

	constructor(page: Page) {
		super(page);
		this.live = page.getByTestId('live-bytes');
		this.alert = page.getByLabel('Model panel').getByRole('alert');
	}

	loadButton(name: string | RegExp = /^(Load|Swap) /): Locator {
		return this.page.getByRole('button', { name });
	}

	/** Opens the page; its files may be broken, so that no exact plan is waited for. */
	async openUnread() {
		await this.page.goto('');
		await expect(this.loadButton('Load pocket q4f32_1')).toBeEnabled();
	}

	/** Puts hosts among those that models may come from, before the page is opened. */
	async allow(hosts: string[]) {
		// Any document of the site can reach its storage; the page itself must not have read it yet.
		await this.page.goto('icon.svg');
		await this.page.evaluate(
			(extraHosts) =>
				new Promise<void>((resolve, reject) => {
					const opening = indexedDB.open('headroom-settings /headroom/', 1);
					opening.onupgradeneeded = () => opening.result.createObjectStore('values');
					opening.onerror = () => reject(opening.error ?? new Error('no settings'));
					opening.onsuccess = () => {
						const writing = opening.result.transaction('values', 'readwrite');
						writing.objectStore('values').put({ extraHosts }, 'settings');
						writing.oncomplete = () => {
							opening.result.close();
							resolve();
						};
					};
				}),
			hosts
		);
	}

	/** Chooses a family by its name, and a variant of it; waits until its manifest was read. */
	async choose(family: string, variantId: string, { planned = true } = {}) {
		await this.page.getByRole('button', { name: /^Family/ }).click();
		const dialog = this.page.getByRole('dialog', { name: 'Choose a family' });
		await dialog.getByRole('combobox').fill(family);
		// The name is followed by the quantizations; longer names begin alike.
		const name = family.replace(/[.()+]/g, '\\$&');
		await dialog.getByRole('option', { name: new RegExp(`^${name} q\\d`) }).click();
		await expect(dialog).toBeHidden();
		await this.quantization.selectOption(variantId);
		if (planned) await expect(this.page.getByTestId('confidence')).not.toHaveText('estimate');
	}

	/** Loads what is chosen. */
	async loadChosen() {
		await this.loadButton().click();
		await this.loaded();
	}

	/** Ends an answer that goes on. */
	async stopIfWriting() {
		const stop = this.page.getByRole('button', { name: 'Stop' });
		if (await stop.isVisible()) await stop.click({ timeout: 2000 }).catch(() => {});
		await expect(stop).toBeHidden();
	}

	/** Leaves the site so many bytes more than it uses now; null: as many as the browser likes. */
	async limitDisk(moreBytes: number | null) {
		const session = await this.page.context().newCDPSession(this.page);
		const { origin } = new URL(this.page.url());
		const { usage } = await session.send('Storage.getUsageAndQuota', { origin });
		await session.send('Storage.overrideQuotaForOrigin', {
			origin,
			...(moreBytes !== null && { quotaSize: usage + moreBytes })
		});
	}

	/** URLs of every file in the engine's caches. */
	cachedUrls(): Promise<string[]> {
		return this.page.evaluate(async () => {
			const urls: string[] = [];
			for (const name of await caches.keys())
				if (name.startsWith('webllm/'))
					for (const { url } of await (await caches.open(name)).keys()) urls.push(url);
			return urls.sort();
		});
	}
}
