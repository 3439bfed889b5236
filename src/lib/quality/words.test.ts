import { expect, test } from 'vitest';
import { DEFAULT_BOUND } from './alert.ts';
import { summaryOf } from './quality.fixture.ts';
import { alertWords, figures, headingOf, scopeOf, tooFew } from './words.ts';

test('figures come with their errors', () => {
	expect(figures(summaryOf({ sameToken: 0.9876, divergence: 0.00215 }))).toEqual({
		sameToken: '98.8% ± 0.2%',
		divergence: '0.0022 ± 0.00022',
		perplexityRatio: '1.0024 ± 0.0006'
	});
	expect(figures(summaryOf({ divergence: 2.54e-8 })).divergence).toBe('2.5e−8 ± 2.5e−9');
	expect(figures(summaryOf({ divergence: 0 })).divergence).toBe('0 ± 0');
});

test('a lower bound is shown as one', () => {
	expect(figures(summaryOf({ divergence: 0.2, lowerBounds: 1 })).divergence).toBe('≥ 0.2 ± 0.02');
});

test('a family without an unquantized variant says that it compares arithmetic', () => {
	expect(headingOf(false)).toBe('Differences of arithmetic only');
	expect(scopeOf(false)).toContain('no unquantized variant');
	expect(headingOf(true)).toContain('unquantized');
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
