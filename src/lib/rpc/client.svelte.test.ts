import { expect, test } from 'vitest';
import { WorkerClient } from './client.ts';
import type { Contract } from './contract.ts';
import { Failure } from './failure.ts';
import { FakePort } from './port.fixture.ts';

interface Sums extends Contract {
	calls: { add: { params: number[]; result: number; progress: number } };
	events: { ready: string };
}

function client() {
	const port = new FakePort();
	return { port, client: new WorkerClient<Sums>(port) };
}

test('a call ends with what the worker answers, and tells what comes on the way', async () => {
	const { port, client: sums } = client();
	const told: number[] = [];
	const sum = sums.call('add', [1, 2], { onProgress: (progress) => told.push(progress) });
	port.progress('add', 1);
	port.answer('add', 3);
	expect([await sum, told, sums.waiting]).toEqual([3, [1], 0]);
});

test('a failure comes out with its kind', async () => {
	const { port, client: sums } = client();
	const sum = sums.call('add', []);
	port.fail('add', new Failure('quota', 'Full.', { neededBytes: 7 }));
	await expect(sum).rejects.toMatchObject({ kind: 'quota', detail: { neededBytes: 7 } });
});

test('a worker that dies fails every call, now and later, and is told once', async () => {
	const { port, client: sums } = client();
	const ends: string[] = [];
	sums.onEnd(({ kind }) => ends.push(kind));
	const calls = [sums.call('add', [1]), sums.call('add', [2])];
	port.die();
	port.die();
	for (const call of calls) await expect(call).rejects.toMatchObject({ kind: 'worker-died' });
	await expect(sums.call('add', [3])).rejects.toMatchObject({ kind: 'worker-died' });
	expect([ends, port.terminated]).toEqual([['worker-died'], true]);
});

test('the death of a worker is heard here and by nobody else', async () => {
	const worker = new Worker(
		URL.createObjectURL(new Blob(['setTimeout(() => { throw new Error("Struck."); })']))
	);
	const heard: string[] = [];
	const listen = (event: ErrorEvent) => heard.push(event.message);
	addEventListener('error', listen);
	const sums = new WorkerClient<Sums>(worker);
	await expect(sums.call('add', [1])).rejects.toMatchObject({
		kind: 'worker-died',
		message: expect.stringContaining('Struck.') as string
	});
	await new Promise((resolve) => setTimeout(resolve, 50));
	removeEventListener('error', listen);
	expect(heard).toEqual([]);
});

test('an aborted call asks the worker to stop; one that was aborted before is not made', async () => {
	const { port, client: sums } = client();
	const abort = new AbortController();
	const sum = sums.call('add', [1], { signal: abort.signal });
	abort.abort();
	expect(port.aborted).toEqual([1]);
	port.answer('add', 0);
	expect(await sum).toBe(0);
	await expect(sums.call('add', [2], { signal: abort.signal })).rejects.toMatchObject({
		kind: 'cancelled'
	});
	expect(port.calls).toHaveLength(1);
});

test('events reach those that listen', () => {
	const { port, client: sums } = client();
	const heard: string[] = [];
	const stop = sums.on('ready', (name) => heard.push(name));
	port.say({ type: 'event', name: 'ready', value: 'one' });
	stop();
	port.say({ type: 'event', name: 'ready', value: 'two' });
	expect(heard).toEqual(['one']);
});
