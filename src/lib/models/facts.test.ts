import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { qwenLibrary } from '../memory/worked-example.ts';
import { parseFacts, type Facts } from './facts.ts';

const facts: Facts = {
	config: {
		vocabSize: 512,
		contextWindowSize: 1024,
		slidingWindowSize: null,
		maxContextWindow: 1024,
		tokenizerFiles: ['tokenizer.json'],
		modelType: 'llama',
		attention: { layers: 2, queryHeads: 4, keyValueHeads: 2, headDim: 32, pagesExtra: 0 },
		hiddenSize: 128,
		intermediateSize: 256,
		recurrent: { layers: 3, elements: null },
		imageTokens: null
	},
	manifest: {
		shards: [{ path: 'params_shard_0.bin', bytes: 10 }],
		downloadBytes: 10,
		gpuBytes: 12,
		largestTensor: { name: 'w', bytes: 12 },
		tensorCount: 1
	},
	library: qwenLibrary('q4f16_1', 'vocab_size')
};

describe('stored facts', () => {
	it('come back as they were, whole or in part', () => {
		const stored: unknown = structuredClone(facts);
		expect(parseFacts(stored)).toEqual(facts);
		expect(parseFacts({})).toEqual({});
		expect(parseFacts({ manifest: facts.manifest })).toEqual({ manifest: facts.manifest });
	});

	it('are read again when they are damaged', () => {
		expect(parseFacts({ ...facts, manifest: { ...facts.manifest, gpuBytes: NaN } })).toBeNull();
		fc.assert(
			fc.property(fc.anything(), fc.constantFrom('config', 'manifest', 'library'), (value, key) => {
				fc.pre(value !== undefined);
				expect(parseFacts({ ...facts, [key]: value })).toBeNull();
			})
		);
	});
});
