import { expect, test } from 'vitest';
import {
	likelyNext,
	MOST_LOADS,
	NO_LOADS,
	parseLoadOrder,
	withLoad,
	type LoadOrder
} from './next.ts';

/** What was loaded, one letter each; a digit after it is the window in thousands. */
const order = (text: string): LoadOrder =>
	text
		.split(' ')
		.reduce(
			(before, each) =>
				withLoad(before, { variantId: each[0]!, contextWindow: Number(each[1] ?? 4) * 1000 }),
			NO_LOADS
		);

test('what mostly followed is likely to follow, with the window it had last', () => {
	expect(likelyNext(order('a b2 a b8 a c a'), 'a')).toEqual({
		variantId: 'b',
		contextWindow: 8000
	});
});

test('once is chance, and nothing follows what was never loaded', () => {
	expect(likelyNext(order('a b a c a'), 'a')).toBeNull();
	expect(likelyNext(order('a b a b a'), 'z')).toBeNull();
	expect(likelyNext(NO_LOADS, 'a')).toBeNull();
});

test('of what followed equally often, the latest; and never what may not be prepared', () => {
	const loads = order('a b a c a c a b a');
	expect(likelyNext(loads, 'a')?.variantId).toBe('b');
	expect(likelyNext(loads, 'a', (id) => id !== 'b')?.variantId).toBe('c');
});

test('another window of the same variant is no other variant', () => {
	expect(likelyNext(order('a2 a4 a2 a4'), 'a')).toBeNull();
});

test('the same load again stands once, and the oldest go', () => {
	expect(order('a a a').loads).toHaveLength(1);
	const many = Array.from({ length: MOST_LOADS + 5 }, (_, i) => 'ab'[i % 2]).join(' ');
	expect(order(many).loads).toHaveLength(MOST_LOADS);
});

test('a stored order is parsed, and what is broken left out', () => {
	const stored = order('a b');
	expect(parseLoadOrder(JSON.parse(JSON.stringify(stored)))).toEqual(stored);
	for (const broken of [null, 3, {}, { version: 2, loads: [] }, { version: 1, loads: 'a' }])
		expect(parseLoadOrder(broken)).toEqual(NO_LOADS);
	expect(
		parseLoadOrder({ version: 1, loads: [{ variantId: '', contextWindow: 1 }, ...stored.loads, 7] })
	).toEqual(stored);
});

test('the last 200 loads are remembered, stored ones too', () => {
	expect(MOST_LOADS).toBe(200);
	const loads = Array.from({ length: 201 }, (_, i) => ({
		variantId: 'ab'[i % 2]!,
		contextWindow: i + 1
	}));
	expect(parseLoadOrder({ version: 1, loads }).loads).toEqual(loads.slice(1));
});

test.each([
	[
		{ variantId: 'x'.repeat(200), contextWindow: 1 },
		{ variantId: 'x'.repeat(201), contextWindow: 1 }
	],
	[
		{ variantId: 'x', contextWindow: 1 },
		{ variantId: 'x', contextWindow: 0 }
	],
	[
		{ variantId: 'x', contextWindow: 1 },
		{ variantId: '', contextWindow: 1 }
	]
])('a stored load is %o, and not %o', (good, bad) => {
	expect(parseLoadOrder({ version: 1, loads: [bad, good] }).loads).toEqual([good]);
});
