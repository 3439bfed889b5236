import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import FamilyAdvice from '../advise/FamilyAdvice.svelte';
import type { App } from '../app/app.svelte.ts';
import ModelsTable from '../models-table/ModelsTable.svelte';
import { makeRows } from '../models-table/rows.ts';
import { recordOf, summaryOf } from '../quality/quality.fixture.ts';
import { adapterKey } from '#plan/memory/history.ts';
import { anApp } from './an-app.fixture.ts';
import FamilyProfile from './FamilyProfile.svelte';
import InApp from './InApp.fixture.svelte';
import ModelPanel from './ModelPanel.svelte';
import QuantizationNote from './QuantizationNote.svelte';

const [Q4, F32] = ['pocket-q4f32_1', 'pocket-q0f32'];

/** An app in which q4f32_1 was compared with q0f32. */
async function measured(change: Parameters<typeof summaryOf>[0] = {}): Promise<App> {
	const app = await anApp();
	await expect.poll(() => app.counting.quality).not.toBeNull();
	const urlOf = (id: string) => app.catalog.libraryUrlOf(app.catalog.variant(id)!);
	await app.counting.quality!.add(
		recordOf({
			...{ variantId: Q4, referenceId: F32, adapter: adapterKey(app.hardware.device!) },
			...{ libraryUrl: urlOf(Q4), referenceLibraryUrl: urlOf(F32) },
			summary: summaryOf(change)
		})
	);
	return app;
}
const rowsOf = (app: App) =>
	makeRows(
		[app.selection.family],
		null,
		(variant) => app.experience.knownOf(variant),
		app.planning.situation,
		() => null,
		undefined,
		(variant) => app.counting.quality?.of(variant.id) ?? null
	);
const showTable = (app: App) =>
	render(InApp, {
		app,
		View: ModelsTable,
		given: {
			rows: rowsOf(app),
			order: { column: 'quality', descending: false },
			chosenId: Q4,
			preflightOf: () => null,
			failureOf: () => null,
			checking: false,
			onchoose: () => {},
			oncheck: () => {},
			queueOf: () => null,
			onkeep: () => {}
		}
	});

test('quality stands beside memory wherever quantizations are compared, or the way to measure it', async () => {
	const app = await measured({ sameToken: 0.987, divergence: 0.0021 });
	const family = app.selection.family;

	const panel = await render(InApp, { app, View: ModelPanel, given: {} });
	await expect
		.element(panel.getByRole('option', { name: /^q4f32_1/ }))
		.toHaveTextContent(/iB .* · 98\.7% same token$/);
	await expect
		.element(panel.getByRole('option', { name: /^q0f32/ }))
		.toHaveTextContent('reference');
	await panel.unmount();

	const note = await render(InApp, { app, View: QuantizationNote, given: {} });
	await expect
		.element(note.getByTestId('quality'))
		.toHaveTextContent('98.7% same next token, mean KLD 0.0021');
	await note.getByText('Other quantizations').click();
	await expect
		.element(note.getByRole('link', { name: 'Measure the quality of pocket q4f16_1 now' }))
		.toHaveAttribute('href', '/models?quality=pocket#quality');
	await note.unmount();

	const profile = await render(InApp, { app, View: FamilyProfile, given: {} });
	await profile.getByText('About pocket').click();
	await expect
		.element(profile.getByRole('row', { name: 'q4f32_1' }))
		.toHaveTextContent('98.7% same token');
	await profile.unmount();

	const table = await showTable(app);
	await expect
		.element(table.getByRole('row', { name: 'pocket q4f32_1' }))
		.toHaveTextContent('98.7% same token');
	await table.unmount();

	const advice = await render(InApp, {
		app,
		View: FamilyAdvice,
		given: {
			...{ family, contextWindow: 4096, situation: app.planning.situation },
			knownOf: (variant: (typeof family.variants)[number]) => app.experience.knownOf(variant)
		}
	});
	await expect
		.element(advice.getByRole('row', { name: 'q4f32_1' }))
		.toHaveTextContent(/Measure now\s*98\.7% same token/);
});

test('a variant that differs by more than the bound is marked everywhere, and the bound is a setting', async () => {
	const app = await measured({ sameToken: 0.95, divergence: 0.12 });
	const panel = await render(InApp, { app, View: ModelPanel, given: {} });
	const option = panel.getByRole('option', { name: /^q4f32_1/ });
	await expect.element(option).toHaveTextContent(/· 95\.0% same token · differs strongly$/);
	await expect
		.element(panel.getByRole('option', { name: /^q0f32/ }))
		.not.toHaveTextContent('differs');
	await expect.element(panel.getByTestId('quality')).toHaveTextContent(/, differs strongly$/);
	const table = await showTable(app);
	const row = table.getByRole('row', { name: 'pocket q4f32_1' });
	await expect.element(row).toHaveTextContent('differs strongly');

	await app.settings.set({ qualityBound: { sameToken: 0.9, divergence: 0.2 } });
	await expect.element(option).not.toHaveTextContent('differs');
	await expect.element(row).not.toHaveTextContent('differs');
	await app.settings.set({ qualityBound: { sameToken: 0.96, divergence: 0.2 } });
	await expect.element(option).toHaveTextContent('differs strongly');
});
