import { expect, test } from 'vitest';
import { checkTokenizer } from './tokenizer.ts';

const check = (text: string | Uint8Array, file: string) => () =>
	checkTokenizer(typeof text === 'string' ? new TextEncoder().encode(text) : text, file);

test('accepts a vocabulary of ids and one of scores', () => {
	for (const vocab of ['{"a":0,"b":1}', '[["a",-1.5],["b",0]]'])
		expect(
			check(`{"version":"1.0","model":{"type":"x","vocab":${vocab}}}`, 'tokenizer.json')
		).not.toThrow();
});

test('accepts a sentencepiece model', () => {
	expect(check(new Uint8Array([0x0a, 0x03, 0x0a, 0x01, 0x61]), 'tokenizer.model')).not.toThrow();
});

test.each([
	['', 'tokenizer.json', 'empty'],
	['<!doctype html><title>Sign in</title>', 'tokenizer.json', 'html'],
	['{"model":', 'tokenizer.json', 'not-json'],
	['{"error":"no"}', 'tokenizer.json', 'wrong-shape'],
	['{"model":{"vocab":7}}', 'tokenizer.json', 'wrong-shape'],
	['', 'tokenizer.model', 'empty'],
	['<html>no</html>', 'tokenizer.model', 'html'],
	['version https://git-lfs.github.com/spec/v1', 'tokenizer.model', 'wrong-shape']
])('%j is no %s', (text, file, kind) => {
	expect(check(text, file)).toThrow(expect.objectContaining({ kind, file }));
});
