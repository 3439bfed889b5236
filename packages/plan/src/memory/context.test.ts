import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contextSteps, largestContext, LEAST_WINDOW, windowsUpTo } from './context.ts';
import { maxContextWindow } from './context-limit.ts';
import { judge } from './judge.ts';
import { GiB, knownOf, MiB, qwenFamily, situation } from './samples.fixture.ts';

const variant = qwenFamily.variants[3];
if (!variant) throw new Error('the sample is empty');
const known = knownOf(variant);

describe('windows that are offered', () => {
	it('rise in steps that a person can tell apart, up to the model’s own maximum', () => {
		expect(windowsUpTo(1500)).toEqual([512, 768, 1024, 1280, 1500]);
		expect(windowsUpTo(8192).slice(-4)).toEqual([5120, 6144, 7168, 8192]);
		expect(windowsUpTo(100)).toEqual([100]);
		expect(windowsUpTo(1)).toEqual([1]);
		expect(windowsUpTo(0.5)).toEqual([1]);
		expect(windowsUpTo(512)).toEqual([512]);
		expect(windowsUpTo(4097).slice(-3)).toEqual([3840, 4096, 4097]);
	});

	it('stay few where a file claims any length', () => {
		expect(windowsUpTo(2 ** 53).length).toBeLessThan(2000);
		expect(maxContextWindow({ ...variant, maxContextWindow: 2 ** 53 }, null)).toBe(2 ** 20);
	});
});

describe('the largest that fits', () => {
	it('is the largest offered window with that verdict, for any budget', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 0, max: 2 * GiB }),
				fc.constantFrom('fits' as const, 'tight' as const),
				(bytes, wanted) => {
					const where = situation(bytes);
					const good = ({ verdict }: { verdict: { kind: string } }) =>
						verdict.kind === 'fits' || verdict.kind === wanted;
					const expected = windowsUpTo(32_768)
						.map((window) => judge(variant, window, known, where))
						.filter(good)
						.at(-1);
					expect(largestContext(variant, known, where, wanted)).toEqual(expected ?? null);
				}
			),
			{ numRuns: 40 }
		);
	});

	it('may be the least window of all', () => {
		expect(largestContext(variant, known, situation(460 * MiB))?.contextWindow).toBe(512);
	});

	it('is nothing where not even the least window fits', () => {
		expect(largestContext(variant, known, situation(100 * MiB))).toBeNull();
	});

	it('never exceeds what the model was made for', () => {
		expect(largestContext(variant, known, situation(80 * GiB))?.contextWindow).toBe(32_768);
		expect(maxContextWindow(variant, null)).toBe(32_768);
		expect(LEAST_WINDOW).toBe(512);
	});
});

describe('steps of the slider', () => {
	const steps = contextSteps(variant, known, situation(600 * MiB));

	it('double from 1024 tokens to the maximum', () => {
		expect(steps.map(({ contextWindow }) => contextWindow)).toEqual([
			1024, 2048, 4096, 8192, 16_384, 32_768
		]);
	});

	it('say what each costs more than the one before', () => {
		const perToken = 24 * 2 * 2 * 64 * 2;
		expect(steps[0]?.costBytes).toBeNull();
		// Each page also takes 20 bytes of bookkeeping in an older library.
		expect(steps[2]?.costBytes).toBe(2048 * perToken + 128 * 20);
	});

	it('say where the verdict changes, and only there', () => {
		expect(steps.map(({ verdict, changedFrom }) => [verdict.kind, changedFrom])).toEqual([
			['fits', null],
			['fits', null],
			['fits', null],
			['fits', null],
			['blocked', 'fits'],
			['blocked', null]
		]);
	});

	it('are one for a model that holds less than the first', () => {
		const short = { ...variant, maxContextWindow: 700 };
		expect(contextSteps(short, known, situation(GiB)).map((s) => s.contextWindow)).toEqual([700]);
	});
});
