import { describe, expect, test } from 'vitest';
import { letterOf, shuffled, withPick } from './wins.ts';

describe('picks', () => {
	test('count for the winner against each of the others, and say nothing of those among themselves', () => {
		expect(withPick([], ['c', 'a', 'b'], 'b')).toEqual([
			{ a: 'a', b: 'b', aWins: 0, bWins: 1, ties: 0 },
			{ a: 'b', b: 'c', aWins: 1, bWins: 0, ties: 0 }
		]);
	});
	test('add up by pair, whatever order they were shown in', () => {
		const once = withPick([], ['b', 'a'], 'a');
		const twice = withPick(once, ['a', 'b'], 'b');
		expect(withPick(twice, ['a', 'b'], null)).toEqual([
			{ a: 'a', b: 'b', aWins: 1, bWins: 1, ties: 1 }
		]);
	});
	test('of no difference count for every pair', () => {
		expect(withPick([], ['a', 'b', 'c'], null).map(({ ties }) => ties)).toEqual([1, 1, 1]);
	});
	test('keep the newest thousand pairs', () => {
		const ids = Array.from({ length: 50 }, (_, i) => `v${i}`);
		const all = withPick([], ids, null);
		expect(all).toHaveLength(1000);
		expect(all.at(-1)).toMatchObject({ ties: 1 });
	});
});

test('shuffling keeps every item, and draws each order', () => {
	expect(shuffled([1, 2, 3], () => 0)).toEqual([2, 3, 1]);
	expect(shuffled([1, 2, 3], () => 0.999)).toEqual([1, 2, 3]);
	expect(shuffled([1, 2, 3]).sort()).toEqual([1, 2, 3]);
});

test('letters go on after Z', () => {
	expect([0, 25, 26, 52].map(letterOf)).toEqual(['A', 'Z', 'AA', 'BA']);
});
