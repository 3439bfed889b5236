import { describe, expect, test } from 'vitest';
import { Failure } from '../rpc/failure.ts';
import type { Asked, Row } from './record.ts';
import { MeasureRunner } from './runner.svelte.ts';
import { FakeWorld } from './world.fixture.ts';

const asked = (variantIds: string[], change: Partial<Asked> = {}): Asked => ({
	variantIds,
	set: 'quick',
	contextWindow: 4096,
	baselineId: variantIds[0] ?? null,
	...change
});
function inWorld(disk?: unknown) {
	const world = new FakeWorld(disk);
	return { world, runner: new MeasureRunner(world) };
}
const rowsOf = (runner: MeasureRunner) => runner.run?.rows ?? [];
const kinds = (runner: MeasureRunner) =>
	rowsOf(runner).map(({ variantId, kind }) => `${variantId} ${kind}`);
const measuredOf = (row: Row | undefined) => {
	if (row?.kind !== 'measured') throw new Error(`No measured row: ${JSON.stringify(row)}`);
	return row;
};
/** Waits until the run has come to this. */
async function until(holds: () => boolean) {
	for (let turns = 0; turns < 1000; turns++) {
		if (holds()) return;
		await Promise.resolve();
	}
	throw new Error('It did not come to this.');
}
/** A step that waits until it is aborted, or let through. */
function held(only: (variantId: string) => boolean = () => true) {
	let open = () => {};
	const opened = new Promise<void>((resolve) => (open = resolve));
	let reached = 0;
	const step = async (variantId: string, signal: AbortSignal) => {
		if (!only(variantId)) return;
		reached++;
		await Promise.race([
			opened,
			new Promise<never>((_, reject) =>
				signal.addEventListener('abort', () => reject(new Failure('cancelled', 'Cancelled.')))
			)
		]);
	};
	return { step, open, reached: () => reached };
}

describe('a run', () => {
	test('loads each variant once, runs all tests in rounds, the first of which is not counted, and asks a question', async () => {
		const { world, runner } = inWorld();
		await runner.ask(asked(['a', 'b']));
		const round = (id: string) => [`${id} pp`, `${id} tg`];
		const whole = (id: string) => [
			`load ${id}`,
			...Array.from({ length: 4 }, () => round(id)).flat(),
			`${id} answers`
		];
		expect(world.said).toEqual([
			...['inspect a', 'inspect b'],
			...whole('a'),
			...whole('b'),
			'restore nothing'
		]);
		expect(runner.status).toEqual({ kind: 'done' });
		expect(measuredOf(rowsOf(runner)[0])).toMatchObject({
			variantId: 'a',
			loadMs: 500,
			firstTokenMs: 70,
			answerTokensPerSecond: 30,
			plannedPeakBytes: 90,
			measuredPeakBytes: 100,
			tests: [{ samplesMs: [1000, 1000, 1000] }, { samplesMs: [1000, 1000, 1000] }],
			marks: []
		});
		expect([world.held, world.awake]).toEqual([false, false]);
	});

	test('the full set has tests behind a depth, as far as the window holds them', async () => {
		const { world, runner } = inWorld();
		world.candidates.b = { contextWindow: 2048 };
		await runner.ask(asked(['a', 'b'], { set: 'full' }));
		const [a, b] = rowsOf(runner).map(measuredOf);
		expect(a?.tests.map(({ samplesMs }) => samplesMs.length)).toEqual([5, 5, 5, 5]);
		expect(b?.tests.map(({ test }) => test.depthTokens)).toEqual([0, 0]);
		expect(b?.marks).toEqual([{ code: 'window', test: null }]);
	});

	test('what is not on the disk is asked for once, before anything is loaded', async () => {
		const { world, runner } = inWorld();
		world.candidates = { a: { missingBytes: 10 }, b: { missingBytes: 5 } };
		await runner.ask(asked(['a', 'b', 'c']));
		expect(runner.status).toMatchObject({
			kind: 'asking',
			plan: { downloadBytes: 15, fetchedIds: ['a', 'b'] }
		});
		expect(world.said).toEqual(['inspect a', 'inspect b', 'inspect c']);
		await runner.begin();
		expect(kinds(runner)).toEqual(['a measured', 'b measured', 'c measured']);
		expect(runner.run?.fetched).toEqual(['a', 'b']);
	});

	test('withdrawn, it leaves nothing behind', async () => {
		const { world, runner } = inWorld();
		world.candidates.a = { missingBytes: 10 };
		await runner.ask(asked(['a']));
		runner.withdraw();
		expect([runner.status.kind, runner.run]).toEqual(['idle', null]);
		await runner.begin();
		expect(world.said).toEqual(['inspect a']);
	});

	test('blocked variants are left out with their reason', async () => {
		const { world, runner } = inWorld();
		world.candidates.a = { problem: 'The host does not answer.' };
		await runner.ask(asked(['a', 'b']));
		expect(kinds(runner)).toEqual(['b measured']);
		expect(runner.run?.leftOut).toEqual([{ variantId: 'a', reason: 'The host does not answer.' }]);
		expect(runner.run?.baselineId).toBe('b');
		expect(world.said).not.toContain('load a');
	});

	test('where nothing can be measured it says so and begins nothing', async () => {
		const { world, runner } = inWorld();
		world.candidates.a = { problem: 'No.' };
		await runner.ask(asked(['a']));
		await runner.begin();
		expect(runner.status).toMatchObject({ kind: 'asking', plan: { variantIds: [] } });
		expect(runner.run).toBeNull();
	});

	test('what had been loaded comes back', async () => {
		const { world, runner } = inWorld();
		world.loaded_ = { variantId: 'z', contextWindow: 2048 };
		await runner.ask(asked(['a']));
		expect(world.said.at(-1)).toBe('restore z');
	});

	test('that it could not come back is said, and the rows stay', async () => {
		const { world, runner } = inWorld();
		world.restoring = () => Promise.reject(new Failure('network', 'Offline.'));
		await runner.ask(asked(['a']));
		expect([runner.status.kind, runner.problem?.kind]).toEqual(['done', 'network']);
		expect(kinds(runner)).toEqual(['a measured']);
	});

	test('a second one cannot be asked for meanwhile', async () => {
		const { world, runner } = inWorld();
		const loading = held();
		world.loadStep = loading.step;
		const first = runner.ask(asked(['a']));
		await until(() => loading.reached() === 1);
		await runner.ask(asked(['b']));
		loading.open();
		await first;
		expect(kinds(runner)).toEqual(['a measured']);
	});
});

describe('a variant that fails', () => {
	test.each(['quota', 'out-of-memory', 'device-lost', 'bad-file', 'blocked', 'network'] as const)(
		'to load with %s gets a row that says so, and the run goes on',
		async (kind) => {
			const { world, runner } = inWorld();
			world.loadStep = (variantId) =>
				variantId === 'a' ? Promise.reject(new Failure(kind, 'Because.')) : Promise.resolve();
			await runner.ask(asked(['a', 'b']));
			expect(kinds(runner)).toEqual(['a failed', 'b measured']);
			expect(rowsOf(runner)[0]).toMatchObject({ failure: { kind, message: 'Because.' } });
			expect(runner.status.kind).toBe('done');
		}
	);

	test('in the middle of its tests does so, too', async () => {
		const { world, runner } = inWorld();
		let runs = 0;
		world.measure = (variantId) =>
			variantId === 'a' && ++runs === 5
				? Promise.reject(new Failure('device-lost', 'The GPU is gone.'))
				: Promise.resolve({ ms: 1, peakBytes: 1 });
		await runner.ask(asked(['a', 'b']));
		expect(kinds(runner)).toEqual(['a failed', 'b measured']);
	});

	test('because the catalogue does not have it any more, too', async () => {
		const { runner } = inWorld();
		await runner.ask(asked(['gone', 'b']));
		expect(kinds(runner)).toEqual(['gone failed', 'b measured']);
	});

	test.each(['elsewhere', 'taken-over', 'no-adapter', 'cancelled'] as const)(
		'with %s pauses the run, since the others would, too',
		async (kind) => {
			const { world, runner } = inWorld();
			world.loadStep = (variantId) =>
				variantId === 'b' ? Promise.reject(new Failure(kind, 'Because.')) : Promise.resolve();
			await runner.ask(asked(['a', 'b', 'c']));
			expect(runner.status).toMatchObject({ kind: 'paused', why: { kind } });
			expect(kinds(runner)).toEqual(['a measured']);
			expect([world.held, world.awake]).toEqual([false, false]);
			world.loadStep = () => Promise.resolve();
			await runner.resume();
			expect(kinds(runner)).toEqual(['a measured', 'b measured', 'c measured']);
		}
	);

	test('while another tab measures, nothing is loaded', async () => {
		const { world, runner } = inWorld();
		world.elsewhere = true;
		await runner.ask(asked(['a']));
		expect(runner.status).toMatchObject({ kind: 'paused', why: { kind: 'elsewhere' } });
		expect(world.said).toEqual(['inspect a']);
	});
});

describe('pause', () => {
	test('ends after the repetition under way, and what was measured is kept', async () => {
		const { world, runner } = inWorld();
		let runs = 0;
		world.measure = () => {
			// Warm-up of two, then the third counted repetition is under way.
			if (++runs === 5) runner.pause();
			return Promise.resolve({ ms: runs, peakBytes: 1 });
		};
		await runner.ask(asked(['a']));
		expect(runner.status).toEqual({ kind: 'paused', why: null });
		expect([runs, world.held, rowsOf(runner)]).toEqual([5, false, []]);
		await runner.resume();
		expect(world.said.filter((each) => each === 'load a')).toHaveLength(1);
		expect(measuredOf(rowsOf(runner)[0]).tests.map(({ samplesMs }) => samplesMs)).toEqual([
			[3, 5, 7],
			[4, 6, 8]
		]);
	});

	test('measures the variant again if it was unloaded meanwhile', async () => {
		const { world, runner } = inWorld();
		let runs = 0;
		world.measure = () => {
			if (++runs === 5) runner.pause();
			return Promise.resolve({ ms: 1, peakBytes: 1 });
		};
		await runner.ask(asked(['a']));
		world.lose();
		await runner.resume();
		expect(world.said.filter((each) => each === 'load a')).toHaveLength(2);
		expect(runs).toBe(5 + 8);
	});

	test('ends a load at once, which begins again on resume', async () => {
		const { world, runner } = inWorld();
		const loading = held();
		world.loadStep = loading.step;
		const running = runner.ask(asked(['a']));
		await until(() => loading.reached() === 1);
		runner.pause();
		expect(runner.status.kind).toBe('pausing');
		await running;
		expect(runner.status).toEqual({ kind: 'paused', why: null });
		loading.open();
		await runner.resume();
		expect(kinds(runner)).toEqual(['a measured']);
	});

	test('also when a person cancels everything that waits for the engine', async () => {
		const { world, runner } = inWorld();
		const loading = held();
		world.loadStep = loading.step;
		const running = runner.ask(asked(['a']));
		await until(() => loading.reached() === 1);
		world.stopHold();
		await running;
		expect(runner.status.kind).toBe('paused');
	});
});

describe('stop', () => {
	test('ends at once, keeps the finished rows and brings back what was loaded', async () => {
		const { world, runner } = inWorld();
		world.loaded_ = { variantId: 'z', contextWindow: 2048 };
		const loading = held((id) => id === 'b');
		world.loadStep = loading.step;
		const running = runner.ask(asked(['a', 'b']));
		await until(() => loading.reached() === 1);
		await runner.stop();
		await running;
		expect([runner.status.kind, runner.run?.state]).toEqual(['done', 'stopped']);
		expect(kinds(runner)).toEqual(['a measured']);
		expect(world.said.at(-1)).toBe('restore z');
		expect([world.held, runner.resumable]).toEqual([false, false]);
	});

	test('of a paused one, too', async () => {
		const { world, runner } = inWorld();
		world.measure = () => {
			runner.pause();
			return Promise.resolve({ ms: 1, peakBytes: 1 });
		};
		await runner.ask(asked(['a']));
		await runner.stop();
		expect([runner.status.kind, runner.run?.state]).toEqual(['done', 'stopped']);
		expect(world.said.at(-1)).toBe('restore nothing');
	});
});

describe('a page that is closed in the middle', () => {
	test('finds its rows again and measures the rest', async () => {
		const { world, runner } = inWorld();
		world.loaded_ = { variantId: 'z', contextWindow: 2048 };
		const loading = held((id) => id === 'b');
		world.loadStep = loading.step;
		void runner.ask(asked(['a', 'b', 'c']));
		await until(() => loading.reached() === 1);
		// The tab is gone; what it wrote stays.
		const next = inWorld(world.disk);
		expect(next.runner.resumable).toBe(true);
		expect(kinds(next.runner)).toEqual(['a measured']);
		await next.runner.resume();
		expect(kinds(next.runner)).toEqual(['a measured', 'b measured', 'c measured']);
		expect(next.world.said.filter((each) => each.startsWith('load'))).toEqual(['load b', 'load c']);
		expect(next.world.said.at(-1)).toBe('restore z');
	});

	test('may go on without the variant at which it ended', async () => {
		const { world, runner } = inWorld();
		const loading = held((id) => id === 'b');
		world.loadStep = loading.step;
		void runner.ask(asked(['a', 'b', 'c']));
		await until(() => loading.reached() === 1);
		const next = inWorld(world.disk);
		expect(next.runner.run?.currentId).toBe('b');
		await next.runner.skip();
		expect(kinds(next.runner)).toEqual(['a measured', 'b failed', 'c measured']);
		expect(next.world.said).not.toContain('load b');
	});

	test('after a pause nothing is to be blamed', async () => {
		const { world, runner } = inWorld();
		world.measure = () => {
			runner.pause();
			return Promise.resolve({ ms: 1, peakBytes: 1 });
		};
		await runner.ask(asked(['a']));
		const next = inWorld(world.disk);
		expect([next.runner.run?.currentId, next.runner.resumable]).toEqual([null, true]);
		await next.runner.skip();
		expect(next.world.said).toEqual([]);
	});

	test('nothing is resumed by itself, and a finished run is not resumable', async () => {
		const { world, runner } = inWorld();
		await runner.ask(asked(['a']));
		const next = inWorld(world.disk);
		expect([next.runner.status.kind, next.runner.resumable]).toEqual(['idle', false]);
		await next.runner.resume();
		expect(next.world.said).toEqual([]);
	});
});

describe('a hidden tab', () => {
	test('has its repetition repeated, and what counts is what was seen', async () => {
		const { world, runner } = inWorld();
		let runs = 0;
		world.measure = () => {
			runs++;
			if (runs === 3) world.hide();
			if (runs === 4) world.hidden_ = false;
			return Promise.resolve({ ms: runs, peakBytes: 1 });
		};
		await runner.ask(asked(['a']));
		const row = measuredOf(rowsOf(runner)[0]);
		// The third run was hidden, the fourth began while it was.
		expect(row.tests[0]).toMatchObject({ samplesMs: [5, 7, 9], repeated: 2 });
		expect(row.marks.map(({ code }) => code)).not.toContain('hidden');
	});

	test('that stays hidden is measured as it is, and marked', async () => {
		const { world, runner } = inWorld();
		world.hidden_ = true;
		await runner.ask(asked(['a']));
		const row = measuredOf(rowsOf(runner)[0]);
		expect(row.marks).toEqual([{ code: 'hidden', test: null }]);
		expect(row.tests[0]).toMatchObject({ samplesMs: [1000, 1000, 1000], repeated: 6 });
	});
});

describe('figures that drift', () => {
	test('are marked and kept', async () => {
		const { world, runner } = inWorld();
		let ms = 1000;
		world.measure = () => Promise.resolve({ ms: (ms += 50), peakBytes: 1 });
		await runner.ask(asked(['a']));
		expect(measuredOf(rowsOf(runner)[0]).marks).toContainEqual({ code: 'drift', test: 'tg128' });
	});
});

test('what was fetched for the run alone is deleted, but for what is in use', async () => {
	const { world, runner } = inWorld();
	world.candidates = { a: { missingBytes: 10 }, b: { missingBytes: 5 } };
	await runner.ask(asked(['a', 'b']));
	await runner.begin();
	world.loaded_ = { variantId: 'b', contextWindow: 4096 };
	await runner.removeFetched();
	expect(world.said.at(-1)).toBe('remove a,b');
	expect(runner.run?.fetched).toEqual(['b']);
	expect(runner.problem?.kind).toBe('in-use');
	world.loaded_ = null;
	await runner.removeFetched();
	expect(runner.run?.fetched).toEqual([]);
	expect(runner.problem).toBeNull();
});
