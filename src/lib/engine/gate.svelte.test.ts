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
