import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { anApp } from './an-app.fixture.ts';
import InApp from './InApp.fixture.svelte';
import QualityFigure from './QualityFigure.svelte';

test('a variant that is blocked here is not offered to be measured', async () => {
	const app = await anApp();
	const family = app.catalog.families.find(({ id }) => id === 'Llama-3.2-1B-Instruct')!;
	const [variant] = family.variants;
	const show = (measurable: boolean) =>
		render(InApp, { app, View: QualityFigure, given: { variant, short: true, measurable } });
	const allowed = await show(true);
	await expect.element(allowed.getByRole('link', { name: /^Measure the quality/ })).toBeVisible();
	await allowed.unmount();
	const blocked = await show(false);
	await expect.element(blocked.getByText('–')).toBeVisible();
	expect(blocked.getByRole('link').elements()).toEqual([]);
});
