import { expect, test } from 'vitest';
import type { ModelSource } from '../files/protocol.ts';
import { Tokens } from './client.ts';
import { smolLm } from './tokenizers.fixture.ts';

const SOURCE: ModelSource = {
	baseUrl: `https://tokens.test/${crypto.randomUUID()}/resolve/main/`,
	libraryUrl: 'https://tokens.test/library.wasm',
	packageUrl: null,
	overrides: {}
};
const TEXTS = ['The weights are most of it.', 'The cache grows with the window.'];

const put = async (source: ModelSource, body: BodyInit) =>
	(await caches.open('webllm/model')).put(`${source.baseUrl}tokenizer.json`, new Response(body));

test('what is not on disk, or cannot be read, is not counted; once it is there, it is', async () => {
	const tokens = new Tokens();
	expect(await tokens.count(SOURCE, TEXTS)).toBeNull();
	await put(SOURCE, '{"model":{"type":"Unheard of"}}');
	expect(await tokens.count(SOURCE, TEXTS)).toBeNull();
	await put(SOURCE, JSON.stringify(smolLm(TEXTS)));
	const counts = await tokens.count(SOURCE, ['', ...TEXTS]);
	expect(counts?.[0]).toBe(0);
	expect(counts?.every((count, i) => count <= ['', ...TEXTS][i]!.length)).toBe(true);
	tokens.end();
	// The next question has a worker of its own.
	expect(await tokens.count(SOURCE, ['', ...TEXTS])).toEqual(counts);
	tokens.end();
});

test('a tokenizer of 30 MB is read while the page goes on', async () => {
	const source = { ...SOURCE, baseUrl: `${SOURCE.baseUrl}large/resolve/main/` };
	const json = smolLm(TEXTS);
	const vocab = { ...json.model.vocab };
	for (let i = 0; i < 1_200_000; i++) vocab[`a token that is rare ${i}`] = 10_000 + i;
	const body = JSON.stringify({ ...json, model: { ...json.model, vocab } });
	expect(body.length).toBeGreaterThan(30e6);
	await put(source, body);
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
	await (await caches.open('webllm/model')).delete(`${source.baseUrl}tokenizer.json`);
});
