import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chiSquared } from './chi-squared.fixture.ts';
import { Chooser, probabilities, type Draw } from './choose.ts';

/**
 * The definition, without any shortcut: all tokens in order of probability, ties by id, and the cumulative
 * probabilities of the prefix that top_p keeps, renormalized.
 */
function kept(logits: Float32Array, temperature: number, topP: number) {
	const p = probabilities64(logits, temperature);
	const order = [...p.keys()].sort((a, b) => p[b]! - p[a]! || a - b);
	const tokens: number[] = [];
	const cumulative: number[] = [];
	let mass = 0;
	for (const token of order) {
		if (mass >= Math.max(topP, 1e-5)) break;
		mass += p[token]!;
		tokens.push(token);
		cumulative.push(mass);
	}
	return { tokens, cumulative: cumulative.map((c) => c / mass) };
}
function probabilities64(logits: Float32Array, temperature: number): number[] {
	const top = Math.max(...logits);
	const masses = [...logits].map((x) =>
		temperature <= 1e-5 ? Number(x === top) : Math.exp((x - top) / temperature)
	);
	const total = masses.reduce((a, b) => a + b, 0);
	return masses.map((mass) => mass / total);
}
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
			{ numRuns: 2000 }
		);
		expect(compared).toBeGreaterThan(1000);
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

/**
 * A right sampler fails one of these six tests in 170,000 runs. A new seed each run; a failure prints it, and
 * CHI_SEED=... repeats the run.
 */
const ALPHA = 1e-6;
const DRAWS = 20_000;

describe('over 20,000 draws', { timeout: 60_000 }, () => {
	const seed = Number(process.env.CHI_SEED ?? Math.floor(Math.random() * 2 ** 31));
	/** mulberry32 */
	const random = (state: number) => () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
	/** Evenly spread, so that many tokens are likely enough to be counted, whatever the seed. */
	const logitsOf = (vocabulary: number, next: () => number) =>
		Float32Array.from({ length: vocabulary }, () => 6 * next());
	function testDraws(
		logits: Float32Array,
		drawn: Draw,
		as: { temperature: number; topP: number },
		draws = DRAWS
	) {
		const next = random(seed ^ 0x5eed);
		const chooser = new Chooser();
		const counts = new Map<number, number>();
		for (let i = 0; i < draws; i++) {
			const token = chooser.choose(logits, { ...drawn, uniform: next() });
			counts.set(token, (counts.get(token) ?? 0) + 1);
		}
		const { tokens, cumulative } = kept(logits, as.temperature, as.topP);
		const wanted = new Map(
			tokens.map((token, i) => [token, cumulative[i]! - (cumulative[i - 1] ?? 0)])
		);
		return chiSquared(counts, wanted, draws);
	}

	test.each([
		[1, 1],
		[1, 0.9],
		[0.7, 0.95],
		[0.7, 0.5],
		[2, 1],
		[1.5, 0.3]
	])('at temperature %d and top_p %d the shares are the right ones', (temperature, topP) => {
		const logits = logitsOf(1024, random(seed));
		const found = testDraws(logits, { temperature, topP, uniform: 0 }, { temperature, topP });
		console.log(
			`chi-squared at temperature ${temperature}, top_p ${topP}: p = ${found.pValue.toFixed(4)} with ${found.degrees} degrees of freedom (seed ${seed})`
		);
		expect(found.degrees, `seed ${seed}`).toBeGreaterThan(20);
		expect(found.pValue, `seed ${seed}`).toBeGreaterThan(ALPHA);
	});
	test('the test notices a temperature that is 10% off, and a top_p that was ignored', () => {
		const logits = logitsOf(1024, random(seed));
		const off = testDraws(
			logits,
			{ temperature: 0.77, topP: 1, uniform: 0 },
			{ temperature: 0.7, topP: 1 },
			// 20,000 leave some seeds just above the bound.
			3 * DRAWS
		);
		const ignored = testDraws(
			logits,
			{ temperature: 1, topP: 1, uniform: 0 },
			{ temperature: 1, topP: 0.95 }
		);
		expect(off.pValue, `seed ${seed}`).toBeLessThan(ALPHA);
		expect(ignored.pValue, `seed ${seed}`).toBeLessThan(ALPHA);
	});
	test('the chance of a deviation is computed as tables have it', () => {
		const even = (counts: number[]) => {
			const draws = counts.reduce((a, b) => a + b, 0);
			return chiSquared(
				new Map(counts.entries()),
				new Map([...counts.keys()].map((i) => [i, 1 / counts.length])),
				draws
			);
		};
		// 3.841 with one degree of freedom, and 18.307 with ten, are the 5% points.
		const one = even([100 + 98.0 / 10, 100 - 98.0 / 10 + 0]);
		expect(one.statistic).toBeCloseTo(1.9208, 4);
		expect(one.pValue).toBeCloseTo(0.1658, 3);
		expect(even([58, 42]).pValue).toBeCloseTo(0.1096, 3);
		expect(even([50, 50]).pValue).toBe(1);
		expect(chiSquared(new Map([[7, 1]]), new Map([[6, 1]]), 1).pValue).toBe(0);
	});
});
