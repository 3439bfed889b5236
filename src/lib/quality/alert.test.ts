import { expect, test } from 'vitest';
import { beyond, differsStrongly } from './alert.ts';
import { DEFAULT_BOUND } from './bound.ts';
import type { Summary } from './summary.ts';
import { recordOf, summaryOf } from './quality.fixture.ts';

const of = (sameToken: number, divergence: number): Summary => summaryOf({ sameToken, divergence });

test('a variant is marked below 90% same tokens or above a mean divergence of 0.1', () => {
	expect(beyond(of(0.9, 0.1), DEFAULT_BOUND)).toEqual([]);
	expect(beyond(of(0.899, 0.1), DEFAULT_BOUND)).toEqual(['sameToken']);
	expect(beyond(of(0.9, 0.101), DEFAULT_BOUND)).toEqual(['divergence']);
	expect(beyond(of(0.5, 2), DEFAULT_BOUND)).toEqual(['sameToken', 'divergence']);
});

test('the bound can be set', () => {
	expect(beyond(of(0.95, 0.01), { sameToken: 0.99, divergence: 0.001 })).toEqual([
		'sameToken',
		'divergence'
	]);
	expect(beyond(of(0.5, 2), { ...DEFAULT_BOUND, sameToken: 0.5, divergence: 2 })).toEqual([]);
});

test('one that was not measured, or is the reference, is not marked', () => {
	const measured = (divergence: number) =>
		({ kind: 'measured', record: recordOf({ summary: of(0.99, divergence) }) }) as const;
	expect(differsStrongly(measured(0.2), DEFAULT_BOUND)).toBe(true);
	expect(differsStrongly(measured(0.05), DEFAULT_BOUND)).toBe(false);
	expect(differsStrongly({ kind: 'reference' }, DEFAULT_BOUND)).toBe(false);
	expect(differsStrongly(null, DEFAULT_BOUND)).toBe(false);
});
