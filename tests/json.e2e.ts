import type { Page } from 'playwright/test';
import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';

type Form = 'Any text' | 'JSON' | 'JSON that follows a schema';

/** Asks for the form in the dialog of this conversation. */
async function askFor(page: Page, form: Form, texts: Record<string, string> = {}) {
	await page.keyboard.press('Alt+s');
	const dialog = page.getByRole('dialog', { name: 'This conversation' });
	await dialog.getByRole('combobox', { name: 'Response format' }).selectOption({ label: form });
	for (const [name, text] of Object.entries(texts))
		await dialog.getByRole('textbox', { name }).fill(text);
	await page.keyboard.press('Escape');
	await expect(dialog).toHaveCount(0);
}

test(
	'an answer asked for as JSON is an object, shown as it was written',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		// Pocket knows no JSON: left to itself it writes one text until the window is full. These make it close the object.
		await askFor(page, 'JSON', {
			'Repetition penalty': '2',
			'Frequency penalty': '2',
			'Presence penalty': '2',
			'Top p': '1',
			Temperature: '1',
			Seed: '2',
			'Max. output tokens': '200'
		});
		const answer = await headroom.ask('hi');
		const object: unknown = JSON.parse(await answer.getByRole('code').innerText());
		expect(object).toEqual(expect.any(Object));
		expect(Array.isArray(object)).toBe(false);
	}
);

test('an answer asked for by a schema follows it', { tag: LONG }, async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await askFor(page, 'JSON that follows a schema', {
		'JSON Schema': JSON.stringify({
			type: 'object',
			properties: {
				topic: { enum: ['memory', 'speed'] },
				sizes: { type: 'array', items: { enum: [1, 2, 4] }, minItems: 2, maxItems: 3 },
				known: { type: 'boolean' }
			},
			required: ['topic', 'sizes', 'known']
		})
	});
	const answer = await headroom.ask('What is VRAM?');
	const { topic, sizes, known, ...rest } = JSON.parse(
		await answer.getByRole('code').innerText()
	) as Record<string, unknown>;
	expect(['memory', 'speed']).toContain(topic);
	const list = sizes as number[];
	expect(list.length).toBeGreaterThanOrEqual(2);
	expect(list.length).toBeLessThanOrEqual(3);
	for (const size of list) expect([1, 2, 4]).toContain(size);
	expect(known).toEqual(expect.any(Boolean));
	expect(rest).toEqual({});
});

test(
	'a schema that cannot be used is said in place of an answer, and the chat goes on',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await askFor(page, 'JSON that follows a schema', { 'JSON Schema': '{"type": "text"}' });
		await headroom.composer.fill('What is VRAM?');
		await headroom.composer.press('Enter');
		const alert = page.getByRole('alert');
		await expect(alert).toContainText(
			'The JSON Schema cannot be used: the schema has the type "text"'
		);

		// Only the engine's own grammar finds that nothing is where this points.
		await askFor(page, 'JSON that follows a schema', {
			'JSON Schema': '{"$ref": "#/$defs/nowhere"}'
		});
		await alert.getByRole('button', { name: 'Try again' }).click();
		await expect(alert).toContainText('The engine cannot hold an answer to this JSON Schema.');

		await askFor(page, 'Any text');
		await alert.getByRole('button', { name: 'Try again' }).click();
		await expect(headroom.answers).toContainText('tokens/s', { timeout: 40_000 });
		await expect(headroom.answers.getByRole('code')).toHaveCount(0);
		await expect(alert).toHaveCount(0);
	}
);
