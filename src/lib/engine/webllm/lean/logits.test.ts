import { expect, test } from 'vitest';
import { adjust, largest, type Adjustments } from './logits.ts';

const none: Adjustments = {
	logitBias: null,
	presencePenalty: 0,
	frequencyPenalty: 0,
	repetitionPenalty: 1,
	counts: new Map()
};
function adjusted(logits: number[], by: Partial<Adjustments>) {
	const found = Float32Array.from(logits);
	adjust(found, { ...none, ...by });
	return [...found];
}

test('a bias is added to the logit of its token', () => {
	expect(adjusted([1, 2, 3], { logitBias: { 0: 5, 2: -100 } })).toEqual([6, 2, -97]);
});
test('each penalty counts by itself, also where it is 1', () => {
	const counts = new Map([[0, 1]]);
	expect(adjusted([4, 4], { presencePenalty: 1, counts })).toEqual([3, 4]);
	expect(adjusted([4, 4], { frequencyPenalty: 1, counts })).toEqual([3, 4]);
	expect(adjusted([4, 4], { repetitionPenalty: 2, counts })).toEqual([2, 4]);
	expect(adjusted([4, 4], { counts })).toEqual([4, 4]);
});
test('ids outside of the vocabulary change nothing', () => {
	expect(adjusted([1, 2], { logitBias: { 2: 5, '-1': 5, x: 5 } })).toEqual([1, 2]);
	expect(adjusted([1, 2], { presencePenalty: 1, counts: new Map([[7, 1]]) })).toEqual([1, 2]);
});
test('presence counts once, frequency for each time, and tokens not yet generated keep their logit', () => {
	const counts = new Map([
		[0, 1],
		[2, 3]
	]);
	expect(adjusted([4, 4, 4], { presencePenalty: 0.5, frequencyPenalty: 0.25, counts })).toEqual([
		3.25, 4, 2.75
	]);
});
test('repetition divides what is positive and multiplies what is negative, after the other penalties', () => {
	const counts = new Map([
		[0, 1],
		[1, 1]
	]);
	expect(adjusted([4, -1, 4], { repetitionPenalty: 2, counts })).toEqual([2, -2, 4]);
	expect(adjusted([0.5, -0.5], { repetitionPenalty: 2, counts })).toEqual([0.25, -1]);
	expect(adjusted([1, 3, 4], { presencePenalty: 2, repetitionPenalty: 2, counts })).toEqual([
		-2, 0.5, 4
	]);
});
test('the bias comes before the penalties', () => {
	expect(
		adjusted([1, 0], { logitBias: { 0: 3 }, repetitionPenalty: 2, counts: new Map([[0, 1]]) })
	).toEqual([2, 0]);
});
test('every step is rounded to f32, as on the GPU', () => {
	const [found] = adjusted([0.1], {
		presencePenalty: 0.3,
		frequencyPenalty: 0.7,
		repetitionPenalty: 1.1,
		counts: new Map([[0, 3]])
	});
	const f = Math.fround;
	const x = f(f(0.1) - f(f(0.3) + f(3 * f(0.7))));
	expect(found).toBe(f(x * f(1.1)));
});

test('logits down to -1e38 are logits', () => {
	expect(largest(Float32Array.of(-0.95e38, -3e38))).toBe(Math.fround(-0.95e38));
	expect(() => largest(Float32Array.of(-1.05e38))).toThrow('no usable probabilities');
});
