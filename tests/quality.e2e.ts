import AxeBuilder from '@axe-core/playwright';
import { expect, LONG, test } from './story.ts';

/** The built-in model has four variants; those with 16-bit activations need an adapter that has them. */
test(
	'the built-in model’s variants are compared with the most precise one, and the results stay',
	{ tag: LONG },
	async ({ page }) => {
		test.setTimeout(360_000);
		await page.goto('models');
		const section = page.getByRole('region', { name: 'Difference from the unquantized model' });
		await section.getByRole('button', { name: 'Compare' }).click();
		await expect(section.getByRole('status')).toContainText('pocket q0f32');
		await expect(section.getByRole('button', { name: 'Stop' })).toBeVisible();
		const row = section.getByRole('row', { name: /pocket q4f32_1/ });
		await expect(row).toContainText(/\d+\.\d% ± \d+\.\d%/, { timeout: 300_000 });
		await expect(section.getByRole('button', { name: 'Compare' })).toBeVisible();
		await expect(section.getByRole('alert')).toBeHidden();
		const [same, divergence, , ratio, departs] = await row.getByRole('cell').allTextContents();
		expect(Number.parseFloat(same ?? '')).toBeGreaterThan(98);
		expect(Number.parseFloat(divergence ?? '')).toBeGreaterThan(1e-4);
		expect(Number.parseFloat(divergence ?? '')).toBeLessThan(0.01);
		expect(Number.parseFloat(ratio ?? '')).toBeCloseTo(1, 1);
		expect(departs).toMatch(/^\d+ of 24/);
		await expect(row).not.toContainText('Differs strongly');

		await page.reload();
		await expect(row).toContainText(same ?? '?');
		const { violations } = await new AxeBuilder({ page }).include('main').analyze();
		expect(violations).toEqual([]);
	}
);

test(
	'a comparison that a reload interrupts goes on with the reference that was kept',
	{ tag: LONG },
	async ({ page }) => {
		test.setTimeout(360_000);
		await page.goto('models?quality=pocket#quality');
		const section = page.getByRole('region', { name: 'Difference from the unquantized model' });
		await section.getByRole('button', { name: 'Compare' }).click();
		await expect(section.getByRole('status')).toContainText('Comparing pocket q4f32_1', {
			timeout: 300_000
		});

		await page.reload();
		await expect(
			section.getByText(/^A comparison with pocket q0f32 was interrupted/)
		).toBeVisible();
		await section.getByRole('button', { name: 'Resume' }).click();
		const steps: string[] = [];
		const row = section.getByRole('row', { name: /pocket q4f32_1/ });
		await expect
			.poll(
				async () => {
					steps.push(...(await section.getByRole('status').allTextContents()));
					return row.isVisible();
				},
				{ timeout: 240_000, intervals: [200] }
			)
			.toBe(true);
		await expect(row).toContainText(/\d+\.\d% ± \d+\.\d%/);
		expect(steps.filter((step) => step.includes('Answers of the reference'))).toEqual([]);
		await expect(section.getByRole('button', { name: 'Compare' })).toBeVisible();
	}
);
