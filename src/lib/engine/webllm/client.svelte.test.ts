import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Failure } from '../../rpc/failure.ts';
import { FakePort } from '../../rpc/port.fixture.ts';
import { WebLlmEngine } from './client.ts';
import { answered } from '../engine.fixture.ts';
import { keepPosition } from '../position.ts';
import type { LoadRequest, LoadResult, MeterReading } from '../protocol.ts';
import { SILENT_LIMIT_MS } from './watchdog.ts';

const request = (id = 'a') => ({ record: { model_id: id }, overrides: {} }) as LoadRequest;
const reading: MeterReading = { liveBytes: 7, peakBytes: 9, buffers: 2 };
const result: LoadResult = {
	afterLoadBytes: 5,
	afterFirstTokenBytes: 7,
	peakBytes: 9,
	buffers: 2,
	heapBytes: null,
	sizes: {
		afterLoad: [[5, 1]],
		afterFirstToken: [
			[5, 1],
			[2, 1]
		]
	},
	loadMs: 1,
	firstTokenMs: 1,
	tokenSampling: 'engine',
	software: true,
	leanProblem: null
};
const signal = new AbortController().signal;
const onPhase = () => undefined;
const question = { messages: [], sampling: {} as never };

function engineOn(port = new FakePort()) {
	const engine = new WebLlmEngine(port);
	const seen: { meter: MeterReading[]; lost: Failure[] } = { meter: [], lost: [] };
	engine.watch({
		meter: (reading) => seen.meter.push(reading),
		lost: (failure) => seen.lost.push(failure)
	});
	return { engine, port, seen };
}
const tick = () => new Promise((resolve) => setTimeout(resolve));

async function loaded() {
	const rig = engineOn();
	const loading = rig.engine.load(request(), { signal, onPhase });
	rig.port.answer('prepare', null);
	await tick();
	rig.port.answer('load', result);
	await loading;
	return rig;
}

describe('loading', () => {
	test('prepares, waits for room, and fills the GPU', async () => {
		const { engine, port } = engineOn();
		const order: string[] = [];
		const loading = engine.load(request(), {
			signal,
			onPhase: ({ phase }) => order.push(phase),
			beforeWeights: () => {
				order.push('room');
				return Promise.resolve();
			}
		});
		port.progress('prepare', { phase: 'compiling', done: 1, total: 2 });
		expect(port.names).toEqual(['prepare']);
		port.answer('prepare', null);
		await tick();
		port.progress('load', { phase: 'uploading', doneRatio: 0.5 });
		port.answer('load', result);
		expect(await loading).toEqual(result);
		expect(order).toEqual(['compiling', 'room', 'uploading']);
	});

	test('goes on from what was prepared, and another model needs another engine', async () => {
		const { engine, port } = engineOn();
		const preparing = engine.prepare(request('a'));
		expect([engine.prepared, engine.suits(request('a')), engine.suits(request('b'))]).toEqual([
			true,
			true,
			false
		]);
		port.answer('prepare', null);
		await preparing;
		const loading = engine.load(request('a'), { signal, onPhase });
		await tick();
		port.answer('load', result);
		await loading;
		expect(port.names).toEqual(['prepare', 'load']);
		expect(() => engine.prepare(request('b'))).toThrow(/another model/);
	});

	test.each(['prepare', 'load'])('that is aborted during %s ends the worker', async (during) => {
		const { engine, port } = engineOn();
		const cancel = new AbortController();
		const loading = engine.load(request(), { signal: cancel.signal, onPhase });
		if (during === 'load') {
			port.answer('prepare', null);
			await tick();
		}
		cancel.abort();
		await expect(loading).rejects.toMatchObject({ kind: 'cancelled' });
		expect(port.terminated).toBe(true);
	});

	test('takes no memory when there is no room', async () => {
		const { engine, port } = engineOn();
		const loading = engine.load(request(), {
			signal,
			onPhase,
			beforeWeights: () => Promise.reject(new Failure('cancelled', 'No.'))
		});
		port.answer('prepare', null);
		await expect(loading).rejects.toMatchObject({ kind: 'cancelled' });
		expect(port.names).toEqual(['prepare']);
	});
});

describe('what is told', () => {
	test('of memory reaches whoever watches, until nobody does', async () => {
		const { engine, port, seen } = await loaded();
		port.say({ type: 'event', name: 'meter', value: reading });
		engine.watch(null);
		port.say({ type: 'event', name: 'meter', value: reading });
		expect(seen.meter).toEqual([reading]);
	});

	test.each([
		['deviceLost', { reason: 'destroyed', message: 'Gone.' }, 'device-lost'],
		['gpuError', { outOfMemory: true, message: 'Full.' }, 'out-of-memory'],
		['gpuError', { outOfMemory: false, message: 'Invalid.' }, 'gpu-error']
	])('%s %o means that it is lost', async (name, value, kind) => {
		const { engine, port, seen } = await loaded();
		port.say({ type: 'event', name, value });
		expect(seen.lost.map((failure) => failure.kind)).toEqual([kind]);
		expect(engine.failure?.kind).toBe(kind);
		expect(engine.suits(request())).toBe(false);
	});

	test('the first cause is the one that stays', async () => {
		const { engine, port } = await loaded();
		port.say({ type: 'event', name: 'gpuError', value: { outOfMemory: true, message: '' } });
		port.say({ type: 'event', name: 'deviceLost', value: { reason: '', message: '' } });
		expect(engine.failure?.kind).toBe('out-of-memory');
	});

	test('a worker that dies is lost', async () => {
		const { engine, port, seen } = await loaded();
		port.die();
		expect(seen.lost.map((failure) => failure.kind)).toEqual(['worker-died']);
		await expect(
			engine.generate(question, { signal, onText: () => undefined })
		).rejects.toMatchObject({ kind: 'worker-died' });
	});
});

describe('an answer', () => {
	test('streams, and is remembered as one', async () => {
		const { engine, port } = await loaded();
		const texts: string[] = [];
		const answer = engine.generate(question, { signal, onText: (text) => texts.push(text) });
		port.progress('generate', 'One ');
		port.progress('generate', 'two.');
		port.answer('generate', answered);
		expect(await answer).toEqual(answered);
		expect(texts.join('')).toBe('One two.');
		expect(engine.answered).toBe(true);
	});

	test('that nobody draws is passed on as it comes, without a timer or a frame', async () => {
		const { engine, port } = await loaded();
		const texts: string[] = [];
		const answer = engine.generate(question, {
			signal,
			undrawn: true,
			onText: (text) => texts.push(text)
		});
		for (const text of ['One', ' two', ' three']) port.progress('generate', text);
		expect(texts).toEqual(['One', ' two', ' three']);
		expect(port.last('generate').params).toMatchObject({ drawMs: 0 });
		port.answer('generate', answered);
		expect(await answer).toEqual(answered);
	});

	test('that is stopped asks the worker to stop, and ends with what it says', async () => {
		const { engine, port } = await loaded();
		const stop = new AbortController();
		const answer = engine.generate(question, { signal: stop.signal, onText: () => undefined });
		stop.abort();
		expect(port.aborted).toHaveLength(1);
		port.answer('generate', { ...answered, finish: 'stopped' });
		expect((await answer).finish).toBe('stopped');
	});

	test.each([
		['out-of-memory', true],
		['out-of-host-memory', true],
		['worker-died', true],
		['nothing-loaded', true],
		['context-full', false],
		['bad-schema', false],
		['engine', false]
	] as const)('that fails with %s loses the engine: %s', async (kind, loses) => {
		const { engine, port, seen } = await loaded();
		const answer = engine.generate(question, { signal, onText: () => undefined });
		port.fail('generate', new Failure(kind, 'No.'));
		await expect(answer).rejects.toMatchObject({ kind });
		expect(seen.lost).toHaveLength(loses ? 1 : 0);
		expect(engine.failure === null).toBe(!loses);
	});
});

describe('a measurement of quality', () => {
	test('passes positions and differences on, with the way to stop', async () => {
		const { engine, port } = await loaded();
		const stop = new AbortController();
		const kept = [keepPosition(Float32Array.of(1, 2), 1)];
		const keeping = engine.keepAnswer({ messages: [], mostTokens: 3 }, { signal: stop.signal });
		expect(port.last('keepAnswer').params).toEqual({ messages: [], mostTokens: 3 });
		port.answer('keepAnswer', kept);
		expect(await keeping).toBe(kept);
		const comparing = engine.compareAnswer({ messages: [], kept }, { signal: stop.signal });
		stop.abort();
		expect(port.aborted).toEqual([port.last('compareAnswer').id]);
		port.fail('compareAnswer', new Failure('cancelled', 'Cancelled.'));
		await expect(comparing).rejects.toMatchObject({ kind: 'cancelled' });
		expect(engine.failure).toBeNull();
	});

	test.each([
		['device-lost', true],
		['bad-logits', false]
	] as const)('that fails with %s loses the engine: %s', async (kind, loses) => {
		const { engine, port, seen } = await loaded();
		const keeping = engine.keepAnswer({ messages: [], mostTokens: 3 }, { signal });
		port.fail('keepAnswer', new Failure(kind, 'No.'));
		await expect(keeping).rejects.toMatchObject({ kind });
		expect(seen.lost).toHaveLength(loses ? 1 : 0);
	});
});

test.each(['measure', 'compareAnswer', 'keepAnswer'] as const)(
	'a %s that fails with a lost device loses the engine, and one that is cancelled does not',
	async (name) => {
		const { engine, port, seen } = await loaded();
		const run = () => {
			switch (name) {
				case 'measure':
					return engine.measure(
						{ promptTokens: 1, generatedTokens: 1, depthTokens: 0 },
						{ signal }
					);
				case 'compareAnswer':
					return engine.compareAnswer({ messages: [], kept: [] }, { signal });
				case 'keepAnswer':
					return engine.keepAnswer({ messages: [], mostTokens: 1 }, { signal });
			}
		};
		for (const [kind, lost] of [
			['cancelled', 0],
			['device-lost', 1]
		] as const) {
			const running = run();
			port.fail(name, new Failure(kind, 'No.'));
			await expect(running).rejects.toMatchObject({ kind });
			expect(seen.lost).toHaveLength(lost);
		}
	}
);

test('the weights wait until there is room', async () => {
	const { engine, port } = engineOn();
	let room = () => {};
	const loading = engine.load(request(), {
		signal,
		onPhase,
		beforeWeights: () => new Promise<void>((resolve) => (room = resolve))
	});
	port.answer('prepare', null);
	await tick();
	await tick();
	expect(port.names).toEqual(['prepare']);
	room();
	await tick();
	expect(port.names).toEqual(['prepare', 'load']);
	port.answer('load', result);
	await loading;
});

describe('ending', () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	async function loadedByFakeClock() {
		const rig = engineOn();
		const loading = rig.engine.load(request(), { signal, onPhase });
		rig.port.answer('prepare', null);
		await vi.advanceTimersByTimeAsync(0);
		rig.port.answer('load', result);
		await loading;
		return rig;
	}

	test('frees the GPU first and does not count as a loss', async () => {
		const { engine, port, seen } = await loadedByFakeClock();
		const disposing = engine.dispose();
		expect(port.terminated).toBe(false);
		port.answer('unload', { liveBytes: 0, peakBytes: 9, buffers: 0 });
		expect(await disposing).toMatchObject({ liveBytes: 0 });
		expect([port.terminated, seen.lost]).toEqual([true, []]);
	});

	test('a worker that does not answer is ended, and its memory given a moment to go', async () => {
		const { engine, port } = await loadedByFakeClock();
		let disposed = false;
		const disposing = engine.dispose().then((left) => {
			disposed = true;
			return left;
		});
		await vi.advanceTimersByTimeAsync(5_000);
		expect([port.terminated, disposed]).toEqual([true, false]);
		await vi.advanceTimersByTimeAsync(500);
		expect(await disposing).toBeNull();
	});

	test('what is under way fails with the reason', async () => {
		const { engine } = await loadedByFakeClock();
		const answer = engine.generate(question, { signal, onText: () => undefined });
		engine.end(new Failure('device-lost', 'Gone.'));
		await expect(answer).rejects.toMatchObject({ kind: 'device-lost' });
	});

	test('a worker that says nothing any more is given up', async () => {
		const { port, seen } = await loadedByFakeClock();
		for (let s = 0; s < 60; s++) {
			await vi.advanceTimersByTimeAsync(1_000);
			port.say({ type: 'event', name: 'alive', value: null });
		}
		expect(port.terminated).toBe(false);
		await vi.advanceTimersByTimeAsync(SILENT_LIMIT_MS.idle + 5_000);
		expect(port.terminated).toBe(true);
		expect(seen.lost).toMatchObject([{ kind: 'silent', detail: { limitMs: 20_000 } }]);
	});

	test('a worker that says nothing while it works is given a minute', async () => {
		const { engine, port, seen } = await loadedByFakeClock();
		const answer = engine.generate(question, { signal, onText: () => undefined });
		const failed = expect(answer).rejects.toMatchObject({ kind: 'silent' });
		await vi.advanceTimersByTimeAsync(58_000);
		expect(port.terminated).toBe(false);
		await vi.advanceTimersByTimeAsync(6_000);
		await failed;
		expect(seen.lost).toMatchObject([{ kind: 'silent', detail: { limitMs: 60_000 } }]);
	});
});
