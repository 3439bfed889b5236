import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestThatFits } from './choice.ts';
import { contextSteps, largestContext } from './context.ts';
import { judge, judgeAs, NOTHING_KNOWN, type Knowledge } from './judge.ts';
import { savedBytes, tokenSampling, type LeanSetting } from './lean.ts';
import { newerQwen, newerQwenMetadata } from './newer-libraries.fixture.ts';
import { GiB, MiB, qwenFamily, situation } from './samples.fixture.ts';
import type { VerdictKind } from './verdict.ts';
import { qwenVariant } from './worked-example.fixture.ts';

const kinds: VerdictKind[] = ['fits', 'tight', 'blocked'];
const outcome = (kind: VerdictKind, peakBytes: number | null = null) => ({
	verdict: { kind },
	estimate: peakBytes === null ? null : { peakBytes }
});

describe('the setting', () => {
	test('automatic samples on the CPU where that turns tight or blocked into fits, and nowhere else', () => {
		for (const engine of kinds)
			for (const lean of kinds)
				expect(
					tokenSampling('automatic', outcome(engine, 900), outcome(lean, 500)),
					`${engine} becomes ${lean}`
				).toBe(engine !== 'fits' && lean === 'fits' ? 'lean' : 'engine');
	});
	test('automatic leaves it to the engine where nothing is saved, or it is not known', () => {
		for (const [engine, lean] of [
			[900, 900],
			[null, 900],
			[900, null],
			[NaN, 500],
			[500, 900]
		] as const)
			expect(tokenSampling('automatic', outcome('tight', engine), outcome('fits', lean))).toBe(
				'engine'
			);
	});
	test('always and never hold whatever the plans say', () => {
		fc.assert(
			fc.property(fc.constantFrom(...kinds), fc.constantFrom(...kinds), (engine, lean) => {
				expect(tokenSampling('always', outcome(engine), outcome(lean))).toBe('lean');
				expect(tokenSampling('never', outcome(engine), outcome(lean))).toBe('engine');
			})
		);
	});
	test('what is saved is never negative or NaN', () => {
		fc.assert(
			fc.property(fc.option(fc.double()), fc.option(fc.double()), (engine, lean) => {
				expect(savedBytes(outcome('fits', engine), outcome('fits', lean))).toBeGreaterThanOrEqual(
					0
				);
			})
		);
	});
});

describe('the plan', () => {
	const variant = qwenVariant('q4f16_1', { maxContextWindow: 32_768 });
	const facts = newerQwen('q4f16_1', {
		memory_usage: {
			...newerQwenMetadata('q4f16_1').memory_usage,
			argsort_probs: 0,
			sample_with_top_p: 0
		}
	});
	const known = (setting: LeanSetting | null, change: Partial<Knowledge> = {}): Knowledge => ({
		...NOTHING_KNOWN,
		facts,
		...(setting && { lean: { setting, measured: [], failedWindow: null } }),
		...change
	});
	const within = (bytes: number) => situation(bytes);
	const engine = judgeAs('engine', variant, 4096, known(null), within(8 * GiB));
	const lean = judgeAs('lean', variant, 4096, known(null), within(8 * GiB));
	const [enginePeak, leanPeak] = [engine.estimate!.peakBytes, lean.estimate!.peakBytes];

	test('without the six buffers for a batch of 128 takes 445 MiB less', () => {
		expect(Math.round((enginePeak - leanPeak) / MiB)).toBe(445);
		expect(lean.estimate!.samplingBytes).toBe(0);
	});
	test('samples on the CPU only where the budget makes it necessary, and says what that saves', () => {
		const roomy = judge(variant, 4096, known('automatic'), within(enginePeak / 0.8));
		expect(roomy).toMatchObject({ sampling: 'engine', savedBytes: 0, verdict: { kind: 'fits' } });
		for (const share of [0.85, 1]) {
			const small = within(enginePeak / share);
			expect(judge(variant, 4096, known(null), small).verdict.kind).not.toBe('fits');
			expect(judge(variant, 4096, known('automatic'), small)).toMatchObject({
				sampling: 'lean',
				savedBytes: enginePeak - leanPeak,
				estimate: { peakBytes: leanPeak, samplingBytes: 0 },
				verdict: { kind: 'fits' }
			});
		}
		const tiny = judge(variant, 4096, known('automatic'), within(leanPeak / 0.85));
		expect(tiny).toMatchObject({ sampling: 'engine', verdict: { kind: 'blocked' } });
	});
	test('follows always and never everywhere', () => {
		expect(judge(variant, 4096, known('always'), within(8 * GiB))).toMatchObject({
			sampling: 'lean',
			estimate: { peakBytes: leanPeak }
		});
		expect(judge(variant, 4096, known('never'), within(enginePeak))).toMatchObject({
			sampling: 'engine',
			verdict: { kind: 'blocked' }
		});
	});
	test('takes what was measured with the same way of sampling, and no other', () => {
		const seen = (peakBytes: number) => [
			{ contextWindow: 4096, afterLoadBytes: 300 * MiB, peakBytes }
		];
		const both = known('always', {
			measured: seen(900 * MiB),
			lean: { setting: 'always', measured: seen(450 * MiB), failedWindow: 2048 }
		});
		expect(judge(variant, 4096, both, within(8 * GiB))).toMatchObject({
			estimate: { peakBytes: 450 * MiB, confidence: 'measured' },
			verdict: { kind: 'tight', reasons: [{ code: 'failed-here-before' }] }
		});
		const engineOnly = { ...both, lean: { ...both.lean!, setting: 'never' as const } };
		expect(judge(variant, 4096, engineOnly, within(8 * GiB))).toMatchObject({
			estimate: { peakBytes: 900 * MiB },
			verdict: { kind: 'fits' }
		});
	});
	test('where a load with the engine’s sampling ran out of memory, automatic samples on the CPU', () => {
		const failed = known('automatic', { failedWindow: 1024 });
		expect(judge(variant, 4096, failed, within(8 * GiB))).toMatchObject({
			sampling: 'lean',
			verdict: { kind: 'fits' }
		});
	});

	const rank = { fits: 0, tight: 1, blocked: 2 };
	const budgets = fc.integer({ min: 100 * MiB, max: 4 * GiB });
	const windows = fc.integer({ min: 256, max: 32_768 });
	test('more budget never makes the automatic verdict worse, and more context never makes it better', () => {
		fc.assert(
			fc.property(budgets, budgets, windows, windows, (a, b, c, d) => {
				const judged = (bytes: number, window: number) =>
					rank[judge(variant, window, known('automatic'), within(bytes)).verdict.kind];
				const window = Math.min(c, d);
				expect(judged(Math.max(a, b), window)).toBeLessThanOrEqual(judged(Math.min(a, b), window));
				expect(judged(a, window)).toBeLessThanOrEqual(judged(a, Math.max(c, d)));
			})
		);
	});
	test('automatic is never worse than the engine’s own sampling', () => {
		fc.assert(
			fc.property(budgets, windows, (bytes, window) => {
				const by = (setting: LeanSetting) => judge(variant, window, known(setting), within(bytes));
				expect(rank[by('automatic').verdict.kind]).toBeLessThanOrEqual(
					rank[by('never').verdict.kind]
				);
			})
		);
	});
	test('offers, best fit and the largest window see the same plan', () => {
		const family = { ...qwenFamily, variants: [variant] };
		const small = within(enginePeak / 0.9);
		const wish = { priority: 'quality', floor: null, contextWindow: 4096 } as const;
		expect(bestThatFits([family], wish, () => known('never'), small)).toBeNull();
		expect(bestThatFits([family], wish, () => known('automatic'), small)).toMatchObject({
			variant,
			sampling: 'lean',
			contextWindow: 4096
		});
		const largest = (setting: LeanSetting) =>
			largestContext(variant, known(setting), small)?.contextWindow ?? 0;
		expect(largest('automatic')).toBeGreaterThan(largest('never'));
	});
	test('a step to a larger window costs what it takes, also where the way of sampling changes', () => {
		const steps = contextSteps(variant, known('automatic'), within(enginePeak / 0.79));
		expect(new Set(steps.map(({ sampling }) => sampling))).toEqual(new Set(['engine', 'lean']));
		for (const { costBytes } of steps.slice(1)) expect(costBytes).toBeGreaterThan(0);
	});
});
