import type { Page } from 'playwright';

/** Adds a server of one's own by its form; conversations use it from then on, unasked. */
export async function useServer(page: Page, origin: string, name: string) {
	await page.getByRole('button', { name: 'Add a server' }).first().click();
	const dialog = page.getByRole('dialog', { name: 'Your own servers' });
	await dialog.getByRole('button', { name: 'Add a server' }).click();
	const form = page.getByRole('form', { name: 'Server' });
	await form.getByLabel('Address').fill(origin);
	await form.getByLabel('Name').fill(name);
	await form.getByRole('checkbox', { name: /^Ask once/ }).uncheck();
	await form.getByRole('button', { name: 'Test' }).click();
	await form.getByText('Works: 1 model.').waitFor();
	await form.getByRole('button', { name: 'Save' }).click();
	await page.getByRole('button', { name: `Use ${name}` }).click();
	await page.getByRole('button', { name: 'Close' }).click();
	await page.getByRole('region', { name: 'Where messages go' }).waitFor();
}
