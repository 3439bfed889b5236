import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Chooser, probabilities, type Draw } from './choose.ts';
import { kept, probabilities64 } from './definition.fixture.ts';
import { runs } from '../../../../../tests/support/runs.ts';

function reference(logits: Float32Array, { temperature, topP, uniform }: Draw) {
	const { tokens, cumulative } = kept(logits, temperature, topP);
	const index = cumulative.findIndex((c) => c > uniform);
	const at = index < 0 ? tokens.length - 1 : index;
	const border = Math.min(...cumulative.map((c) => Math.abs(c - uniform)));
	// The cut itself is at a border of top_p, where rounding decides too.
	return { token: tokens[at], border };
}

const choose = (logits: number[] | Float32Array, draw: Partial<Draw> = {}) =>
	new Chooser().choose(Float32Array.from(logits), {
		temperature: 1,
		topP: 1,
		uniform: 0.5,
		...draw
	});

/** In steps of 1/64: closer ones are told apart by rounding alone, which may differ. Equal ones occur. */
const logitArrays = fc
	.array(fc.integer({ min: -4000, max: 4000 }), { minLength: 1, maxLength: 400 })
	.map((list) => Float32Array.from(list, (n) => n / 64));
const uniforms = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

describe('greedy', () => {
	test('the largest logit is taken, whatever the uniform number', () => {
		fc.assert(
			fc.property(
				fc.uniqueArray(
					fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 99), max: 2 ** 99 }),
					{
						minLength: 1
					}
				),
				uniforms,
				(list, uniform) => {
					const logits = Float32Array.from(list);
					expect(choose(logits, { temperature: 0, uniform })).toBe(
						logits.indexOf(Math.max(...logits))
					);
				}
			)
		);
	});
	test('equal largest logits share the draw in order of their ids', () => {
		const logits = [1, 9, 2, 9, 9, 0];
		expect(
			[0, 0.34, 0.67, 1].map((uniform) => choose(logits, { temperature: 0, uniform }))
		).toEqual([1, 3, 4, 4]);
		expect(
			[0, 0.49, 0.5, 0.99].map((uniform) => choose(logits, { temperature: 0, topP: 0.6, uniform }))
		).toEqual([1, 1, 3, 3]);
		expect(choose(logits, { temperature: 1e-6, topP: 0.2, uniform: 0.99 })).toBe(1);
	});
});

describe('above temperature 0', () => {
	test('the token is the one that the definition gives for the same uniform number', () => {
		let compared = 0;
		fc.assert(
			fc.property(
				logitArrays,
				fc.double({ min: 0.05, max: 2, noNaN: true }),
				fc.double({ min: 0.01, max: 1, noNaN: true }),
				uniforms,
				(logits, temperature, topP, uniform) => {
					const wanted = reference(logits, { temperature, topP, uniform });
					// Within rounding of a border either neighbour is right.
					fc.pre(wanted.border > 1e-9);
					compared++;
					expect(choose(logits, { temperature, topP, uniform })).toBe(wanted.token);
				}
			),
			{ numRuns: runs(4000) }
		);
		expect(compared).toBeGreaterThan(runs(2000));
	});
	test('a number at the border of two tokens draws the second, and one at the cut keeps the first alone', () => {
		expect([0, 0.25, 0.5, 0.75].map((uniform) => choose([3, 3, 3, 3], { uniform }))).toEqual([
			0, 1, 2, 3
		]);
		expect(choose([3, 3], { topP: 0.5, uniform: 0.99 })).toBe(0);
		expect(choose([3, 3], { topP: 0.51, uniform: 0.99 })).toBe(1);
	});
	test('probabilities are summed up with eleven digits', () => {
		for (const part of [0.25, 0.5, 0.75, 0.99]) {
			const logit = -Math.fround(part / 64);
			const border = 1 / (1 + Math.exp(logit));
			expect(choose([0, logit], { uniform: border - 5e-12 })).toBe(0);
			expect(choose([0, logit], { uniform: border + 5e-12 })).toBe(1);
		}
	});
	test('the largest logit alone is taken up to a temperature of 1e-5, as MLC does', () => {
		const nearly = Float32Array.of(0, -1e-6);
		const at = (temperature: number) => choose(nearly, { temperature, uniform: 0.99 });
		expect([0, Math.fround(1e-5), 1.05e-5].map(at)).toEqual([0, 0, 1]);
		const shares = (temperature: number) => [...probabilities(nearly, temperature)];
		expect(shares(Math.fround(1e-5))).toEqual([1, 0]);
		expect(shares(1.05e-5)[1]).toBeGreaterThan(0.4);
	});
	test('a top_p of 0 keeps one equal logit in a hundred thousand', () => {
		const equal = (size: number) =>
			choose(new Float32Array(size), { temperature: 0, topP: 0, uniform: 0.99 });
		expect([equal(1), equal(100_000), equal(200_000)]).toEqual([0, 0, 1]);
	});
	test('equal logits stay in order of their ids', () => {
		const logits = Float32Array.from({ length: 8 }, () => 3);
		expect(Array.from({ length: 8 }, (_, i) => choose(logits, { uniform: (i + 0.5) / 8 }))).toEqual(
			[0, 1, 2, 3, 4, 5, 6, 7]
		);
		expect(
			Array.from({ length: 4 }, (_, i) => choose(logits, { topP: 0.5, uniform: (i + 0.5) / 4 }))
		).toEqual([0, 1, 2, 3]);
	});
	test('a uniform number that rounded to 1 stays within what top_p keeps', () => {
		expect(choose([3, 2, 1, 0], { topP: 0.7, uniform: 1 })).toBe(1);
		expect(choose([3, 2, 1, 0], { topP: 1, uniform: 1 })).toBe(3);
	});
	test('a token that a grammar forbids is never drawn', () => {
		const forbidden = -3.4028234663852886e38;
		fc.assert(
			fc.property(uniforms, fc.double({ min: 0, max: 2, noNaN: true }), (uniform, temperature) => {
				expect([1, 3]).toContain(choose([forbidden, 2, -Infinity, 1.5], { temperature, uniform }));
			})
		);
	});
});

describe('logits that are no numbers', () => {
	test.each([
		['NaN', [1, NaN, 2], 'NaN for token 1'],
		['infinity', [1, 2, Infinity], 'infinity for token 2'],
		['a mask that forbids every token', [-3e38, -3e38], 'every token forbidden'],
		['numbers below all logits', [-1.05e38], 'every token forbidden'],
		['only -infinity', [-Infinity], 'every token forbidden'],
		['none', [], 'no logits']
	])('%s ends the draw with a typed failure', (_, logits, found) => {
		for (const temperature of [0, 1]) {
			const failing = () => choose(logits, { temperature });
			expect(failing).toThrow(
				expect.objectContaining({
					name: 'Failure',
					kind: 'bad-logits',
					detail: { expected: 'finite logits', found }
				})
			);
			expect(() => probabilities(Float32Array.from(logits), temperature)).toThrow(
				expect.objectContaining({ kind: 'bad-logits' })
			);
		}
	});
});

describe('probabilities for log probabilities', () => {
	test('are the softmax with temperature in f32', () => {
		fc.assert(
			fc.property(logitArrays, fc.double({ min: 0.05, max: 2, noNaN: true }), (logits, t) => {
				const found = probabilities(logits, t);
				for (const [token, wanted] of probabilities64(logits, t).entries())
					expect(found[token]).toBe(Math.fround(wanted));
			}),
			{ numRuns: 50 }
		);
	});
	test('are 1 and 0 when greedy, and equal shares for equal logits', () => {
		expect([...probabilities(Float32Array.of(1, 3, 2), 1e-6)]).toEqual([0, 1, 0]);
		expect([...probabilities(Float32Array.of(3, 3, 2), 0)]).toEqual([0.5, 0.5, 0]);
	});
});
