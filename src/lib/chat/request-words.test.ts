import { expect, test } from 'vitest';
import { add, begin, block, EMPTY_QUEUE, finish } from '../runner/requests.ts';
import { countsOf, placeOf, standing } from './request-words.ts';

const ask = (queue = EMPTY_QUEUE, id = 'a', nowMs = 0) =>
	add(queue, { id, origin: id, class: 'chat' }, nowMs);
const two = ask(ask(), 'b');
const running = begin(ask(two, 'c'), 'a', 1_000);

test('the numbers of what runs and what waits are said, and no zero', () => {
	expect([countsOf(running), countsOf(two)]).toEqual(['1 running, 2 waiting', '2 waiting']);
	expect(countsOf(begin(ask(), 'a', 0))).toBe('1 running');
	expect([countsOf(ask()), countsOf(EMPTY_QUEUE)]).toEqual(['1 waiting', '']);
});

test('a place is the number of requests before it', () => {
	expect([placeOf(running, 'b'), placeOf(running, 'c')]).toEqual(['next', '2 before it']);
	expect([placeOf(two, 'a'), placeOf(two, 'b')]).toEqual(['next', '1 before it']);
	// It has just begun, or ended.
	expect(placeOf(two, 'nobody')).toBe('next');
});

test('how long a request runs, waits and may take is said where it is known', () => {
	const [b, c] = running.waiting;
	expect(standing(running, running.running!, 4_000)).toBe('Running for 3 s');
	expect(placeOf(running, 'nobody')).toBe('next');
	expect(standing(running, running.running!, 3_500)).toBe('Running for 3 s');
	expect(standing(running, c!, 4_000)).toBe('Waiting for 4 s, 2 before it');
	const known = begin(finish(running, 'a', 11_000, { completed: true }), 'b', 11_000);
	expect(standing(known, known.running!, 15_000)).toBe('Running for 4 s, about 6 s left');
	expect(standing(known, known.waiting[0]!, 15_000)).toBe(
		'Waiting for 15 s, next, about 16 s left'
	);
	expect(standing(block(running, 'b'), b!, 4_000)).toMatch(/until the failed answer/);
});

test('long times are said to the second', () => {
	const known = begin(finish(running, 'a', 1_201_000, { completed: true }), 'b', 1_201_000);
	expect(standing(known, known.running!, 1_201_000)).toBe('Running for 0 s, about 20 min 0 s left');
	expect(standing(running, running.running!, 1_201_000)).toBe('Running for 20 min 0 s');
	expect(standing(running, running.waiting[1]!, 1_201_000)).toMatch(/^Waiting for 20 min 1 s/);
});
