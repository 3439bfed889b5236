import { expect, test, vi } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import { Failure } from '../rpc/failure.ts';
import { PROMPTS } from './prompts.ts';
import { differenceOf, keptOf } from './quality.fixture.ts';
import { parseOpenRuns, type Asked, type OpenRun } from './open-run.ts';
import { QualityRun, type QualityWorld, type Subject } from './quality-run.svelte.ts';
import type { QualityRecord } from './record.ts';

/** Positions of each answer. */
const LENGTH = 20;
const asked: Asked = {
	referenceId: 'f32',
	others: [
		{ variantId: 'q4', unquantized: false },
		{ variantId: 'f16', unquantized: true }
	],
	prompts: PROMPTS
};
const answerOf = (divergence: number, sameToken = true) =>
	Array.from({ length: LENGTH }, () => differenceOf({ divergence, sameToken }));

/** What outlives the page. */
const aDisk = (): { open: OpenRun | null; reference: unknown } => ({ open: null, reference: null });
/** As it would be read again. */
const stored = (open: OpenRun | null) =>
	parseOpenRuns(JSON.parse(JSON.stringify({ version: 1, run: open }))).run;

/** A fake of the page: each variant differs by its own divergence; `change` replaces a variant's calls. */
function rig(change: Record<string, Partial<Subject>> = {}, disk = aDisk()) {
	const log: string[] = [];
	const stopped = new AbortController();
	const divergences: Record<string, number> = { f32: 0, f16: 1e-6, q4: 0.25 };
	const world: QualityWorld = {
		adapter: 'a GPU',
		hold: () => {
			log.push('hold');
			return Promise.resolve({ stopped: stopped.signal, release: () => log.push('release') });
		},
		load: (variantId, signal) => {
			log.push(`load ${variantId}`);
			if (signal.aborted) return Promise.reject(new Failure('cancelled', 'Cancelled.'));
			return Promise.resolve({
				libraryUrl: `https://site.test/${variantId}.wasm`,
				keepAnswer: () => Promise.resolve(Array.from({ length: LENGTH }, () => keptOf(0.9))),
				compareAnswer: () => Promise.resolve(answerOf(divergences[variantId] ?? 0)),
				...change[variantId]
			});
		},
		libraryUrlOf: (id) => `https://site.test/${id}.wasm`,
		loaded: () => ({ variantId: 'z', contextWindow: 2048 }),
		restore: (before) => {
			log.push(`restore ${before?.variantId ?? 'nothing'}`);
			return Promise.resolve();
		},
		open: {
			get run() {
				return stored(disk.open);
			},
			set: (run) => {
				disk.open = run;
				return Promise.resolve();
			}
		},
		reference: {
			read: () => Promise.resolve(structuredClone(disk.reference)),
			write: (value) => {
				disk.reference = value;
				return Promise.resolve();
			}
		},
		now: () => 5
	};
	const kept: QualityRecord[] = [];
	const run = new QualityRun(world, (record) => kept.push(record));
	return { run, kept, log, stopped, disk };
}

test('variants are compared one after the other, the unquantized one first, and what was loaded comes back', async () => {
	const { run, kept, log } = rig();
	await run.start(asked);
	expect(log).toEqual(['hold', 'load f32', 'load f16', 'load q4', 'restore z', 'release']);
	expect(run.problem).toBeNull();
	expect(run.rows.map(({ kind, variantId }) => [kind, variantId])).toEqual([
		['measured', 'f16'],
		['measured', 'q4']
	]);
	expect(kept[1]).toMatchObject({
		...{ variantId: 'q4', referenceId: 'f32', adapter: 'a GPU', set: 'v1-24x64', at: 5 },
		libraryUrl: 'https://site.test/q4.wasm',
		referenceLibraryUrl: 'https://site.test/f32.wasm',
		summary: { positions: LENGTH * PROMPTS.length, divergence: { value: 0.25 } },
		departures: PROMPTS.map(() => null)
	});
	expect(run.status).toEqual({ kind: 'idle' });
});

test('progress says what is being done', async () => {
	const comparing = gate();
	const { run } = rig({
		q4: { compareAnswer: () => comparing.step().then(() => answerOf(0.25)) }
	});
	const running = run.start(asked);
	expect(run.status.kind).toBe('waiting');
	await comparing.reached;
	expect(run.status).toEqual({
		...{ kind: 'running', variantId: 'q4', step: 'comparing' },
		...{ done: 0, total: PROMPTS.length }
	});
	comparing.open();
	await running;
});

test('a variant that fails gets a row that says why, and the others go on', async () => {
	const { run, kept } = rig({
		f16: { compareAnswer: () => Promise.reject(new Failure('bad-logits', 'NaN')) }
	});
	await run.start(asked);
	expect(run.rows).toMatchObject([
		{
			kind: 'failed',
			variantId: 'f16',
			message: 'This model computes wrongly here: its probabilities are not numbers.'
		},
		{ kind: 'measured', variantId: 'q4' }
	]);
	expect(kept).toHaveLength(1);
});

test('a reference that computes wrongly ends the run with what to do', async () => {
	const { run, log } = rig({
		f32: { keepAnswer: () => Promise.reject(new Failure('bad-logits', 'NaN')) }
	});
	await run.start(asked);
	expect(run.problem?.message).toContain('computes wrongly here');
	expect(run.problem?.advice).not.toBe('');
	expect(log).toEqual(['hold', 'load f32', 'restore z', 'release']);
});

test('a reference that differs from itself is compared with nothing', async () => {
	const { run, log } = rig({
		f32: { compareAnswer: () => Promise.resolve(answerOf(1e-9)) }
	});
	await run.start(asked);
	expect(run.problem?.message).toContain('different results');
	expect(log).not.toContain('load f16');
	expect(run.rows).toEqual([]);
});

test('where the unquantized variants disagree nothing is concluded', async () => {
	const { run, kept, log } = rig({
		f16: { compareAnswer: () => Promise.resolve(answerOf(1, false)) }
	});
	await run.start(asked);
	expect(run.problem?.message).toContain('disagree');
	expect(kept).toEqual([]);
	expect(log).not.toContain('load q4');
});

test('below a hundred positions there are no figures', async () => {
	const { run, kept } = rig();
	await run.start({ ...asked, prompts: PROMPTS.slice(0, 4) });
	expect(run.rows).toMatchObject([
		{ kind: 'too-few', variantId: 'f16', positions: 80 },
		{ kind: 'too-few', variantId: 'q4', positions: 80 }
	]);
	expect(kept).toEqual([]);
});

test.each(['here', 'elsewhere'])('a stop %s keeps the rows that are finished', async (where) => {
	const { run, kept, log, stopped } = rig({
		q4: {
			compareAnswer: (_, { signal }) => {
				if (where === 'here') run.stop();
				else stopped.abort();
				expect(signal.aborted).toBe(true);
				return Promise.reject(new Failure('cancelled', 'Cancelled.'));
			}
		}
	});
	await run.start(asked);
	expect(kept.map(({ variantId }) => variantId)).toEqual(['f16']);
	expect(run.rows).toHaveLength(1);
	expect(run.problem).toBeNull();
	expect(log.slice(-2)).toEqual(['restore z', 'release']);
});

test('a second start waits for nothing and changes nothing', async () => {
	const { run, log } = rig();
	const running = run.start(asked);
	await run.start(asked);
	await running;
	expect(log.filter((line) => line === 'hold')).toHaveLength(1);
	const again = vi.fn();
	await run.start(asked).then(again);
	expect(again).toHaveBeenCalledOnce();
	expect(log.filter((line) => line === 'hold')).toHaveLength(2);
});

/** A run whose page is gone in the middle of its second variant. */
async function leftBehind() {
	const comparing = gate();
	const first = rig({ q4: { compareAnswer: () => comparing.step().then(() => answerOf(0.25)) } });
	void first.run.start(asked);
	await comparing.reached;
	return structuredClone(first.disk);
}

test('after its page was closed a run goes on where it was, with the reference that was kept', async () => {
	const disk = await leftBehind();
	const { run, kept, log } = rig({}, disk);
	expect(run.interrupted).toMatchObject({ rows: [{ variantId: 'f16' }] });
	await run.resume();
	expect(log).toEqual(['hold', 'load q4', 'restore z', 'release']);
	expect(run.rows.map(({ kind, variantId }) => [kind, variantId])).toEqual([
		['measured', 'f16'],
		['measured', 'q4']
	]);
	expect(kept).toMatchObject([{ variantId: 'q4', summary: { divergence: { value: 0.25 } } }]);
	expect([run.interrupted, disk]).toEqual([null, { open: null, reference: null }]);
});

test.each([
	['is not there', null],
	['is of another library', { version: 1, key: 'another', answers: [] }],
	['is damaged', { version: 1, key: 7, answers: 'none' }]
])('a kept reference that %s is measured again', async (_, reference) => {
	const disk = { ...(await leftBehind()), reference };
	const { run, log } = rig({}, disk);
	await run.resume();
	expect(log).toEqual(['hold', 'load f32', 'load q4', 'restore z', 'release']);
	expect(run.rows).toHaveLength(2);
});

test('what was interrupted can be given up, and what had been loaded comes back', async () => {
	const { run, log, disk } = rig({}, await leftBehind());
	await run.discard();
	expect([run.interrupted, log]).toEqual([null, ['restore z']]);
	expect(disk).toEqual({ open: null, reference: null });
});

test('another tab that takes the engine interrupts it, and it can go on', async () => {
	let taken = true;
	const { run, kept } = rig({
		q4: {
			compareAnswer: () =>
				taken
					? Promise.reject(new Failure('taken-over', 'Another tab uses the GPU now.'))
					: Promise.resolve(answerOf(0.25))
		}
	});
	await run.start(asked);
	expect(run.problem?.message).toBe('Another tab uses the GPU now.');
	expect(run.interrupted?.rows).toMatchObject([{ variantId: 'f16' }]);
	taken = false;
	await run.resume();
	expect(kept.map(({ variantId }) => variantId)).toEqual(['f16', 'q4']);
});

test('stopped by a person, it is over', async () => {
	const comparing = gate();
	const { run, disk } = rig({
		q4: { compareAnswer: () => comparing.step().then(() => answerOf(0.25)) }
	});
	const running = run.start(asked);
	await comparing.reached;
	run.stop();
	comparing.fail(new Failure('cancelled', 'Cancelled.'));
	await running;
	expect([run.interrupted, disk.reference]).toEqual([null, null]);
});
