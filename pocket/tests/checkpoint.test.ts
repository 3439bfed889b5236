import { readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkpoint, readCheckpoint, tokenizer } from '../model/checkpoint.ts';

const folder = new URL('../checkpoint/', import.meta.url);
const bytes = readFileSync(new URL('weights.bin', folder));
const index = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as {
	tensors: { name: string; shape: number[] }[];
};

test('the committed checkpoint is at most 4 MB', () => {
	const size = ['weights.bin', 'index.json', 'tokenizer.json'].reduce(
		(sum, name) => sum + statSync(new URL(name, folder)).size,
		0
	);
	expect(size).toBeLessThanOrEqual(4e6);
});
test('tensors come by name and shape', () => {
	expect(checkpoint('lm_head', [1024, 128])).toHaveLength(1024 * 128);
	expect(() => checkpoint('lm_head', [128, 1024])).toThrow('[1024,128], expected [128,1024]');
	expect(() => checkpoint('lm_tail', [1])).toThrow('no tensor lm_tail');
});
test('every token of the vocabulary has a row of its own', () => {
	expect(new Set(tokenizer.vocab).size).toBe(1024);
});
test('a checkpoint that is cut, incomplete or not finite is refused', () => {
	expect(() => readCheckpoint(index, bytes.subarray(2))).toThrow(
		`${bytes.length - 2} bytes, its index asks for ${bytes.length}`
	);
	const [embedding, ...rest] = index.tensors;
	const without = bytes.subarray(2 * embedding!.shape.reduce((x, y) => x * y));
	expect(() => readCheckpoint({ tensors: rest }, without)).toThrow('no tensor model.embed_tokens');
	const broken = Buffer.from(bytes);
	broken.writeUInt16LE(0x7fc0, 10);
	expect(() => readCheckpoint(index, broken)).toThrow('not finite');
	expect(() => readCheckpoint({}, bytes)).toThrow();
});
