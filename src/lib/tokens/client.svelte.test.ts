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
