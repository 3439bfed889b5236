import type { Variant } from '../models/catalog.ts';

/** The largest vocabulary of the models in the catalogue, Gemma 3's. */
export const LARGEST_VOCABULARY = 262_208;

/**
 * Tokens a family's models choose from, at most: `vocab_size` of their published configurations, the largest of each
 * kind. For a bound before a model's own configuration is read; a family not named here gets the largest.
 */
const PUBLISHED: readonly (readonly [RegExp, number])[] = [
	[/^pocket$/, 4096],
	[/llama-?3|r1-distill-llama/i, 128_512],
	[/llama-2|mistral|wizardmath/i, 32_768],
	[/ministral/i, 131_072],
	[/phi-4/i, 200_064],
	[/phi-3/i, 32_064],
	[/phi-[12]/i, 51_200],
	[/smollm2/i, 49_152],
	[/tinyllama/i, 32_064],
	[/redpajama/i, 50_432],
	[/olmo-2|stablelm-2/i, 100_352],
	[/qwen3\.5/i, 248_320],
	[/qwen[23]|qwen-7b/i, 152_064],
	[/gemma-2/i, 256_128]
];

/** Never fewer than the models of a family choose from. */
export const mostTokensOf = ({ familyId }: Pick<Variant, 'familyId'>): number =>
	PUBLISHED.find(([name]) => name.test(familyId))?.[1] ?? LARGEST_VOCABULARY;
