import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import {
	ended,
	failedOf,
	mergeOutcomes,
	NO_OUTCOMES,
	outcomesSchema,
	successRatio,
	type Ending
} from './outcomes.ts';

const endings = fc.array(
	fc.oneof(
		fc.constantFrom<Ending>({ kind: 'complete' }, { kind: 'stopped' }, { kind: 'unknown' }),
		fc
			.constantFrom('device-lost', 'out-of-memory', 'engine')
			.map((failure): Ending => ({ kind: 'failed', failure }))
	)
);
const all = (given: readonly Ending[]) => given.reduce(ended, NO_OUTCOMES);

test('every ending is begun once and counted where it belongs', () => {
	fc.assert(
		fc.property(endings, (given) => {
			const outcomes = all(given);
			const of = (kind: Ending['kind']) => given.filter((each) => each.kind === kind).length;
			expect(outcomes.begun).toBe(given.length);
			expect([outcomes.complete, outcomes.stopped, failedOf(outcomes)]).toEqual([
				of('complete'),
				of('stopped'),
				of('failed')
			]);
		})
	);
});

test('merged is the same as counted in one pass', () => {
	fc.assert(
		fc.property(endings, endings, (a, b) => {
			expect(mergeOutcomes(all(a), all(b))).toEqual(all([...a, ...b]));
		})
	);
});

test('the success rate leaves out what a person stopped, and what nobody knows the end of', () => {
	expect(successRatio(NO_OUTCOMES)).toBeNull();
	expect(successRatio(all([{ kind: 'stopped' }, { kind: 'unknown' }]))).toBeNull();
	expect(
		successRatio(
			all([
				{ kind: 'complete' },
				{ kind: 'complete' },
				{ kind: 'complete' },
				{ kind: 'stopped' },
				{ kind: 'failed', failure: 'engine' }
			])
		)
	).toBe(0.75);
});

test('stored outcomes never say that fewer began than ended', () => {
	expect(
		v.parse(outcomesSchema, { begun: 1, complete: 5, stopped: 1, failed: { engine: 2 } })
	).toEqual({ begun: 8, complete: 5, stopped: 1, failed: { engine: 2 } });
	expect(v.parse(outcomesSchema, { begun: 3, complete: 'x', failed: [1] })).toEqual({
		...NO_OUTCOMES,
		begun: 3
	});
	expect(v.parse(outcomesSchema, 'nothing')).toEqual(NO_OUTCOMES);
});
