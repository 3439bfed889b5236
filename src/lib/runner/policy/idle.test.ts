import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { IdleTimer, isIdle } from './idle.ts';

const MINUTE_MS = 60_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('idle is what has not been used for the whole time; without a time, nothing is', () => {
	expect(isIdle(5, 5 * MINUTE_MS)).toBe(true);
	expect(isIdle(5, 5 * MINUTE_MS - 1)).toBe(false);
	expect(isIdle(null, Infinity)).toBe(false);
});

test('calls back once for each stretch of idleness, by the setting as it is then', () => {
	let minutes: number | null = null;
	const calls: number[] = [];
	const timer = new IdleTimer(
		() => minutes,
		(each) => calls.push(each)
	);
	vi.advanceTimersByTime(60 * MINUTE_MS);
	expect(calls).toEqual([]);
	minutes = 2;
	vi.advanceTimersByTime(MINUTE_MS);
	expect(calls).toEqual([2]);
	timer.used();
	vi.advanceTimersByTime(1.75 * MINUTE_MS);
	expect(calls).toEqual([2]);
	vi.advanceTimersByTime(0.5 * MINUTE_MS);
	expect(calls).toEqual([2, 2]);
	timer.stop();
	vi.advanceTimersByTime(60 * MINUTE_MS);
	expect(calls).toEqual([2, 2]);
});
