import { afterEach, describe, expect, test, vi } from 'vitest';
import { Failure, type FailureKind } from '../rpc/failure.ts';
import { gpuIsBack, gpuStaysAway, Recoveries, smallerHelps, worthRepeating } from './recovery.ts';

const failure = (kind: FailureKind, detail = {}) => new Failure(kind, 'It failed.', detail);

test('what must fail again is never repeated', () => {
	const hopeless: FailureKind[] = [
		'blocked',
		'unsupported',
		'out-of-memory',
		'gpu-error',
		'bad-file',
		'quota',
		'no-adapter',
		'cancelled',
		'tab-died'
	];
	for (const kind of hopeless) {
		expect(worthRepeating(failure(kind), 'loading')).toBe(false);
		expect(worthRepeating(failure(kind), 'running')).toBe(false);
	}
});

test('a device the engine destroyed itself while loading is not asked for again', () => {
	const destroyed = failure('device-lost', { reason: 'destroyed' });
	expect(worthRepeating(destroyed, 'loading')).toBe(false);
	expect(worthRepeating(destroyed, 'running')).toBe(true);
	expect(worthRepeating(failure('device-lost', { reason: 'unknown' }), 'loading')).toBe(true);
});

test('a runtime that ended itself while loading is not started on the same again', () => {
	const exit = failure('worker-died', { exit: 1 });
	expect(worthRepeating(exit, 'loading')).toBe(false);
	expect(worthRepeating(exit, 'running')).toBe(true);
});

test('each cause is recovered from once, until a person asks again', () => {
	const recoveries = new Recoveries();
	expect(recoveries.spend(failure('worker-died'), 'loading')).toBe(true);
	expect(recoveries.spend(failure('worker-died'), 'running')).toBe(false);
	expect(recoveries.spend(failure('device-lost'), 'running')).toBe(true);
	recoveries.renew();
	expect(recoveries.spend(failure('worker-died'), 'loading')).toBe(true);
});

test('something smaller is offered when memory ran out and not when a file is missing', () => {
	expect(smallerHelps(failure('out-of-memory'))).toBe(true);
	expect(smallerHelps(failure('device-lost'))).toBe(true);
	expect(smallerHelps(failure('network'))).toBe(false);
	expect(smallerHelps(failure('bad-file'))).toBe(false);
});

describe('waiting for the GPU', () => {
	const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
	afterEach(() => {
		vi.restoreAllMocks();
		if (before) Object.defineProperty(globalThis, 'navigator', before);
		else Reflect.deleteProperty(globalThis, 'navigator');
	});

	/** A browser that offers an adapter from so many asks on, and a clock that does not wait. */
	function browser(gpu: { from: number; fails?: boolean } | null) {
		const counts = { asks: 0, waitedMs: 0 };
		const requestAdapter = () => {
			counts.asks++;
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
			queueMicrotask(run);
			return 0;
		}) as never);
		return { counts, stop: () => timer.mockRestore() };
	}

	test.each([
		[0, true, 1, 0],
		[3, true, 4, 750],
		[24, true, 25, 6_000],
		[25, false, 25, 6_000]
	])('that comes after %d asks: %s', async (from, back, asks, waitedMs) => {
		const { counts, stop } = browser({ from });
		const result = await gpuIsBack(new AbortController().signal);
		stop();
		expect([result, counts]).toEqual([back, { asks, waitedMs }]);
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
