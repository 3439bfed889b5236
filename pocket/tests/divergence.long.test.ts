import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { PositionDifference } from '../../src/lib/engine/position.ts';
import { ANSWER_TOKENS, PROMPTS } from '../../src/lib/quality/prompts.ts';
import { ENOUGH_POSITIONS, summarize, type Summary } from '../../src/lib/quality/summary.ts';
import { type VariantName, variants } from '../model/architecture.ts';
import { type Engine, startEngine } from './engine.ts';
import { ids, opening, referenceOf, turn } from './source.ts';

const REFERENCE = 'q0f32';
/** Three of each kind. */
const questions = PROMPTS.slice(0, 18).map(({ text }) => text);

/** Logarithms of the probabilities of every token, at every position of the answers, by the plain implementation. */
function plainly(name: VariantName, answers: readonly (readonly number[])[]): Float64Array[] {
	const model = referenceOf(name);
	return answers.flatMap((answer, i) => {
		model.reset();
		let logits = model.prefill(ids(opening + turn(questions[i]!)));
		return answer.map((token, at) => {
			const total = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
			const logs = Float64Array.from(logits, (x) => x - total);
			if (at + 1 < answer.length) logits = model.step(token);
			return logs;
		});
	});
}

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Every token counts here: nothing is left to a rest. */
const meanDivergence = (reference: readonly Float64Array[], other: readonly Float64Array[]) =>
	mean(
		reference.map((logs, i) =>
			logs.reduce((sum, p, token) => sum + Math.exp(p) * (p - other[i]![token]!), 0)
		)
	);

function describeDivergence(
	float: 'f16' | 'f32',
	browser: () => string | undefined,
	/** Allowed between the engine's mean and the plain one's. */
	within: { relative: number; absolute: number }
) {
	const others = (Object.keys(variants) as VariantName[]).filter(
		(name) => variants[name].float === float && name !== REFERENCE
	);
	let engine: Engine;
	let answers: number[][] = [];
	let reference: Float64Array[] = [];
	const report: string[] = [];

	beforeAll(async () => {
		const path = browser();
		if (path === undefined) throw new Error('There is no browser for these variants');
		engine = await startEngine(path);
		await engine.load({ variant: REFERENCE });
		answers = await engine.keepAnswers(questions, ANSWER_TOKENS);
		reference = plainly(REFERENCE, answers);
	});
	afterAll(async () => {
		await engine?.close();
		console.log(report.join('\n'));
	});

	test('the answers have enough positions', () => {
		expect(answers.flat().length).toBeGreaterThanOrEqual(ENOUGH_POSITIONS);
	});

	test('the reference compared with itself differs by exactly 0', async () => {
		const differences = (await engine.compareAnswers()).flat();
		expect(differences.map(({ divergence }) => divergence)).toEqual(differences.map(() => 0));
		expect(summarize(differences)).toMatchObject({
			sameToken: { value: 1, error: 0 },
			divergence: { value: 0, largest: 0 },
			perplexityRatio: { value: 1, error: 0 }
		});
	});

	test.each(others)('%s differs as by the plain implementation', async (name) => {
		await engine.load({ variant: name, lean: variants[name].weights === 'q4' });
		const differences: PositionDifference[] = (await engine.compareAnswers()).flat();
		const plain = plainly(name, answers);
		const wanted = meanDivergence(reference, plain);
		const summary = summarize(differences) as Summary;
		const found = summary.divergence.value;
		const apart = Math.abs(found - wanted);
		report.push(
			`${name}: ${differences.length} positions, mean divergence ${found.toExponential(4)}, by the plain implementation ${wanted.toExponential(4)} (${(apart / wanted).toExponential(1)} relative, ${apart.toExponential(1)} apart), largest ${summary.divergence.largest.toExponential(2)}, same token ${summary.sameToken.value}, perplexity ratio ${summary.perplexityRatio.value.toFixed(6)}`
		);
		expect(apart).toBeLessThan(Math.max(within.relative * wanted, within.absolute));
		expect(summary.lowerBounds).toBe(0);
		const tokens = answers.flat();
		const ratio = Math.exp(
			mean(tokens.map((token, i) => reference[i]![token]! - plain[i]![token]!))
		);
		expect(summary.perplexityRatio.value).toBeCloseTo(ratio, float === 'f32' ? 5 : 3);
	});
}

describe('f32', () => {
	describeDivergence('f32', () => inject('chromium').path, { relative: 1e-3, absolute: 1e-7 });
});

const f16 = inject('f16Chromium');
const because = f16.path === undefined ? ` (skipped: ${f16.reason})` : '';
describe.skipIf(f16.path === undefined)(`f16${because}`, () => {
	describeDivergence('f16', () => f16.path, { relative: 0.05, absolute: 1e-6 });
});
