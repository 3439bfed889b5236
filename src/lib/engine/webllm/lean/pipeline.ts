import type { GenerationConfig, MLCEngine } from '@mlc-ai/web-llm';

export interface Tensor {
	copyFrom(data: ArrayLike<number> | Tensor): Tensor;
	toArray(): ArrayLike<number>;
}

type PackedFunction = ((...args: unknown[]) => unknown) & { dispose(): void };

/** The private part of a loaded model of WebLLM 0.2.86 (`LLMChatPipeline`) that sampling on the CPU touches. */
export interface Pipeline {
	tvm: {
		beginScope(): void;
		endScope(): void;
		cpu(): unknown;
		empty(shape: number[], dtype: string, device: unknown): Tensor;
		uniform(shape: number[], low: number, high: number, device: unknown): Tensor;
		rng: { randomFloat(): number };
	};
	vm: { getFunction(name: string): PackedFunction };
	/** `mlc-chat-config.json`: what holds where a request says nothing. */
	config: Partial<Record<keyof GenerationConfig, unknown>>;
	fullVocabSize: number;
	/** How often each token was generated in this answer. */
	appearedTokensFreq: ReadonlyMap<number, number>;
	logitProcessor: unknown;
	getRNGState(): number | undefined;
	setRNGState(state: number): boolean;
	sampleFromRawLogits(logits: Tensor, config?: GenerationConfig): Promise<number>;
	fsoftmaxWithTemperature: PackedFunction;
	fargsortProbs: PackedFunction;
	fsampleWithTopP: PackedFunction;
}

/** The library's functions that allocate buffers for as many sequences as it was compiled for. */
export const SAMPLERS = ['fsoftmaxWithTemperature', 'fargsortProbs', 'fsampleWithTopP'] as const;

export const isObject = (value: unknown): value is Record<string, unknown> =>
	(typeof value === 'object' || typeof value === 'function') && value !== null;
const isFunction = (value: unknown) => typeof value === 'function';
const isPacked = (value: unknown) =>
	isFunction(value) && isObject(value) && isFunction(value.dispose);

type Expectation = readonly [path: string, expected: string, check: (value: unknown) => boolean];

const each = (paths: readonly string[], ...rest: [string, (value: unknown) => boolean]) =>
	paths.map((path): Expectation => [path, ...rest]);

const FIELDS: readonly Expectation[] = [
	...each(
		[
			...['beginScope', 'endScope', 'cpu', 'empty', 'uniform'].map((name) => `tvm.${name}`),
			...['tvm.rng.randomFloat', 'vm.getFunction', 'getRNGState', 'setRNGState'],
			'sampleFromRawLogits'
		],
		'a function',
		isFunction
	),
	...each(SAMPLERS, 'a function of the library', isPacked),
	['config', 'an object', isObject],
	['fullVocabSize', 'a positive integer', (value) => Number.isInteger(value) && Number(value) > 0],
	['appearedTokensFreq', 'a map', (value) => value instanceof Map]
];

/** What was expected of the engine, and what it has instead. */
export interface Unexpected {
	field: string;
	expected: string;
	found: string;
}

/** The first field that is not what `Pipeline` says; null: it is a Pipeline. */
export function unexpectedField(pipeline: unknown): Unexpected | null {
	for (const [field, expected, check] of FIELDS) {
		const value = field
			.split('.')
			.reduce<unknown>((object, name) => (isObject(object) ? object[name] : undefined), pipeline);
		if (!check(value)) return { field, expected, found: value === null ? 'null' : typeof value };
	}
	return null;
}

/** What the engine keeps of a loaded model; undefined where it is not where it was. */
export function loadedPipeline(engine: MLCEngine, modelId: string): unknown {
	const { loadedModelIdToPipeline: pipelines } = engine as unknown as Record<string, unknown>;
	return pipelines instanceof Map ? pipelines.get(modelId) : undefined;
}

/**
 * Tokens that the library gives a probability: its softmax leaves out the padding of the vocabulary
 * (`active_vocab_size` of its metadata; older libraries have none and leave out nothing). null: no metadata.
 */
export function activeVocabulary({ tvm, vm, fullVocabSize }: Pipeline): number | null {
	tvm.beginScope();
	try {
		const metadata: unknown = JSON.parse(String(vm.getFunction('_metadata')()));
		const active = isObject(metadata) ? metadata.active_vocab_size : null;
		return Number.isInteger(active) && Number(active) > 0
			? Math.min(Number(active), fullVocabSize)
			: fullVocabSize;
	} catch {
		return null;
	} finally {
		tvm.endScope();
	}
}
