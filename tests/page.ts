import { expect, type Locator, type Page } from 'playwright/test';
import { append, create, type Conversation } from '../src/lib/chat/conversation.ts';
import { exportJson } from '../src/lib/chat/exchange/export.ts';

/** The page as a person sees it, in the words of its own controls. */
export class HeadroomPage {
	readonly page: Page;
	readonly composer: Locator;
	readonly answers: Locator;
	readonly quantization: Locator;
	readonly verdict: Locator;

	constructor(page: Page) {
		this.page = page;
		this.composer = page.getByRole('textbox', { name: 'Message' });
		this.answers = page.getByRole('article', { name: 'Answer' });
		this.quantization = page.getByLabel('Quantization', { exact: true });
		this.verdict = page.locator('#panel').getByTestId('verdict').first();
	}

	/** Opens the page and waits until it can be used. */
	async open(path = '') {
		await this.page.goto(path);
		await this.ready();
	}

	/** Resolves when the plan of the chosen model is there. */
	async ready() {
		await expect(
			this.page
				.getByTestId('confidence')
				.filter({ hasText: /^(?:exact|measured)/ })
				.first()
		).toBeAttached();
	}

	/** Writes a message, sends it, and waits for the whole answer. */
	async ask(question: string): Promise<Locator> {
		const before = await this.answers.count();
		await this.composer.fill(question);
		await this.page.getByRole('button', { name: 'Send' }).click();
		const answer = this.answers.nth(before);
		await expect(answer).toContainText('tokens/s', { timeout: 40_000 });
		return answer;
	}

	/**
	 * Brings in conversations that were held before, each as its messages from the first question on, and opens the
	 * first of them: for what needs messages and no model to write them.
	 */
	async bring(...conversations: (readonly string[])[]) {
		const held = conversations.map(conversationOf);
		await this.page.getByLabel('Conversations to import').setInputFiles({
			name: 'held.json',
			mimeType: 'application/json',
			buffer: Buffer.from(exportJson(held))
		});
		await this.page.getByRole('status', { name: 'Import' }).getByText('Close').click();
		await this.list.filter({ hasText: held[0]?.title ?? '' }).click();
		await expect(this.page.getByRole('article').last()).toContainText(
			conversations[0]?.at(-1) ?? ''
		);
	}

	/**
	 * Sets sampling so that the next answers go on and on: what was said already is made likelier until it only repeats.
	 */
	async answerOnAndOn() {
		await this.page.keyboard.press('Control+,');
		const settings = this.page.getByRole('dialog', { name: 'Settings' });
		await settings.getByRole('textbox', { name: 'Temperature' }).fill('0');
		await settings.getByRole('textbox', { name: 'Presence penalty' }).fill('-2');
		await settings.getByRole('textbox', { name: 'Repetition penalty' }).fill('0.5');
		await this.page.keyboard.press('Escape');
		await expect(settings).toHaveCount(0);
	}

	/** Chooses a quantization of the family. */
	async pick(quantization: string) {
		const option = this.quantization.locator('option', { hasText: quantization });
		await this.quantization.selectOption(await option.getAttribute('value'));
	}

	/** The same, and loads it. */
	async load(quantization: string) {
		await this.pick(quantization);
		await this.page.getByRole('button', { name: /^(Load|Swap) pocket/ }).click();
	}

	/** The conversations in the list, found by their names. */
	get list(): Locator {
		return this.page
			.getByRole('navigation', { name: 'Conversations' })
			.getByRole('listitem')
			.getByRole('link');
	}

	/** Opens the menu of a conversation and chooses from it. */
	async act(title: string, action: string) {
		await this.page.getByRole('button', { name: `More for ${title}` }).click();
		await this.page.getByRole('menuitem', { name: action }).click();
	}

	async loaded() {
		// Not by a part of a text: the page also says what happens before anything is "downloaded.".
		const status = this.page.getByRole('status').filter({ hasText: /^\s*Loaded\./ });
		await expect(status).toBeVisible({ timeout: 60_000 });
	}

	/** Searches the families and chooses the first one that matches. */
	async chooseFamily(query: string) {
		await this.page.getByRole('button', { name: /^Family/ }).click();
		const search = this.page.getByRole('combobox', { name: 'Search by name' });
		await search.fill(query);
		await search.press('Enter');
		await expect(search).toBeHidden();
	}

	/** Sets the memory of the GPU. */
	async declareGib(gib: string) {
		await this.page
			.locator('#panel')
			.getByRole('button', { name: 'Set GPU memory' })
			.first()
			.click();
		await this.page.getByLabel('GPU memory (GiB)').fill(gib);
		await this.page.getByRole('button', { name: 'Save', exact: true }).click();
		await expect(this.page.getByRole('dialog')).toBeHidden();
	}
}

/** Opens the page and loads what is chosen at a first visit. */
export async function loadPocket(page: Page) {
	await page.goto('');
	await page.getByRole('button', { name: 'Load pocket q4f32_1' }).click();
	await new HeadroomPage(page).loaded();
}

function conversationOf(messages: readonly string[]): Conversation {
	let conversation = create();
	messages.forEach((text, index) => {
		conversation = append(conversation, { role: index % 2 === 0 ? 'user' : 'assistant', text });
	});
	return conversation;
}
