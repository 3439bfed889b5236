import { expect, test } from 'vitest';
import { holdModel, modelsInUse } from './in-use.ts';

test('a model is in use until every hold on it is let go', async () => {
	const url = `https://hub.test/${crypto.randomUUID()}/`;
	const inUse = async () => (await modelsInUse()).has(url);
	expect(await inUse()).toBe(false);
	const [one, other] = [holdModel(url), holdModel(url)];
	await expect.poll(inUse).toBe(true);
	one();
	await new Promise((resolve) => setTimeout(resolve, 50));
	expect(await inUse()).toBe(true);
	other();
	await expect.poll(inUse).toBe(false);
	// Let go before it was granted.
	holdModel(url)();
	await new Promise((resolve) => setTimeout(resolve, 50));
	expect(await inUse()).toBe(false);
});
