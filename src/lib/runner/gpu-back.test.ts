import { afterEach, describe, expect, test, vi } from 'vitest';
import { gpuIsBack, gpuStaysAway } from './gpu-back.ts';
import { failure } from './loader.fixture.ts';

describe('waiting for the GPU', () => {
	const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
	afterEach(() => {
		vi.restoreAllMocks();
		if (before) Object.defineProperty(globalThis, 'navigator', before);
		else Reflect.deleteProperty(globalThis, 'navigator');
	});

	/** A browser that offers an adapter from so many asks on, and a clock that does not wait. */
	function browser(gpu: { from: number; fails?: boolean } | null) {
		const counts = { asks: 0, waitedMs: 0, tooEarly: 0 };
		let waits = false;
		const requestAdapter = () => {
			counts.asks++;
			if (waits) counts.tooEarly++;
			if (gpu?.fails && counts.asks === 1) return Promise.reject(new Error('Not now.'));
			return Promise.resolve(gpu && counts.asks > gpu.from ? {} : null);
		};
		Object.defineProperty(globalThis, 'navigator', {
			value: gpu ? { gpu: { requestAdapter } } : {},
			configurable: true
		});
		const timer = vi.spyOn(globalThis, 'setTimeout');
		timer.mockImplementation(((run: () => void, ms: number) => {
			counts.waitedMs += ms;
			waits = true;
			queueMicrotask(() => {
				waits = false;
				run();
			});
			return 0;
		}) as never);
		return { counts, stop: () => timer.mockRestore() };
	}

	test('that gives no answer ends with the limit, or with whoever waits', async () => {
		const requestAdapter = () => new Promise(() => {});
		Object.defineProperty(globalThis, 'navigator', {
			value: { gpu: { requestAdapter } },
			configurable: true
		});
		expect(await gpuIsBack(new AbortController().signal, 20)).toBe(false);
		const waiting = new AbortController();
		const back = gpuIsBack(waiting.signal);
		waiting.abort();
		expect(await back).toBe(false);
	});

	test.each([
		[0, true, 1, 0],
		[3, true, 4, 750],
		[24, true, 25, 6_000],
		[25, false, 25, 6_000]
	])('that comes after %d asks: %s', async (from, back, asks, waitedMs) => {
		const { counts, stop } = browser({ from });
		const result = await gpuIsBack(new AbortController().signal);
		stop();
		expect([result, counts]).toEqual([back, { asks, waitedMs, tooEarly: 0 }]);
	});

	test('goes on where the browser refuses once', async () => {
		const { counts, stop } = browser({ from: 1, fails: true });
		const result = await gpuIsBack(new AbortController().signal);
		stop();
		expect([result, counts.asks]).toEqual([true, 2]);
	});

	test('ends at once where there is none, and after the next ask where it was cancelled', async () => {
		const none = browser(null);
		const found = await gpuIsBack(new AbortController().signal);
		none.stop();
		expect(found).toBe(false);
		const { counts, stop } = browser({ from: 9 });
		const result = await gpuIsBack(AbortSignal.abort());
		stop();
		expect([result, counts.asks]).toEqual([false, 1]);
	});

	test('in vain is told with its cause', () => {
		expect(gpuStaysAway(failure('device-lost', { reason: 'unknown' }))).toMatchObject({
			kind: 'no-adapter',
			detail: { reason: 'unknown', after: 'device-lost' }
		});
	});
});
