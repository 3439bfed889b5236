import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { App } from '../app/app.svelte.ts';
import type { ObservedAnswer } from '../statistics/observe.ts';
import { anAnswer } from '../statistics/statistics.fixture.ts';
import type { Tally } from '../statistics/tally.svelte.ts';
import { anApp } from './an-app.fixture.ts';
import FamilyProfile from './FamilyProfile.svelte';
import InApp from './InApp.fixture.svelte';
import { report } from './report.ts';
import SlowNotice from './SlowNotice.svelte';
import VariantStatistics from './VariantStatistics.svelte';

async function counting(
	...answers: Partial<ObservedAnswer>[]
): Promise<{ app: App; tally: Tally }> {
	const app = await anApp();
	await expect.poll(() => app.counting.tally).not.toBeNull();
	const tally = app.counting.tally!;
	let at = 0;
	for (const answer of answers)
		await tally.answered(
			app.selection.variant.id,
			anAnswer({ at: 1_800_000_000_000 + at++, ...answer })
		);
	return { app, tally };
}

test('the chosen variant’s answers stand in one line, with mean, slowest and fastest', async () => {
	const { app, tally } = await counting(
		{ decodeTokensPerSecond: 28 },
		{ decodeTokensPerSecond: 34 },
		{ ending: { kind: 'failed', failure: 'device-lost' }, decodeTokensPerSecond: null }
	);
	await tally.loaded(app.selection.variant, 1500);
	await tally.failedToLoad(app.selection.variant, 'bad-file');
	const screen = await render(InApp, { app, View: VariantStatistics, given: { tally } });
	await expect
		.element(screen.getByTestId('answers'))
		.toHaveTextContent(/^3 answers, 1 failed, 31.0 tokens\/s \(28 to 34\)$/);
	await screen.getByText('Statistics', { exact: true }).click();
	const row = (name: string) => screen.getByRole('row', { name });
	await expect.element(row('Decode')).toHaveTextContent(/31.0\s*4.2\s*28.0\s*34.0\s*2$/);
	await expect.element(row('First token')).toHaveTextContent(/0.10\s*0.00\s*0.10\s*0.10\s*3$/);
	await expect.element(row('Load')).toHaveTextContent(/1.50\s*–\s*1.50\s*1.50\s*1$/);
	await expect
		.element(screen.getByText(/succeeded/))
		.toHaveTextContent('67% succeeded. Failed: 1 GPU lost. 2 loads, failed: 1 damaged file');
});

test('another quantization’s speed is marked as an estimate, beside its memory and in its own line', async () => {
	const { app, tally } = await counting({ decodeTokensPerSecond: 30 });
	const measured = app.selection.variant;
	const other = app.selection.family.variants.find(({ id }) => id !== measured.id)!;
	const profile = await render(InApp, { app, View: FamilyProfile, given: {} });
	await profile.getByText(`About ${app.selection.family.name}`).click();
	const row = ({ quantization }: typeof other) =>
		profile.getByRole('row', { name: quantization.name });
	await expect.element(row(measured)).toHaveTextContent(/30.0 tokens\/s measure$/);
	await expect.element(row(other)).toHaveTextContent(/≈ \d+(\.\d)? tokens\/s measure$/);
	app.selection.choose(other.id);
	const screen = await render(InApp, { app, View: VariantStatistics, given: { tally } });
	const line = screen.getByTestId('answers');
	await expect.element(line).toHaveTextContent(/^≈ \d+(\.\d)? tokens\/s, estimated Measure now$/);
	await expect
		.element(line.getByTitle(/^Estimated, not measured: pocket q4f32_1 read/))
		.toBeVisible();
});

test('where nothing was measured, that is said, and how to measure', async () => {
	const { app, tally } = await counting();
	const screen = await render(InApp, { app, View: VariantStatistics, given: { tally } });
	await expect.element(screen.getByTestId('answers')).toHaveTextContent('Speed not measured yet');
	await expect
		.element(screen.getByRole('link', { name: 'Measure now' }))
		.toHaveAttribute('href', `/measure?variants=${app.selection.variant.id}`);
	const profile = await render(InApp, { app, View: FamilyProfile, given: {} });
	await profile.getByText(`About ${app.selection.family.name}`).click();
	await expect
		.element(profile.getByRole('row', { name: 'q0f32' }))
		.toHaveTextContent(/not measured yet measure$/);
});

test('answers that have become slow are told of once, with likely causes, until dismissed', async () => {
	const rates = [30, 30, 30, 30, 30, 15, 14, 16];
	const { app, tally } = await counting(
		...rates.map((decodeTokensPerSecond) => ({ decodeTokensPerSecond }))
	);
	const screen = await render(InApp, { app, View: SlowNotice, given: { tally } });
	const notice = screen.getByRole('status', { name: 'Slower than usual' });
	await expect.element(notice).toHaveTextContent(/15.0 tokens\/s in the last three answers, 30.0/);
	await expect.element(notice).toHaveTextContent(/hot.*another program.*spills.*battery/);
	await expect
		.element(notice.getByRole('link', { name: 'Measure now' }))
		.toHaveAttribute('href', `/measure?variants=${app.selection.variant.id}`);
	await notice.getByRole('button', { name: 'Dismiss' }).click();
	await expect.element(notice).not.toBeInTheDocument();
	await tally.answered(
		app.selection.variant.id,
		anAnswer({ decodeTokensPerSecond: 15, at: 1_800_000_001_000 })
	);
	await expect.element(notice).not.toBeInTheDocument();
});

test('the report has the figures, and the failures by their kind', async () => {
	const { app, tally } = await counting(
		{ decodeTokensPerSecond: 30 },
		{ ending: { kind: 'failed', failure: 'gpu-error' }, decodeTokensPerSecond: null }
	);
	await tally.failedToLoad(app.selection.variant, 'out-of-memory');
	expect(await report(app, '1')).toContain(
		'pocket-q4f32_1: 2 answers, 1 failed, 30.0 tokens/s; 1 GPU error; 0 of 1 loads; 1 out of GPU memory'
	);
});
