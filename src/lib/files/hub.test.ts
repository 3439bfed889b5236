import { expect, test } from 'vitest';
import { hubRepo } from './hub.ts';

test('knows a model of the hub at any revision', () => {
	for (const revision of ['main', '6f1d3bd1a0f5cbeb7e54f0a3a2bb5a3e0f1c2d34'])
		expect(
			hubRepo(`https://huggingface.co/mlc-ai/SmolLM2-360M-q4f16_1-MLC/resolve/${revision}/`)
		).toBe('mlc-ai/SmolLM2-360M-q4f16_1-MLC');
});

test('knows no model elsewhere', () => {
	for (const url of [
		'https://huggingface.co.example.org/a/b/resolve/main/',
		'https://example.org/a/b/resolve/main/',
		'https://huggingface.co/a/resolve/main/',
		'https://huggingface.co/a/b/c/resolve/main/',
		'https://huggingface.co/a/b/',
		'http://127.0.0.1:4173/pocket/x/q4f32_1/resolve/main/'
	])
		expect(hubRepo(url)).toBeNull();
});
