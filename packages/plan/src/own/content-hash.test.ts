import { expect, test } from 'vitest';
import { contentHash } from './content-hash.ts';

test('files are named by 40 hex digits of the SHA-256 of both, from another implementation', async () => {
	expect(await contentHash('{"a":1}', '[]')).toBe('db48d10c64d14cacee196094b6a09335c0cf2f65');
	expect(await contentHash('ü', '')).toBe('c2aa5b4e46a115a0f9e85bfd929a2dad82bcb40f');
});

test('what moves from one file to the other is another model', async () => {
	expect(await contentHash('ab', 'c')).not.toBe(await contentHash('a', 'bc'));
});
