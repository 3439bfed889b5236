import { describe, expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { anApp } from '../panel/an-app.fixture.ts';
import InApp from '../panel/InApp.fixture.svelte';
import { Failure } from '../rpc/failure.ts';
import Choice from './Choice.svelte';
import ExportBar from './ExportBar.svelte';
import type { Asked } from './record.ts';
import ResultTable from './ResultTable.svelte';
import { aRow, aRun } from './run.fixture.ts';
import { MeasureRunner } from './runner.svelte.ts';
import RunStatus from './RunStatus.svelte';
import Scatter from './Scatter.svelte';
import { FakeWorld } from './world.fixture.ts';

const nameOf = (variantId: string) => `Tiny ${variantId}`;

describe('the table', () => {
	const run = aRun(
		[
			aRow('a', { rates: [[100], [20]], marks: [{ code: 'drift', test: 'tg128' }] }),
			aRow('b', { rates: [[50], [30.4]] }),
			{
				kind: 'failed',
				variantId: 'c',
				label: 'Tiny',
				quantization: 'c',
				at: 1,
				failure: { kind: 'out-of-memory', message: 'The GPU ran out of memory.' }
			}
		],
		{
			leftOut: [{ variantId: 'e', reason: 'It needs 9 GiB.' }],
			variantIds: ['a', 'b', 'c', 'd'],
			state: 'open'
		}
	);
	const show = (given: object = {}) =>
		render(ResultTable, { run, currentId: 'd', chosenId: 'a', nameOf, onuse: () => {}, ...given });

	test('marks the best of each column in words, and compares with the baseline', async () => {
		const screen = await show();
		const [a, b] = ['a', 'b'].map((id) => screen.getByRole('row', { name: `Tiny ${id}` }));
		await expect.element(a!).toHaveTextContent(/pp512 100 best/);
		await expect.element(b!).toHaveTextContent(/tg128 30\.4 best/);
		await expect.element(b!).toHaveTextContent('×1.52');
		await expect.element(a!).toHaveTextContent('baseline');
	});

	test('says what is doubtful, failed, under way and left out', async () => {
		const screen = await show();
		await expect.element(screen.getByText('tg128: it slowed down')).toBeVisible();
		await expect.element(screen.getByText('The GPU ran out of memory.')).toBeVisible();
		await expect.element(screen.getByText('Being measured')).toBeVisible();
		await expect.element(screen.getByText('Left out. It needs 9 GiB.')).toBeVisible();
	});

	test('one of them is used by a click, with the window it was measured with', async () => {
		const onuse = vi.fn();
		const screen = await show({ onuse });
		await expect.element(screen.getByText('Chosen')).toBeVisible();
		await screen.getByRole('button', { name: 'Use Tiny b' }).click();
		expect(onuse).toHaveBeenCalledExactlyOnceWith('b', 4096);
	});

	test('none is used during a run', async () => {
		const screen = await show({ onuse: null });
		await expect.element(screen.getByRole('button', { name: 'Use Tiny b' })).toBeDisabled();
	});
});

describe('the chart', () => {
	test('is read with the arrow keys', async () => {
		const run = aRun([
			aRow('a', { rates: [[1], [20]], measuredPeakBytes: 2 ** 30 }),
			aRow('b', { rates: [[1], [30]], measuredPeakBytes: 2 ** 31 })
		]);
		const screen = await render(Scatter, { run });
		const [a, b] = ['a', 'b'].map((id) => screen.getByRole('option', { name: `Tiny ${id}:` }));
		await userEvent.tab();
		await expect.element(a!).toHaveFocus();
		await userEvent.keyboard('{ArrowRight}');
		await expect.element(b!).toHaveFocus();
		await expect.element(screen.getByText('Tiny b: 30.0 tokens/s at 2.00 GiB')).toBeVisible();
		await userEvent.keyboard('{ArrowRight}');
		await expect.element(a!).toHaveFocus();
	});

	test('of one point is none', async () => {
		const screen = await render(Scatter, { run: aRun([aRow('a')]) });
		expect(screen.container.querySelector('svg')).toBeNull();
	});
});

describe('the state of a run', () => {
	const show = async (world = new FakeWorld()) => {
		const runner = new MeasureRunner(world);
		const screen = await render(RunStatus, { runner, loading: { kind: 'idle' }, nameOf });
		return { world, runner, screen };
	};
	const asked = (variantIds: string[]): Asked => ({
		variantIds,
		set: 'quick',
		contextWindow: 4096,
		baselineId: null
	});

	test('asks for all downloads at once, and begins on a click', async () => {
		const world = new FakeWorld();
		world.candidates = { a: { missingBytes: 2 ** 30 }, b: { problem: 'No connection.' } };
		const { runner, screen } = await show(world);
		await runner.ask(asked(['a', 'b']));
		await expect.element(screen.getByText('To download: 1.00 GiB')).toBeVisible();
		await expect.element(screen.getByText('Tiny b is left out. No connection.')).toBeVisible();
		await screen.getByRole('button', { name: 'Download and measure' }).click();
		await vi.waitFor(() => expect(runner.status.kind).toBe('done'));
	});

	test('where nothing can be measured there is nothing to begin', async () => {
		const world = new FakeWorld();
		world.candidates = { a: { problem: 'No connection.' } };
		const { runner, screen } = await show(world);
		await runner.ask(asked(['a']));
		await expect.element(screen.getByRole('alert')).toHaveTextContent('None of these variants');
		await screen.getByRole('button', { name: 'Cancel' }).click();
		expect(runner.status.kind).toBe('idle');
	});

	test('is paused, resumed and stopped by its buttons', async () => {
		const world = new FakeWorld();
		let runs = 0;
		world.measure = async () => {
			runs++;
			await new Promise((resolve) => setTimeout(resolve, 5));
			return { ms: 1, peakBytes: 1 };
		};
		const { runner, screen } = await show(world);
		void runner.ask(asked(Array.from({ length: 50 }, (_, i) => `v${i}`)));
		await screen.getByRole('button', { name: 'Pause' }).click();
		await screen.getByRole('button', { name: 'Resume', exact: true }).click();
		const before = runs;
		await vi.waitFor(() => expect(runs).toBeGreaterThan(before));
		await screen.getByRole('button', { name: 'Stop' }).click();
		await vi.waitFor(() =>
			expect([runner.status.kind, runner.run?.state]).toEqual(['done', 'stopped'])
		);
	});

	test('why it was paused is said with what to do', async () => {
		const world = new FakeWorld();
		world.loadStep = () =>
			Promise.reject(new Failure('elsewhere', 'A model runs in another tab of this page.'));
		const { runner, screen } = await show(world);
		await runner.ask(asked(['a']));
		await expect
			.element(screen.getByRole('alert'))
			.toHaveTextContent('A model runs in another tab of this page.');
		await expect.element(screen.getByRole('button', { name: 'Resume', exact: true })).toBeEnabled();
	});

	test('one that was interrupted is offered again', async () => {
		const run = aRun([aRow('a')], { variantIds: ['a', 'b'], state: 'open' });
		const { runner, screen } = await show(new FakeWorld({ version: 1, run }));
		await expect.element(screen.getByText('1 of 2 variants done')).toBeVisible();
		await screen.getByRole('button', { name: 'Resume', exact: true }).click();
		await vi.waitFor(() => expect(runner.run?.rows).toHaveLength(2));
	});
});

describe('what is measured', () => {
	const start: Asked = {
		variantIds: ['pocket-q4f32_1'],
		set: 'quick',
		contextWindow: 4096,
		baselineId: 'pocket-q4f32_1'
	};
	const show = async () => {
		const onmeasure = vi.fn<(asked: Asked) => void>();
		const screen = await render(InApp, {
			app: await anApp(),
			View: Choice,
			given: { start, busy: false, onmeasure }
		});
		return { screen, onmeasure };
	};

	test('a family is one click, and the set, the window and the baseline are chosen', async () => {
		const { screen, onmeasure } = await show();
		await screen.getByRole('button', { name: 'All of pocket' }).click();
		await screen.getByRole('radio', { name: /^Full/ }).click();
		await screen.getByLabelText('Context window').selectOptions('1024');
		await screen.getByLabelText('Baseline').selectOptions('pocket q0f32');
		await screen.getByRole('button', { name: 'Measure 4 variants' }).click();
		expect(onmeasure.mock.calls[0]?.[0]).toMatchObject({
			set: 'full',
			contextWindow: 1024,
			baselineId: 'pocket-q0f32'
		});
		expect(onmeasure.mock.calls[0]?.[0].variantIds).toHaveLength(4);
	});

	test('a baseline that is taken out gives way, and nothing chosen cannot be measured', async () => {
		const { screen } = await show();
		await screen
			.getByRole('checkbox', { name: /^q0f32/ })
			.first()
			.click();
		await screen
			.getByRole('checkbox', { name: /^q4f32_1/ })
			.first()
			.click();
		await expect.element(screen.getByLabelText('Baseline')).toHaveValue('pocket-q0f32');
		await screen
			.getByRole('checkbox', { name: /^q0f32/ })
			.first()
			.click();
		await expect.element(screen.getByRole('button', { name: 'Measure 0 variants' })).toBeDisabled();
	});

	test('other families are found by their names', async () => {
		const { screen } = await show();
		await screen.getByRole('searchbox').fill('llama 3.2 1b');
		await expect.element(screen.getByText('Llama 3.2 1B Instruct', { exact: true })).toBeVisible();
		await expect
			.element(screen.getByRole('button', { name: 'All of pocket' }))
			.not.toBeInTheDocument();
	});
});

test('the result is copied in the chosen form, and as a link', async () => {
	const screen = await render(ExportBar, { run: aRun() });
	const written = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
	await screen.getByRole('button', { name: 'Copy', exact: true }).click();
	await expect.element(screen.getByText('Markdown copied.')).toBeVisible();
	expect(written.mock.lastCall?.[0]).toContain('| model | size |');
	await screen.getByLabelText('Export as').selectOptions('CSV');
	await screen.getByRole('button', { name: 'Copy', exact: true }).click();
	await vi.waitFor(() => expect(written.mock.lastCall?.[0]).toContain('n_prompt'));
	await screen.getByRole('button', { name: 'Copy link' }).click();
	await vi.waitFor(() => expect(written.mock.lastCall?.[0]).toContain('?variants=a,b&set=quick'));
	written.mockRestore();
});
