import { expectAccessible } from './axe.ts';
import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';

test(
	'conversations are found by their words, renamed, pinned, deleted and brought back',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await headroom.bring(
			['What is VRAM?', 'Memory.'],
			['Tell me about zebras', 'They are striped.']
		);
		await page.getByRole('link', { name: 'New conversation' }).click();
		await expect(page).toHaveURL(/#new$/);
		await expect(headroom.answers).toHaveCount(0);
		await expect(headroom.list).toHaveCount(2);

		const search = page.getByRole('searchbox', { name: 'Search conversations' });
		await search.fill('zEBRAs');
		const found = page.getByRole('list', { name: 'Found' }).getByRole('link');
		await expect(found).toHaveCount(1);
		await expect(found.getByText('zebras').first()).toBeVisible();
		await expectAccessible(page);
		await search.fill('');

		await headroom.act('What is VRAM?', 'Rename');
		const field = page.getByRole('textbox', { name: 'New name' });
		await expect(field).toBeFocused();
		await field.fill('Graphics memory');
		await field.press('Enter');
		const renamed = headroom.list.filter({ hasText: 'Graphics memory' });
		await expect(renamed).toBeFocused();
		await headroom.act('Graphics memory', 'Pin to the top');
		await expect(headroom.list.first()).toContainText('Graphics memory');
		await expect(headroom.list.first().getByLabel('Pinned')).toBeVisible();

		await page.getByRole('button', { name: 'More for Graphics memory' }).click();
		await expectAccessible(page);
		await page.keyboard.press('Escape');
		await expect(page.getByRole('button', { name: 'More for Graphics memory' })).toBeFocused();

		await headroom.act('Graphics memory', 'Delete');
		await expect(headroom.list).toHaveCount(1);
		await expect(page.getByRole('button', { name: 'Undo' })).toBeFocused();
		await page.keyboard.press('Enter');
		await expect(headroom.list).toHaveCount(2);
		await expect(renamed).toBeFocused();
	}
);

test(
	'the address follows the open conversation, and back leads to the one before',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await expect(page).toHaveURL(/#new$/);
		await headroom.bring(['What is VRAM?', 'Memory.']);
		await expect(page).toHaveURL(/#[0-9a-f-]{36}$/);
		const first = page.url();
		await page.getByRole('link', { name: 'New conversation' }).click();
		await headroom.ask('Hello');
		await expect(page).not.toHaveURL(first);
		await page.goBack();
		await expect(page).toHaveURL(first);
		await expect(page.getByRole('article', { name: 'You' })).toHaveText(/What is VRAM/);
		await page.reload();
		await expect(page.getByRole('article', { name: 'You' })).toHaveText(/What is VRAM/);
	}
);

test(
	'a new conversation can be begun after each one, and one that was left can be opened again',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		const another = page.getByRole('link', { name: 'New conversation' });
		for (const question of ['What is VRAM?', 'Hello', 'Thank you']) {
			await another.click();
			await expect(page.getByRole('article')).toHaveCount(0);
			await headroom.ask(question);
			await expect(page).toHaveURL(/#[0-9a-f-]{36}$/);
		}
		await expect(headroom.list).toHaveCount(3);

		// Opened, deleted and brought back: its address is the one that was last gone to.
		await headroom.list.filter({ hasText: 'Hello' }).click();
		await expect(page.getByRole('article', { name: 'You' })).toHaveText('Hello');
		await headroom.act('Hello', 'Delete');
		await expect(page.getByRole('article')).toHaveCount(0);
		await page.getByRole('button', { name: 'Undo' }).click();
		await headroom.list.filter({ hasText: 'Hello' }).click();
		await expect(page.getByRole('article', { name: 'You' })).toHaveText('Hello');
	}
);

test('a found message of another branch is brought into view', { tag: LONG }, async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.bring(['About walruses', 'They are large.']);
	await headroom.composer.press('ArrowUp');
	const field = page.getByRole('textbox', { name: 'Edit the question' });
	await field.fill('About penguins');
	await field.press('Enter');
	await expect(headroom.answers).toContainText('tokens/s', { timeout: 40_000 });
	await expect(page.getByRole('article', { name: 'You' })).toHaveText(/penguins/);
	await page.keyboard.press('Control+k');
	await page.keyboard.type('walruses');
	await page.getByRole('list', { name: 'Found' }).getByRole('link').first().click();
	await expect(page.getByRole('article', { name: 'You' })).toHaveText(/walruses/);
});

test('what is typed while the page still opens the last conversation is not lost', async ({
	page
}) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.bring(['What is VRAM?', 'Memory.']);
	await page.addInitScript(() => {
		const observer = new MutationObserver(() => {
			const field = document.querySelector<HTMLTextAreaElement>('form textarea');
			// What the page draws before its script runs would be drawn again.
			if (!field || !('__svelte' in window)) return;
			observer.disconnect();
			queueMicrotask(() => {
				field.value = 'typed at once';
				field.dispatchEvent(new Event('input', { bubbles: true }));
			});
		});
		observer.observe(document, { subtree: true, childList: true });
	});
	await page.reload();
	await expect(headroom.answers).toHaveCount(1);
	await expect(headroom.composer).toHaveValue('typed at once');
});

test(
	'a long conversation opens at its end, is there as a whole, and is found in up to its first word',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		const messages = Array.from({ length: 200 }, (_, n) => `Message ${n} of many`);
		await headroom.bring([...messages.with(2, 'Something about walruses'), 'And?', 'The end.']);
		await expect(page.getByText('The end.')).toBeInViewport();
		await expect(page.getByRole('article')).toHaveCount(202);
		await expect(page.getByText('The end.')).toBeInViewport();

		await page.getByRole('link', { name: 'New conversation' }).click();
		await page.getByRole('searchbox', { name: 'Search conversations' }).fill('walruses');
		await page.getByRole('list', { name: 'Found' }).getByRole('link').first().click();
		const found = page.getByRole('article', { name: 'You' }).filter({ hasText: 'walruses' });
		await expect(found).toBeInViewport();
		await expect(found).toBeFocused();
	}
);
