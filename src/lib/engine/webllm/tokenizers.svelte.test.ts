import * as tokenizers from '@mlc-ai/web-tokenizers';
import { expect, test, vi } from 'vitest';
import { prepareTokenizers } from './tokenizers.ts';

test('the engine’s tokenizers are started by one that has no tokens, and make others after it', async () => {
	const made = vi.spyOn(tokenizers.Tokenizer, 'fromJSON');
	await prepareTokenizers({ tokenizers });
	const [empty] = made.mock.results;
	await expect(empty?.value).resolves.toBeDefined();
	const vocabulary = { version: '1.0', model: { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [] } };
	const json = new TextEncoder().encode(JSON.stringify(vocabulary)).buffer;
	const other = await tokenizers.Tokenizer.fromJSON(json);
	expect([...other.encode('ab')]).toEqual([0, 1]);
	other.dispose();
});

test('an engine that does not show them, or has others, is as it was', async () => {
	await expect(prepareTokenizers({})).resolves.toBeUndefined();
	const others = { Tokenizer: { fromJSON: () => Promise.reject(new Error('No.')) } };
	await expect(prepareTokenizers({ tokenizers: others })).resolves.toBeUndefined();
});
