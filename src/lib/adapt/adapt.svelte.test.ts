import { expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { anApp } from '../panel/an-app.fixture.ts';
import { note } from '../runner/policy/decision-log.ts';
import AdaptView from './AdaptView.svelte';
import InApp from '../panel/InApp.fixture.svelte';

async function shown() {
	const app = await anApp();
	await vi.waitFor(() => expect(app.adaptation).not.toBeNull(), { timeout: 10_000 });
	const { adaptation } = app;
	if (!adaptation) throw new Error('The policy did not come.');
	await render(InApp, { app, View: AdaptView, given: { adaptation } });
	return { app, adaptation };
}

test('every threshold and cell of the matrix can be set, and what could oscillate is refused with a sentence', async () => {
	const { adaptation } = await shown();
	const matrix = () => adaptation.policy.current.matrix;
	await page.getByLabelText('Memory threshold 2, %').fill('65');
	await userEvent.tab();
	await expect.poll(() => matrix().memory).toEqual([0.4, 0.65, 0.75, 0.85]);
	await page.getByLabelText('Load threshold 3, waiting').fill('12');
	await userEvent.tab();
	await expect.poll(() => matrix().load).toEqual([2, 5, 12]);
	await page.getByLabelText('below 40% of memory, below 2 waiting').selectOptions('8 bits');
	// The row below would ask for something finer.
	await expect
		.element(page.getByText(/Not saved\. Row 2, column 1 asks for 16 bits/))
		.toBeVisible();
	expect(matrix().cells[0]?.[0]).toBe(16);
	await page.getByRole('button', { name: 'Reset the matrix' }).click();
	await expect.poll(() => matrix().load).toEqual([2, 5, 10]);
	await expect.element(page.getByText(/Not saved/)).not.toBeInTheDocument();
});

test('what does not exist is shown with the level that takes its place, and what the page cannot know is said', async () => {
	await shown();
	const matrix = page.getByRole('region', { name: 'Matrix of memory and load' });
	await expect.element(matrix.getByText(/does not exist: q4f/).first()).toBeVisible();
	await expect.element(page.getByText(/The usual matrix leaves these open/)).toBeVisible();
	await expect
		.element(page.getByText(/How much GPU memory is free: browsers do not tell/))
		.toBeVisible();
});

test('mode, priority, floor and pin are kept, and the log is read newest first', async () => {
	const { adaptation } = await shown();
	await page.getByRole('radio', { name: /^Suggest/ }).click();
	await page.getByLabelText(/^Priority/).selectOptions('Speed: goes coarser earlier under load');
	await page.getByLabelText(/^Floor/).selectOptions('16 bits (q0f16)');
	await page.getByLabelText(/^Pin/).selectOptions('q0f16');
	await expect
		.poll(() => adaptation.policy.current)
		.toMatchObject({ mode: 'suggest', floor: 'q0f16', pin: { variantId: 'pocket-q0f16' } });
	await adaptation.log.update((log) =>
		['First.', 'Second.'].reduce(
			(all, sentence, at) => note(all, { at, kind: 'nothing', sentence, inputs: '0 waiting' }),
			log
		)
	);
	const items = page.getByRole('list', { name: 'Decisions' }).getByRole('listitem');
	await expect.element(items.first()).toHaveTextContent(/Second\./);
	await page.getByRole('button', { name: 'Clear' }).click();
	await expect.element(page.getByText('Nothing was decided yet.')).toBeVisible();
});

test('the simulator replays a trace, its sliders change what would have happened, and the arrows read the chart', async () => {
	await shown();
	const summary = page.getByTestId('replay-summary');
	await expect.element(summary).toHaveTextContent(/^2 swaps in 20 min 0 s/);
	const marks = page.getByRole('option', { name: /Loads/ });
	await expect.element(marks.first()).toHaveAccessibleName(/^1 min 10 s: Loads q4f\w+: 9 waiting/);
	(marks.first().element() as SVGElement).focus();
	await userEvent.keyboard('{ArrowRight}');
	await expect.element(marks.nth(1)).toHaveFocus();
	await expect.element(page.getByRole('figure')).toHaveTextContent(/nothing was asked for a while/);
	await page.getByLabelText(/^Load: 1\.0 times/).fill('0.1');
	await expect.element(summary).toHaveTextContent(/^0 swaps/);
	await page.getByRole('button', { name: 'Reset sliders' }).click();
	await expect.element(summary).toHaveTextContent(/^2 swaps/);
	const trace = new File(['{"version":1}'], 'x.json', { type: 'application/json' });
	await page.getByLabelText('Trace to import').upload(trace);
	await expect.element(page.getByRole('alert')).toHaveTextContent(/This is not a trace: name/);
});
