import { expect, test } from 'vitest';
import { Failure } from '../rpc/failure.ts';
import { differenceOf, keptOf } from './quality.fixture.ts';
import { ownNats, referenceProblem, wrongResults } from './reference.ts';

const sound = {
	answers: [[keptOf(0.5), keptOf(0.9)], [keptOf(0.8)]],
	itself: [differenceOf(), differenceOf()],
	unquantized: null
};
/** So many of a hundred positions agree. */
const agreeing = (n: number) =>
	Array.from({ length: 100 }, (_, i) => differenceOf({ sameToken: i < n }));

test('a sound reference has no problem', () => {
	expect(referenceProblem(sound)).toBeNull();
	expect(referenceProblem({ ...sound, unquantized: agreeing(98) })).toBeNull();
});

test('a reference that differs from itself is refused', () => {
	for (const change of [{ divergence: 1e-12 }, { sameToken: false }])
		expect(
			referenceProblem({ ...sound, itself: [differenceOf(), differenceOf(change)] })
		).toMatchObject({ kind: 'not-repeatable' });
});

test('a reference that finds its own answers unlikely is refused', () => {
	// Mean of -ln 0.1 and -ln 0.5: 1.498; with 0.49 instead 1.508.
	expect(referenceProblem({ ...sound, answers: [[keptOf(0.1), keptOf(0.5)]] })).toBeNull();
	expect(referenceProblem({ ...sound, answers: [[keptOf(0.1), keptOf(0.49)]] })).toMatchObject({
		kind: 'unlikely-answers'
	});
});

test('a reference that another unquantized variant contradicts is refused', () => {
	expect(referenceProblem({ ...sound, unquantized: agreeing(97) })).toMatchObject({
		kind: 'unquantized-disagree'
	});
});

test('what is computed wrongly is told with what to do, other failures are not', () => {
	const problem = wrongResults(new Failure('bad-logits', 'NaN'));
	expect(problem?.message).toContain('computes wrongly here');
	expect(problem?.advice).toMatch(/f32.*browser.*driver/);
	expect(wrongResults(new Failure('device-lost', 'Lost'))).toBeNull();
});

test('no answers have no mean', () => {
	expect(ownNats([])).toBeNull();
	expect(ownNats([[keptOf(0.25)], [keptOf(0.5)]])).toBeCloseTo(1.5 * Math.LN2, 7);
});
