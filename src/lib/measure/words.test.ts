import { expect, test } from 'vitest';
import { distributionWords, downloadWords, figure, markLines, ratioWords } from './words.ts';

test.each([
	[1234.5, '1,235'],
	[31.44, '31.4'],
	[9.996, '10.0'],
	[0.523, '0.52'],
	[NaN, 'unknown']
])('%s is written %s', (value, words) => {
	expect(figure(value)).toBe(words);
});

test('a spread without a deviation is its mean', () => {
	expect(distributionWords({ mean: 31.44, deviation: 0.231 })).toBe('31.4 ± 0.23');
	expect(distributionWords({ mean: 31.44, deviation: null })).toBe('31.4');
});

test('a speed-up is a factor', () => {
	expect(ratioWords(1.516)).toBe('×1.52');
});

test('a mark names its tests, and the same one is said once', () => {
	expect(
		markLines(
			[
				{ code: 'drift', test: 'pp512' },
				{ code: 'battery', test: null },
				{ code: 'drift', test: 'tg128' },
				{ code: 'window', test: null }
			],
			{ contextWindow: 2048 }
		)
	).toEqual([
		'pp512, tg128: it slowed down: heat or another program.',
		'Running on battery.',
		'Measured with 2,048 tokens of context, the most this model holds.'
	]);
});

const twoOf = { variantIds: ['a', 'b'], leftOut: [], fetchedIds: [], baselineId: 'a' };

test.each([
	[{ downloadBytes: 0, unknownSizes: 0 }, '2 variants to measure, all on disk.'],
	[{ downloadBytes: 2 ** 30, unknownSizes: 0 }, '2 variants to measure. To download: 1.00 GiB.'],
	[
		{ downloadBytes: 2 ** 30, unknownSizes: 1 },
		'2 variants to measure. To download: 1.00 GiB and 1 of unknown size.'
	],
	[{ downloadBytes: 0, unknownSizes: 1 }, '2 variants to measure. To download: 1 of unknown size.']
])('what is asked for: %j', (change, words) => {
	expect(downloadWords({ ...twoOf, ...change })).toBe(words);
});

test('what a comparison asks for speaks of answers: not all of them are a variant’s', () => {
	const plan = { ...twoOf, downloadBytes: 2 ** 30, unknownSizes: 0 };
	expect(downloadWords(plan, 'compare')).toBe('2 answers to compare. To download: 1.00 GiB.');
});
