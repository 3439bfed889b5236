import type { Quantization } from './quantization.ts';

/** Family x quantization: one WebLLM model record. */
export interface Variant {
	/** WebLLM's `model_id`, unique in the catalogue. */
	id: string;
	familyId: string;
	quantization: Quantization;
	origin: 'pocket' | 'prebuilt';
	/** Base URL of config, manifest, tokenizer and shards. Absolute, except for pocket: relative to the site's base. */
	modelUrl: string;
	/** URL of the compiled library; absolute, except for pocket. */
	libraryUrl: string;
	/** Bytes of GPU memory the catalogue declares at `declaredContextWindow`; known to be wrong by 0.87x to 2.33x. */
	declaredBytes: number;
	declaredContextWindow: number;
	/** Tokens the record asks for when nothing else is chosen. */
	defaultContextWindow: number;
	/** Tokens at most, where known before the config is read; null: the config says. */
	maxContextWindow: number | null;
	/** Overrides of the record other than `context_window_size`, handed to the engine as they are. */
	overrides: Readonly<Record<string, number>>;
	/** Features the record names itself. What a quantization needs comes on top. */
	requiredFeatures: readonly string[];
	vision: boolean;
	/** Bytes to download where the build knows them (pocket). */
	downloadBytes: number | null;
}

/** One model in all its variants. */
export interface Family {
	id: string;
	/** "Llama 3.2 1B Instruct" */
	name: string;
	/** Best quality first within equal weight bits; never empty. */
	variants: readonly Variant[];
	vision: boolean;
	/** Answers with a thinking part before the answer proper. */
	thinking: boolean;
	/** Trained for tool calls according to WebLLM. */
	tools: boolean;
	/** Parameters in billions as the name says; null where it does not. */
	parametersBillion: number | null;
}
