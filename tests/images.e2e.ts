import { expect, test } from 'playwright/test';
import { expectAccessible } from './axe.ts';
import { HeadroomPage } from './page.ts';

const pixel = Buffer.from(
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
	'base64'
);

test('a text model refuses an image, says why, and takes the message without it', async ({
	page
}) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.composer.fill('What is VRAM?');
	await page
		.getByLabel('Files to add')
		.setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: pixel });
	const shown = page.getByRole('img', { name: 'photo.png' });
	await expect(shown).toHaveAttribute('src', /^data:image\/jpeg;base64,/);
	await expect(page.getByRole('alert')).toContainText('pocket reads text only');
	await expect(page.getByRole('alert')).toContainText('Phi 3.5 Vision');
	await expect(page.getByRole('button', { name: 'Send' })).toBeDisabled();
	await expectAccessible(page);
	await page.getByRole('button', { name: 'Remove photo.png' }).click();
	await expect(headroom.composer).toBeFocused();
	await headroom.composer.press('Enter');
	await expect(headroom.answers).toContainText('tokens/s', { timeout: 40_000 });
});

test('a file that is no image although it says so is refused by its name', async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await page.getByLabel('Files to add').setInputFiles({
		name: 'evil.svg',
		mimeType: 'image/svg+xml',
		buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')
	});
	await expect(page.getByText('evil.svg could not be read as an image.')).toBeVisible();
	await expect(page.getByRole('list', { name: 'Images to send' })).toHaveCount(0);
});
