import type { Variant } from '../models/catalog.ts';
import type { ChatConfig } from '../models/config.ts';
import type { Facts } from '../models/facts.ts';
import { readLibraryMetadata } from '../models/library.ts';
import { qwenVariant, wasmAround } from './worked-example.fixture.ts';

// Models whose libraries allocate more than their metadata say, counted here by hand: nothing of the planner is used.

const MiB = 2 ** 20;

export interface Model {
	id: string;
	vocabulary: number;
	layers: number;
	queryHeads: number;
	keyValueHeads: number;
	headDim: number;
	float: 'f16' | 'f32';
	/** Bytes of each matrix besides the embedding, one of each kind per layer. */
	matrixBytes: readonly number[];
	chunk: number;
	/** Buffers of the first prompt. */
	temporaries: readonly number[];
}

/** Something that the library does not declare: `buffers` equal ones, of `bytesEach` in a model at a window. */
export interface Hidden {
	moment: 'load' | 'chat';
	buffers: number;
	bytesEach: (model: Model, window: number) => number;
	/** TVM allocates whole pages. */
	wholePages: boolean;
}

export const BATCH = 128;
const floatBytes = ({ float }: Model) => (float === 'f16' ? 2 : 4);
const dtype = ({ float }: Model) => (float === 'f16' ? 'float16' : 'float32');

/** A model of half a billion parameters. */
export const aModel = (id: string, overrides: Partial<Model> = {}): Model => ({
	id,
	vocabulary: 151_936,
	layers: 24,
	queryHeads: 14,
	keyValueHeads: 2,
	headDim: 64,
	float: 'f16',
	matrixBytes: [4_000_000, 6_000_000],
	chunk: 1024,
	temporaries: [1_835_008, 30_000_000, 10_455_424],
	...overrides
});

export function variantOf(model: Model): Variant {
	return qwenVariant(model.float === 'f16' ? 'q4f16_1' : 'q4f32_1', {
		id: model.id,
		libraryUrl: `https://lib.test/v9/${model.id}.wasm`,
		maxContextWindow: 2 ** 20
	});
}

/** Read once: the metadata are parsed as those of a file. */
const read = new WeakMap<Model, Facts>();
export function factsOf(model: Model): Facts {
	const before = read.get(model);
	if (before) return before;
	const facts = describe(model);
	read.set(model, facts);
	return facts;
}

function describe(model: Model): Facts {
	const attention = {
		layers: model.layers,
		queryHeads: model.queryHeads,
		keyValueHeads: model.keyValueHeads,
		headDim: model.headDim
	};
	const library = readLibraryMetadata(
		wasmAround(
			JSON.stringify({
				model_type: 'llama',
				quantization: model.float === 'f16' ? 'q4f16_1' : 'q4f32_1',
				params: weightsOf(model).map((bytes, i) => ({
					name: `w${i}`,
					shape: [bytes / floatBytes(model)],
					dtype: dtype(model)
				})),
				memory_usage: {
					prefill: model.temporaries.slice(1).reduce((a, b) => a + b, 0),
					embed: model.temporaries[0],
					decode: 4096
				},
				kv_cache: {
					num_hidden_layers: model.layers,
					num_attention_heads: model.queryHeads,
					num_key_value_heads: model.keyValueHeads,
					head_dim: model.headDim
				},
				prefill_chunk_size: model.chunk,
				context_window_size: 32_768,
				sliding_window_size: -1,
				pipeline_parallel_stages: 1,
				tensor_parallel_shards: 1,
				max_batch_size: BATCH,
				kv_state_kind: 'kv_cache'
			})
		)
	);
	const config: ChatConfig = {
		vocabSize: model.vocabulary,
		contextWindowSize: 32_768,
		slidingWindowSize: null,
		maxContextWindow: 2 ** 20,
		tokenizerFiles: ['tokenizer.json'],
		modelType: 'llama',
		attention,
		hiddenSize: model.queryHeads * model.headDim,
		intermediateSize: null,
		recurrent: null,
		imageTokens: null,
		replyHeader: '',
		template: null
	};
	return { library, config };
}

const weightsOf = (model: Model): number[] => [
	model.vocabulary * 64 * floatBytes(model),
	...Array.from({ length: model.layers }, () => [...model.matrixBytes]).flat()
];

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** What a load allocates, buffer by buffer, with what is hidden; `chatNoise`: bytes more or less than one MiB while chatting. */
export function allocate(
	model: Model,
	window: number,
	hidden: readonly Hidden[],
	chatNoise = 0
): {
	afterLoadBytes: number;
	peakBytes: number;
	sizes: { afterLoad: [number, number][]; afterFirstToken: [number, number][] };
} {
	const b = floatBytes(model);
	const pages = Math.ceil(window / 16) + 1;
	const page = 2 * model.keyValueHeads * 16 * model.headDim * b;
	const kv = Array.from({ length: model.layers }, () => pages * page);
	const perToken =
		2 * model.queryHeads * model.headDim * b +
		2 * model.keyValueHeads * model.headDim * b +
		2 * model.queryHeads * 4;
	const workspace = [model.chunk * perToken, 512 * 1024, 8 * pages + 14_436];
	const extra = (moment: Hidden['moment']) =>
		hidden
			.filter((one) => one.moment === moment)
			.flatMap(({ buffers, bytesEach, wholePages }) => {
				const bytes = Math.round(bytesEach(model, window));
				const unit = wholePages ? 4096 : 4;
				return Array.from({ length: buffers }, () => Math.ceil(bytes / unit) * unit);
			});
	const loaded = [...weightsOf(model), ...kv, ...workspace, ...extra('load')];
	const chatting = [...loaded, ...model.temporaries, ...extra('chat')];
	const afterLoadBytes = sum(loaded);
	return {
		afterLoadBytes,
		peakBytes: sum(chatting) + MiB + chatNoise,
		sizes: { afterLoad: counted(loaded), afterFirstToken: counted(chatting) }
	};
}

function counted(buffers: readonly number[]): [number, number][] {
	const counts = new Map<number, number>();
	for (const bytes of buffers) counts.set(bytes, (counts.get(bytes) ?? 0) + 1);
	return [...counts].sort(([a], [b]) => b - a);
}
