import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { targetOf } from '../loader.fixture.ts';
import { Ahead, whetherToPrepare, type Seen } from './ahead.ts';

const QUIET: Seen = {
	changed: false,
	loading: false,
	failed: false,
	writing: false,
	loaded: false
};

test.each<[Partial<Seen>, ReturnType<typeof whetherToPrepare>]>([
	[{}, 'yes'],
	[{ changed: true }, 'no'],
	[{ loading: true }, 'no'],
	[{ failed: true }, 'no'],
	[{ loaded: true }, 'no'],
	[{ writing: true }, 'later'],
	[{ writing: true, loaded: true }, 'later'],
	[{ writing: true, changed: true }, 'no']
])('what is chosen while %o: %s', (seen, expected) => {
	expect(whetherToPrepare({ ...QUIET, ...seen })).toBe(expected);
});

describe('ahead of the next load', () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	function world() {
		const done: string[] = [];
		const state = { choice: { id: 'a' }, seen: { ...QUIET } };
		const ahead = new Ahead({
			choice: () => state.choice,
			see: () => state.seen,
			target: () => targetOf(state.choice.id),
			prepareSpare: () => void done.push('spare'),
			prepare: ({ variant }) => {
				done.push(variant.id);
				return Promise.resolve();
			}
		});
		return { ahead, state, done };
	}

	test('an engine is imported once nothing is written or loaded any more', () => {
		const { ahead, state, done } = world();
		state.seen.writing = true;
		ahead.spare();
		vi.advanceTimersByTime(2_000);
		Object.assign(state.seen, { writing: false, loading: true });
		vi.advanceTimersByTime(2_000);
		expect(done).toEqual([]);
		state.seen.loading = false;
		vi.advanceTimersByTime(2_000);
		vi.advanceTimersByTime(60_000);
		expect(done).toEqual(['spare']);
	});

	test('of several choices in a hurry the last one is prepared', () => {
		const { ahead, state, done } = world();
		for (const id of ['a', 'b', 'c']) {
			state.choice = { id };
			ahead.chosen();
			vi.advanceTimersByTime(300);
		}
		vi.advanceTimersByTime(60_000);
		expect(done).toEqual(['c']);
	});

	test('a choice made during an answer is prepared after it, unless it changed', () => {
		const { ahead, state, done } = world();
		state.seen.writing = true;
		ahead.chosen();
		vi.advanceTimersByTime(60_000);
		expect(done).toEqual([]);
		state.seen.writing = false;
		vi.advanceTimersByTime(400);
		expect(done).toEqual(['a']);
		state.seen.writing = true;
		ahead.chosen();
		vi.advanceTimersByTime(1_000);
		state.choice = { id: 'b' };
		state.seen.writing = false;
		vi.advanceTimersByTime(60_000);
		expect(done).toEqual(['a']);
	});

	test('nothing is prepared after it was stopped', () => {
		const { ahead, done } = world();
		ahead.spare();
		ahead.chosen();
		ahead.stop();
		vi.advanceTimersByTime(60_000);
		expect(done).toEqual([]);
	});
});
