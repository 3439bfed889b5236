import { expect, it } from 'vitest';
import { LARGEST_VOCABULARY, mostTokensOf } from './vocabulary.ts';

// `vocab_size` of the published configurations, the largest of each kind.
it.each([
	['pocket', 4096],
	['Llama-3.2-1B-Instruct', 128_512],
	['DeepSeek-R1-Distill-Llama-8B', 128_512],
	['Llama-2-7b-chat-hf', 32_768],
	['Mistral-7B-Instruct-v0.3', 32_768],
	['WizardMath-7B-V1.1', 32_768],
	['Ministral-3-3B-Instruct-2512-BF16', 131_072],
	['Phi-4-mini-instruct', 200_064],
	['Phi-3.5-mini-instruct', 32_064],
	['phi-1_5', 51_200],
	['phi-2', 51_200],
	['SmolLM2-360M-Instruct', 49_152],
	['TinyLlama-1.1B-Chat-v1.0', 32_064],
	['RedPajama-INCITE-Chat-3B-v1', 50_432],
	['OLMo-2-0425-1B-Instruct', 100_352],
	['stablelm-2-zephyr-1_6b', 100_352],
	['Qwen3.5-4B', 248_320],
	['Qwen3-8B', 152_064],
	['Qwen2.5-7B-Instruct', 152_064],
	['DeepSeek-R1-Distill-Qwen-7B', 152_064],
	['gemma-2-2b-it', 256_128],
	['gemma3-1b-it', 262_208],
	['Nobody-knows-it-1B', 262_208]
])('%s chooses from %d tokens at most', (familyId, tokens) => {
	expect(mostTokensOf({ familyId })).toBe(tokens);
	expect(tokens).toBeLessThanOrEqual(LARGEST_VOCABULARY);
});
