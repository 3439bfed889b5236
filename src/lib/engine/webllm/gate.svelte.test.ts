import { expect, test } from 'vitest';
import { WeightsGate } from './gate.ts';

const LIST = 'https://hub.test/m/resolve/main/tensor-cache.json';

test('a load that holds stops at the list of weights, once, and goes on when it may', async () => {
	const cache = await caches.open(`gate-${crypto.randomUUID()}`);
	await cache.put(LIST, new Response('{}'));
	await cache.put('/config.json', new Response('{}'));
	const gate = new WeightsGate();
	gate.install();
	// Open from the start.
	expect(await cache.match(LIST)).toBeDefined();

	let reached = 0;
	void gate.close().then(() => reached++);
	expect(await cache.match('/config.json')).toBeDefined();
	expect(reached).toBe(0);
	let passed = false;
	const held = cache.match(new Request(LIST)).then((found) => {
		passed = true;
		return found;
	});
	await expect.poll(() => reached).toBe(1);
	await new Promise((resolve) => setTimeout(resolve, 50));
	expect(passed).toBe(false);
	gate.open();
	expect(await held).toBeDefined();
	expect(await cache.match(LIST)).toBeDefined();
	expect(reached).toBe(1);
});

test('an engine that reads weights without asking for their list is refused them', async () => {
	const cache = await caches.open(`gate-${crypto.randomUUID()}`);
	await cache.put('/m/params_shard_0.bin', new Response('w'));
	const gate = new WeightsGate();
	gate.install();
	expect(await cache.match('/m/params_shard_0.bin')).toBeDefined();
	void gate.close();
	await expect(cache.match('/m/params_shard_0.bin')).rejects.toMatchObject({ kind: 'engine' });
	const held = cache.match(LIST);
	gate.open();
	await held;
	expect(await cache.match('/m/params_shard_0.bin')).toBeDefined();
});

test('a load that ends without having come to the gate fails, and one that waits there does not', async () => {
	const cache = await caches.open(`gate-${crypto.randomUUID()}`);
	const gate = new WeightsGate();
	gate.install();
	void gate.close();
	await expect(gate.reachedBy(Promise.resolve(), () => true)).rejects.toThrow(
		/without asking the cache/
	);
	await expect(gate.reachedBy(Promise.resolve(), () => false)).rejects.toMatchObject({
		kind: 'nothing-loaded'
	});
	const broken = Promise.reject(new Error('Broken.'));
	await expect(gate.reachedBy(broken, () => false)).rejects.toThrow('Broken.');
	const loading = cache.match(LIST);
	await gate.reachedBy(loading, () => false);
	gate.open();
	await loading;
});
