import { expect, test } from 'vitest';
import { beyond, DEFAULT_BOUND } from './alert.ts';
import type { Summary } from './summary.ts';
import { summaryOf } from './quality.fixture.ts';

const of = (sameToken: number, divergence: number): Summary => summaryOf({ sameToken, divergence });

test('a variant is marked below 90% same tokens or above a mean divergence of 0.1', () => {
	expect(beyond(of(0.9, 0.1))).toEqual([]);
	expect(beyond(of(0.899, 0.1))).toEqual(['sameToken']);
	expect(beyond(of(0.9, 0.101))).toEqual(['divergence']);
	expect(beyond(of(0.5, 2))).toEqual(['sameToken', 'divergence']);
});

test('the bound can be set', () => {
	expect(beyond(of(0.95, 0.01), { sameToken: 0.99, divergence: 0.001 })).toEqual([
		'sameToken',
		'divergence'
	]);
	expect(beyond(of(0.5, 2), { ...DEFAULT_BOUND, sameToken: 0.5, divergence: 2 })).toEqual([]);
});
