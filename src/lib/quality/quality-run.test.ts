import { expect, test, vi } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import { Failure } from '../rpc/failure.ts';
import { PROMPTS } from './prompts.ts';
import { differenceOf, keptOf } from './quality.fixture.ts';
import { QualityRun, type Asked, type QualityWorld, type Subject } from './quality-run.svelte.ts';
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

/** A fake of the page: each variant differs by its own divergence; `change` replaces a variant's calls. */
function rig(change: Record<string, Partial<Subject>> = {}) {
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
		restore: () => {
			log.push('restore');
			return Promise.resolve();
		},
		now: () => 5
	};
	const kept: QualityRecord[] = [];
	const run = new QualityRun(world, (record) => kept.push(record));
	return { run, kept, log, stopped };
}

test('variants are compared one after the other, the unquantized one first, and what was loaded comes back', async () => {
	const { run, kept, log } = rig();
	await run.start(asked);
	expect(log).toEqual(['hold', 'load f32', 'load f16', 'load q4', 'restore', 'release']);
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
	expect(log).toEqual(['hold', 'load f32', 'restore', 'release']);
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
	expect(log.slice(-2)).toEqual(['restore', 'release']);
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
