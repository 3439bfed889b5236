import type { Locator, Page } from 'playwright/test';
import { HeadroomPage, loadPocket } from './page.ts';
import { expect, LONG, test } from './story.ts';

/** Fires a key press as browsers report it while, or just after, an input method converts. */
const conversionKey = (field: Locator, key: string, ended: boolean) =>
	field.evaluate(
		(element, { key, ended }) => {
			const event = new KeyboardEvent('keydown', {
				key,
				keyCode: 229,
				isComposing: !ended,
				bubbles: true,
				cancelable: true
			});
			element.dispatchEvent(event);
		},
		{ key, ended }
	);

/** What a browser's translation does to the page: text nodes give way to elements of its own. */
const translate = (page: Page) =>
	page.evaluate(() => {
		const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, {
			acceptNode: ({ parentElement, textContent }) =>
				textContent?.trim() && !parentElement?.closest('[translate=no], script, style, textarea')
					? NodeFilter.FILTER_ACCEPT
					: NodeFilter.FILTER_REJECT
		});
		const texts: Node[] = [];
		while (walker.nextNode()) texts.push(walker.currentNode);
		for (const text of texts) {
			const inner = document.createElement('font');
			inner.textContent = `«${text.textContent}»`;
			const outer = document.createElement('font');
			outer.append(inner);
			(text as ChildNode).replaceWith(outer);
		}
		return texts.length;
	});

test(
	'the view stays where a person scrolls to while an answer is written',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await loadPocket(page);
		const long = 'Yes.\n\n'.repeat(12);
		await headroom.bring(['One?', long, 'Two?', long, 'Three?', long, 'And?', 'That is all.']);
		const scroller = page.getByRole('region', { name: 'Conversation' });
		const top = () => scroller.evaluate(({ scrollTop }) => scrollTop);

		await headroom.composer.fill('What is quantization?');
		await page.getByRole('button', { name: 'Send' }).click();
		await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
		await scroller.hover();
		await page.mouse.wheel(0, -400);
		await expect
			.poll(top)
			.toBeLessThan(await scroller.evaluate((e) => e.scrollHeight - e.clientHeight - 200));
		const stayed = await top();
		await expect(headroom.answers.last()).toContainText('tokens/s', { timeout: 40_000 });
		expect(Math.abs((await top()) - stayed)).toBeLessThan(200);

		// Back at the end it is followed again.
		await page.mouse.wheel(0, 20_000);
		await headroom.ask('What is VRAM?');
		await expect
			.poll(() => scroller.evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight))
			.toBeLessThan(80);
	}
);

test('text that is copied with a picture of itself is pasted as text', async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	const paste = (withText: boolean) =>
		headroom.composer.evaluate((field, withText) => {
			const clipboardData = new DataTransfer();
			if (withText) clipboardData.setData('text/plain', 'one\ttwo');
			clipboardData.items.add(new File([new Uint8Array(4)], 'image.png', { type: 'image/png' }));
			const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
			field.dispatchEvent(event);
			// Left to the browser, which pastes the text.
			return !event.defaultPrevented;
		}, withText);
	expect(await paste(true)).toBe(true);
	await expect(page.getByRole('list', { name: 'Images to send' })).toBeHidden();
	expect(await paste(false)).toBe(false);
});

test('keys that belong to a conversion neither send, nor close a form, nor rename', async ({
	page
}) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.bring(['A question', 'An answer']);
	for (const ended of [false, true]) {
		await headroom.composer.fill('へんかん');
		await conversionKey(headroom.composer, 'Enter', ended);
		await expect(headroom.composer).toHaveValue('へんかん');
	}
	await page.getByRole('button', { name: 'Edit' }).first().click();
	const form = page.getByLabel('Edit the question');
	await form.fill('変換');
	for (const ended of [false, true]) {
		await conversionKey(form, 'Escape', ended);
		await conversionKey(form, 'Enter', ended);
		await expect(form).toHaveValue('変換');
	}
	await headroom.act('A question', 'Rename');
	const name = page.getByLabel('New name');
	await name.fill('新しい名前');
	for (const ended of [false, true]) {
		await conversionKey(name, 'Escape', ended);
		await conversionKey(name, 'Enter', ended);
		await expect(name).toHaveValue('新しい名前');
	}
});

test.describe('on a touch screen', () => {
	test('Enter starts a new line, and the button sends', async ({ browser, baseURL }) => {
		// The stories' shared profile has a mouse.
		const context = await browser.newContext({
			...(baseURL && { baseURL }),
			viewport: { width: 390, height: 844 },
			hasTouch: true,
			isMobile: true
		});
		const page = await context.newPage();
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await headroom.composer.fill('first');
		await headroom.composer.press('Enter');
		await headroom.composer.pressSequentially('second');
		await expect(headroom.composer).toHaveValue('first\nsecond');
		await page.getByRole('button', { name: 'Send' }).tap();
		await expect(page.getByRole('article', { name: 'You' })).toContainText('second');
		await context.close();
	});
});

test(
	'where Enter is set to start a new line, Ctrl and Enter send',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await page.keyboard.press('Control+,');
		await page.getByLabel('Enter key').selectOption('newline');
		await page.keyboard.press('Escape');
		await headroom.composer.fill('first');
		await headroom.composer.press('Enter');
		await expect(headroom.composer).toHaveValue('first\n');
		await headroom.composer.press('Control+Enter');
		await expect(page.getByRole('article', { name: 'You' })).toContainText('first');
	}
);

test('the page goes on under a browser’s translation', { tag: LONG }, async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await loadPocket(page);
	await headroom.bring(['The first question', 'The first answer']);
	expect(await translate(page)).toBeGreaterThan(0);

	const answer = await headroom.ask('What is quantization?');
	const before = (await answer.innerText()).length;
	await translate(page);
	expect(before).toBeGreaterThan(40);

	await page.getByRole('link', { name: 'New conversation' }).first().click();
	await headroom.ask('What is VRAM?');
	const questions = page.getByRole('article', { name: 'You' });
	await expect(questions).toHaveCount(1);
	await expect(questions).toContainText('What is VRAM?');
	await translate(page);
	await headroom.list.filter({ hasText: 'The first question' }).click();
	await expect(questions.first()).toContainText('The first question');
	await expect(page.locator('main, [role=region]').first()).not.toContainText('What is VRAM?');
});
