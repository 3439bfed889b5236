import { expectAccessible } from './axe.ts';
import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';

/** Some 140 words. */
const long = `Please remember this: ${'the window holds what was said and the answer to it. '.repeat(13)}`;

test(
	'a full window ends with offers, and the conversation goes on without its oldest turns',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await page.getByRole('slider', { name: 'Context window' }).press('Home');
		await headroom.ask('Hello');
		const tooLong = page.getByRole('alert', { name: 'Too long' });
		for (let turn = 0; turn < 4 && !(await tooLong.isVisible()); turn++) {
			await headroom.composer.fill(`${turn}. ${long}`);
			await page.getByRole('button', { name: 'Send' }).click();
			await expect(tooLong.or(headroom.answers.nth(turn + 1).getByText('first token'))).toBeVisible(
				{
					timeout: 40_000
				}
			);
		}
		await expect(tooLong).toContainText('the window holds 512');
		await expect(tooLong.getByRole('button', { name: 'Leave out and answer' })).toBeInViewport();
		await expectAccessible(page);
		const before = await headroom.answers.count();
		await tooLong.getByRole('button', { name: 'Leave out and answer' }).click();
		await expect(headroom.answers).toHaveCount(before + 1, { timeout: 40_000 });
		await expect(headroom.answers.last()).toContainText('tokens/s', { timeout: 40_000 });
		await expect(page.getByText('no longer sent: the window was full')).toBeVisible();
		await expectAccessible(page);

		// What was left out can be sent again, and a reload forgets nothing of it.
		await page.reload();
		await page.getByRole('button', { name: 'Send them again' }).click();
		await expect(page.getByText('no longer sent')).toHaveCount(0);
	}
);

test(
	'a message too long for the window is answered after a swap to a larger one',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await page.getByRole('slider', { name: 'Context window' }).press('Home');
		await headroom.composer.fill(long.repeat(3));
		await page.getByRole('button', { name: 'Send' }).click();
		const tooLong = page.getByRole('alert', { name: 'Too long' });
		await expect(tooLong).toContainText('fits');
		await tooLong.getByRole('button', { name: 'Load with that window' }).click();
		await expect(headroom.answers.last()).toContainText('tokens/s', { timeout: 40_000 });
		await expect(page.getByRole('slider', { name: 'Context window' })).not.toHaveAttribute(
			'aria-valuetext',
			/^512/
		);
	}
);
