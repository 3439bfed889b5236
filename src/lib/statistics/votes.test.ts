import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MOST_QUESTIONS, thumbsByVariant, vote, type Vote } from './votes.ts';

const up = (engineId: string): Vote => ({ engineId, rating: 'up' });
const down = (engineId: string): Vote => ({ engineId, rating: 'down' });

test('thumbs count between answers of several variants to one question, and no others', () => {
	let all = vote([], 'one', [up('a'), down('b')]);
	all = vote(all, 'two', [up('a')]);
	all = vote(all, 'three', [up('b'), up('b')]);
	expect([...thumbsByVariant(all)]).toEqual([
		['a', { up: 1, down: 0 }],
		['b', { up: 0, down: 1 }]
	]);
});

test('a thumb that is taken back or turned is counted as it is now', () => {
	let all = vote([], 'one', [up('a'), down('b')]);
	all = vote(all, 'one', [down('a'), down('b')]);
	expect(thumbsByVariant(all).get('a')).toEqual({ up: 0, down: 1 });
	all = vote(all, 'one', []);
	expect(all).toEqual([]);
});

test('however many questions there are, so many are kept', () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 2 * MOST_QUESTIONS }), (n) => {
			let all: ReturnType<typeof vote> = Array.from({ length: n }, (_, i) => ({
				questionId: String(i),
				votes: [up('a')]
			}));
			all = vote(all, 'last', [up('a')]);
			expect(all.length).toBe(Math.min(n + 1, MOST_QUESTIONS));
			expect(all.at(-1)?.questionId).toBe('last');
		}),
		{ numRuns: 20 }
	);
});
