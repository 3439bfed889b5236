import { HeadroomPage } from './page.ts';
import { expect, test, LONG } from './story.ts';

test(
	'the report tells of device, loads and failures, and nothing that was said',
	{ tag: LONG },
	async ({ page, context }) => {
		await context.grantPermissions(['clipboard-read', 'clipboard-write']);
		const headroom = new HeadroomPage(page);
		await headroom.open();
		const answer = await headroom.ask('Marmalade with zebras?');
		const said = await answer.locator('p').first().innerText();
		await context.route('**/q0f32/**/params_shard_0.bin', (route) => route.abort());
		await headroom.load('q0f32');
		await expect(page.getByRole('alert')).toContainText('params_shard_0.bin');

		// A tab that is told of this conversation keeps it to itself as well.
		const second = new HeadroomPage(await context.newPage());
		await second.open();
		await second.load('q4f32_1');
		await expect(second.page.getByRole('alert')).toContainText(
			'It answers “Marmalade with zebras?”'
		);

		for (const { page: tab } of [headroom, second]) {
			await tab.bringToFront();
			await tab.getByRole('button', { name: 'Report a problem' }).click();
			const field = tab.getByRole('textbox', { name: 'Report' });
			await expect(field).toHaveValue(/maxStorageBufferBindingSize: \d+/);
			await tab.getByRole('button', { name: 'Copy', exact: true }).last().click();
			await expect(tab.getByRole('button', { name: 'Copied' })).toBeVisible();
			const copied = await tab.evaluate(() => navigator.clipboard.readText());
			expect(copied).toBe(await field.inputValue());
			expect(copied).not.toMatch(/marmalade|zebras/i);
			expect(copied).not.toContain(said);
		}
		const first = await headroom.page.getByRole('textbox', { name: 'Report' }).inputValue();
		for (const part of [
			'Loaded pocket-q4f32_1',
			'network: ',
			'uploading',
			'version: ',
			'engine: WebLLM'
		])
			expect(first).toContain(part);
		expect(await second.page.getByRole('textbox', { name: 'Report' }).inputValue()).toContain(
			'elsewhere: pocket q4f32_1 runs in another tab'
		);
	}
);
