import { describe, expect, test } from 'vitest';
import { chiSquared } from './chi-squared.fixture.ts';
import { Chooser, type Draw } from './choose.ts';
import { kept } from './definition.fixture.ts';

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
});
