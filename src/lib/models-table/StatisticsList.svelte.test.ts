import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { anApp } from '../panel/an-app.fixture.ts';
import InApp from '../panel/InApp.fixture.svelte';
import { anAnswer } from '../statistics/statistics.fixture.ts';
import StatisticsList from './StatisticsList.svelte';

test('statistics are cleared with one click, and that is undone with one', async () => {
	const app = await anApp();
	await expect.poll(() => app.counting.tally).not.toBeNull();
	const tally = app.counting.tally!;
	await tally.answered(app.selection.variant.id, anAnswer({ decodeTokensPerSecond: 30 }));
	await tally.failedToLoad(app.selection.variant, 'quota');
	const screen = await render(InApp, { app, View: StatisticsList, given: {} });
	const section = screen.getByRole('region', { name: 'Statistics' });
	const entry = section.getByRole('listitem');
	await expect
		.element(entry)
		.toHaveTextContent(/pocket q4f32_1\s*1 answer, 30.0 tokens\/s · 1 load/);
	await expect.element(entry).toHaveTextContent('Loads: 1 no disk space');
	await section.getByRole('button', { name: 'Clear statistics' }).click();
	await expect.element(section).toHaveTextContent(/Nothing yet/);
	const undo = section.getByRole('button', { name: 'Undo' });
	await expect.element(undo).toHaveFocus();
	await undo.click();
	await expect.element(entry).toHaveTextContent(/1 answer/);
	await expect.element(undo).not.toBeInTheDocument();
});
