import { afterEach, expect, test, vi } from 'vitest';
import { HEARTBEAT_MS, SILENT_LIMIT_MS, watch, Watchdog } from './watchdog.ts';

/** Looks every two seconds; returns after how many it gives up, Infinity if it does not. */
function looksUntilSilent(working: boolean, heardEvery: number | null, looks = 100): number {
	const dog = new Watchdog(0);
	for (let look = 1; look <= looks; look++) {
		if (heardEvery !== null && look % heardEvery === 0) dog.heard();
		if (dog.look(look * 2_000, working)) return look;
	}
	return Infinity;
}

test('a worker that says nothing is given up after the limit, later while it works', () => {
	const idle = looksUntilSilent(false, null) * 2_000;
	const working = looksUntilSilent(true, null) * 2_000;
	expect(idle).toBeGreaterThan(SILENT_LIMIT_MS.idle);
	expect(idle).toBeLessThan(SILENT_LIMIT_MS.idle + 5_000);
	expect(working).toBeGreaterThan(SILENT_LIMIT_MS.working);
});

test('a worker that is heard now and then is never given up', () => {
	expect(looksUntilSilent(false, 5)).toBe(Infinity);
});

test('a page that slept for an hour gives a worker the same time as any other', () => {
	const dog = new Watchdog(0);
	expect(dog.look(3_600_000, false)).toBe(false);
	expect(dog.look(3_602_000, false)).toBe(false);
	dog.heard();
	expect(dog.look(3_604_000, false)).toBe(false);
});

test('a heartbeat may be lost several times over before the limit', () => {
	expect(SILENT_LIMIT_MS.idle / HEARTBEAT_MS).toBeGreaterThanOrEqual(5);
});

test.each([
	[true, 60_000],
	[false, 20_000]
])('a worker that works (%s) may be silent for %d ms, and no longer', (working, limitMs) => {
	const dog = new Watchdog(0);
	for (let nowMs = 2_000; nowMs <= limitMs; nowMs += 2_000)
		expect(dog.look(nowMs, working)).toBe(false);
	dog.heard();
	for (let nowMs = limitMs + 2_000; nowMs <= 2 * limitMs; nowMs += 2_000)
		expect(dog.look(nowMs, working)).toBe(false);
	expect(dog.look(2 * limitMs + 1, working)).toBe(true);
});

test('a sleep counts as two looks, and a clock that goes back as none', () => {
	const slept = new Watchdog(0);
	slept.look(3_600_000, false);
	// 4 of 20 s are gone.
	expect(slept.look(3_604_000, false)).toBe(false);
	for (const seconds of [8, 12, 16])
		expect(slept.look(3_600_000 + seconds * 1000, false)).toBe(false);
	expect(slept.look(3_616_001, false)).toBe(true);
	const back = new Watchdog(10_000);
	expect(back.look(0, false)).toBe(false);
	for (const seconds of [4, 8, 12, 16, 20]) expect(back.look(seconds * 1000, false)).toBe(false);
	expect(back.look(20_001, false)).toBe(true);
});

afterEach(() => vi.useRealTimers());

test('the page looks every two seconds, tells of a silent worker once, and then looks no more', () => {
	vi.useFakeTimers();
	const dog = new Watchdog(performance.now());
	const silent = vi.fn();
	const asked = vi.fn(() => false);
	watch(dog, asked, silent);
	vi.advanceTimersByTime(2_000);
	expect(asked).toHaveBeenCalledTimes(1);
	vi.advanceTimersByTime(18_000);
	expect([asked.mock.calls.length, silent.mock.calls.length]).toEqual([10, 0]);
	vi.advanceTimersByTime(60_000);
	expect([asked.mock.calls.length, silent.mock.calls.length]).toEqual([11, 1]);

	const stopped = vi.fn();
	const stop = watch(new Watchdog(performance.now()), asked, stopped);
	stop();
	vi.advanceTimersByTime(60_000);
	expect(stopped).not.toHaveBeenCalled();
	expect(vi.getTimerCount()).toBe(0);
});
