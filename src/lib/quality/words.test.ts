import { expect, test } from 'vitest';
import { DEFAULT_BOUND } from './bound.ts';
import { recordOf, summaryOf } from './quality.fixture.ts';
import { alertWords, EXPLANATIONS, figures, HEADINGS, scopeOf, tooFew } from './words.ts';

const of = (change: Parameters<typeof summaryOf>[0], departures: (number | null)[] = []) =>
	figures(recordOf({ summary: summaryOf(change), departures }));

test('figures come with their errors', () => {
	expect(of({ sameToken: 0.9876, divergence: 0.00215 }, [null, 4, 2, 9])).toEqual({
		sameToken: '98.8% ± 0.2%',
		divergence: '0.0022 ± 0.00022',
		tail: '0.0011, 0.017, 0.11',
		perplexityRatio: '1.0024 ± 0.0006',
		departures: '3 of 4, at token 5'
	});
	expect(of({ divergence: 2.54e-8 }).divergence).toBe('2.5e−8 ± 2.5e−9');
	expect(of({ divergence: 0 }).divergence).toBe('0 ± 0');
	expect(of({}, [null, null]).departures).toBe('0 of 2');
});

test('a lower bound is shown as one', () => {
	expect(of({ divergence: 0.2, lowerBounds: 1 }).divergence).toBe('≥ 0.2 ± 0.02');
});

test('without an unquantized reference the comparison is named otherwise', () => {
	expect(scopeOf(0, [4, 0])).toBe('unquantized');
	expect(scopeOf(4, [4])).toBe('arithmetic');
	expect(scopeOf(4, [4, 3])).toBe('fewer-bits');
	expect(HEADINGS.arithmetic).toBe('Differences of arithmetic only');
	expect(EXPLANATIONS.arithmetic).toContain('do not show what quantization costs');
});

test('a mark says why', () => {
	expect(alertWords([], DEFAULT_BOUND)).toBe('');
	expect(alertWords(['sameToken', 'divergence'], DEFAULT_BOUND)).toBe(
		'Differs strongly: same next token below 90%, mean KLD above 0.1.'
	);
	expect(alertWords(['sameToken'], { ...DEFAULT_BOUND, sameToken: 0.955 })).toContain('95.5%');
});

test('too few positions are counted', () => {
	expect(tooFew(1)).toContain('Only 1 position:');
	expect(tooFew(99)).toContain('Only 99 positions: statistics need at least 100');
});
