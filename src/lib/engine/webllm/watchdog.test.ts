import { expect, test } from 'vitest';
import { HEARTBEAT_MS, SILENT_LIMIT_MS, Watchdog } from './watchdog.ts';

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
