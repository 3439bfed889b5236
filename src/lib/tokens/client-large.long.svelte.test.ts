import { expect, test } from 'vitest';
import type { ModelSource } from '../files/protocol.ts';
import { Tokens } from './client.ts';
import { smolLm } from './tokenizers.fixture.ts';

const TEXTS = ['The weights are most of it.', 'The cache grows with the window.'];

test('a tokenizer of 30 MB is read while the page goes on', async () => {
	const source: ModelSource = {
		baseUrl: `https://tokens.test/${crypto.randomUUID()}/resolve/main/`,
		libraryUrl: 'https://tokens.test/library.wasm',
		packageUrl: null,
		overrides: {}
	};
	const json = smolLm(TEXTS);
	const vocab = { ...json.model.vocab };
	for (let i = 0; i < 1_200_000; i++) vocab[`a token that is rare ${i}`] = 10_000 + i;
	const body = JSON.stringify({ ...json, model: { ...json.model, vocab } });
	expect(body.length).toBeGreaterThan(30e6);
	const cache = await caches.open('webllm/model');
	await cache.put(`${source.baseUrl}tokenizer.json`, new Response(body));
	const tokens = new Tokens();
	let counted: readonly number[] | null = null;
	const counting = tokens.count(source, TEXTS).then((counts) => (counted = counts));
	let turns = 0;
	while (counted === null && turns < 20_000) {
		await new Promise((resolve) => setTimeout(resolve));
		turns++;
	}
	expect(turns).toBeGreaterThan(20);
	expect(await counting).toHaveLength(2);
	tokens.end();
	await cache.delete(`${source.baseUrl}tokenizer.json`);
});
