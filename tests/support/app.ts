import { expect, type Locator, type Page } from 'playwright/test';

/** The page as a person meets it. */
export class AppPage {
	readonly live: Locator;
	readonly alert: Locator;
	readonly loaded: Locator;
	readonly quantization: Locator;

	constructor(readonly page: Page) {
		this.live = page.getByTestId('live-bytes');
		this.alert = page.getByLabel('Model panel').getByRole('alert');
		this.loaded = page.getByRole('status').filter({ hasText: 'Loaded.' });
		this.quantization = page.getByLabel('Quantization', { exact: true });
	}

	loadButton(name: string | RegExp = /^(Load|Swap) /): Locator {
		return this.page.getByRole('button', { name });
	}

	async open() {
		await this.page.goto('');
		await expect(this.loadButton('Load pocket q4f32_1')).toBeEnabled();
	}

	async load() {
		await this.loadButton().click();
		await expect(this.loaded).toBeVisible({ timeout: 60_000 });
	}

	async ask(question: string): Promise<Locator> {
		const answers = this.page.getByRole('article', { name: 'Answer' });
		const before = await answers.count();
		await this.page.getByRole('textbox', { name: 'Message' }).fill(question);
		await this.page.getByRole('button', { name: 'Send' }).click();
		const answer = answers.nth(before);
		await expect(answer).not.toContainText('Reading', { timeout: 40_000 });
		return answer;
	}

	/** Ends an answer that goes on. */
	async stopIfWriting() {
		const stop = this.page.getByRole('button', { name: 'Stop' });
		if (await stop.isVisible()) await stop.click({ timeout: 2000 }).catch(() => {});
		await expect(stop).toBeHidden();
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
