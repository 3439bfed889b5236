import { expectAccessible } from './axe.ts';
import { HeadroomPage } from './page.ts';
import { expect, test, LONG } from './story.ts';

const pixel = Buffer.from(
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
	'base64'
);

test(
	'a text model refuses an image, says why, and takes the message without it',
	{ tag: LONG },
	async ({ page }) => {
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
	}
);

test(
	'a file that is no image although it says so is refused by its name',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await page.getByLabel('Files to add').setInputFiles({
			name: 'evil.svg',
			mimeType: 'image/svg+xml',
			buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')
		});
		await expect(page.getByText('evil.svg could not be read as an image.')).toBeVisible();
		await expect(page.getByRole('list', { name: 'Images to send' })).toHaveCount(0);
	}
);

test(
	'images come by paste and by drop as well, one after the other',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		const transfer = (name: string) =>
			page.evaluateHandle(
				([name, base64]) => {
					const bytes = Uint8Array.from(atob(base64 ?? ''), (character) => character.charCodeAt(0));
					const transfer = new DataTransfer();
					transfer.items.add(new File([bytes], name ?? '', { type: 'image/png' }));
					return transfer;
				},
				[name, pixel.toString('base64')]
			);
		await headroom.composer.evaluate(
			(field, clipboardData) => {
				field.dispatchEvent(
					new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
				);
			},
			await transfer('pasted.png')
		);
		await expect(page.getByRole('img', { name: 'pasted.png' })).toBeVisible();
		await page.dispatchEvent('main', 'drop', { dataTransfer: await transfer('dropped.png') });
		const images = page.getByRole('list', { name: 'Images to send' }).getByRole('img');
		await expect(images).toHaveCount(2);
		for (const image of await images.all())
			await expect(image).toHaveAttribute('src', /^data:image\/jpeg;base64,/);
		await expect(headroom.composer).toHaveValue('');
	}
);
