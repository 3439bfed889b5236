import type { Variant } from '../models/catalog.ts';
import type { Facts } from '../models/facts.ts';
import { bitsPerWeight, type Quantization } from '../models/quantization.ts';
import { estimate, type Estimate } from './estimate.ts';

/** The sizes of a decoder-only transformer with gated MLPs, as most open models are. */
export interface ModelShape {
	layers: number;
	queryHeads: number;
	keyValueHeads: number;
	headDim: number;
	hiddenSize: number;
	/** Inner width of the MLP. */
	intermediateSize: number;
	vocabulary: number;
	/** Input and output share one embedding. */
	tied: boolean;
}

/** Published configurations: Qwen2.5 0.5B, Llama 3.2 1B and 3B, Llama 3.1 8B, Qwen2.5 14B and 32B, Llama 3.1 70B. */
export const KNOWN_SHAPES: readonly ModelShape[] = [
	shape(24, 14, 2, 64, 896, 4864, 151_936, true),
	shape(16, 32, 8, 64, 2048, 8192, 128_256, true),
	shape(28, 24, 8, 128, 3072, 8192, 128_256, true),
	shape(32, 32, 8, 128, 4096, 14_336, 128_256, false),
	shape(48, 40, 8, 128, 5120, 13_824, 152_064, false),
	shape(64, 40, 8, 128, 5120, 27_648, 152_064, false),
	shape(80, 64, 8, 128, 8192, 28_672, 128_256, false)
];

function shape(
	layers: number,
	queryHeads: number,
	keyValueHeads: number,
	headDim: number,
	hiddenSize: number,
	intermediateSize: number,
	vocabulary: number,
	tied: boolean
): ModelShape {
	return {
		layers,
		queryHeads,
		keyValueHeads,
		headDim,
		hiddenSize,
		intermediateSize,
		vocabulary,
		tied
	};
}

/** Parameters of a shape: embeddings, attention and MLP; norms and biases are left out (below 0.1 %). */
export function parametersOf(model: ModelShape): number {
	const { layers, queryHeads, keyValueHeads, headDim, hiddenSize, intermediateSize } = model;
	const attention = 2 * hiddenSize * headDim * (queryHeads + keyValueHeads);
	const mlp = 3 * hiddenSize * intermediateSize;
	const embeddings = (model.tied ? 1 : 2) * model.vocabulary * hiddenSize;
	return layers * (attention + mlp) + embeddings;
}

/** The published shape whose parameters are nearest, as a ratio. */
export const nearestShape = (parameters: number): ModelShape =>
	KNOWN_SHAPES.reduce((nearest, each) =>
		distance(each, parameters) < distance(nearest, parameters) ? each : nearest
	);

const distance = (model: ModelShape, parameters: number): number =>
	Math.abs(Math.log(parametersOf(model) / parameters));

/** What is known of a model: how many parameters it has, or the sizes in its configuration. */
export type ModelSize =
	| { kind: 'parameters'; parameters: number }
	| {
			kind: 'shape';
			layers: number;
			heads: number;
			keyValueHeads: number;
			headDim: number;
			vocabulary: number;
	  };

/** Inner width of an MLP by the hidden size, where it is not given: 2.7 to 5.4 in published models. */
const USUAL_MLP = 3.5;

/** How far the weights may be off, as a ratio: of a parameter count it is rounding, of a shape the MLP's width. */
const WEIGHTS_MARGIN: Record<ModelSize['kind'], number> = { parameters: 0.1, shape: 0.35 };
/** How far the KV cache of a model of the same size may be off. */
const GUESSED_KV_MARGIN = 1;

const NOTES: Record<ModelSize['kind'], string> = {
	parameters:
		'Weights from the parameters; KV cache and activations as in the nearest published model of that size. With other layers or heads the KV cache may take up to twice as much.',
	shape:
		'The KV cache follows from the sizes given; the weights assume an MLP 3.5 times as wide as the model and separate embeddings.'
};

/**
 * Bytes of a model that is not in the catalogue, by the same plan as those whose configuration was read; the margin
 * covers what is assumed. null: a size is no positive number, or too large to be one.
 */
export function calculate(
	size: ModelSize,
	quantization: Quantization,
	contextWindow: number
): Estimate | null {
	const sizes = Object.values(size).filter((each) => typeof each === 'number');
	if (![...sizes, contextWindow].every((n) => n > 0 && n <= 1e13)) return null;
	const model = size.kind === 'parameters' ? nearestShape(size.parameters) : shapeOf(size);
	const parameters = size.kind === 'parameters' ? size.parameters : parametersOf(model);
	const bytesEach = bitsPerWeight(quantization) / 8;
	const weightsBytes = Math.round(parameters * bytesEach);
	if (!Number.isSafeInteger(weightsBytes)) return null;
	const planned = estimate(
		variantOf(quantization, contextWindow),
		contextWindow,
		factsOf(model, weightsBytes, bytesEach)
	);
	if (!planned) return null;
	const marginBytes =
		planned.marginRatio * planned.peakBytes +
		WEIGHTS_MARGIN[size.kind] * weightsBytes +
		(size.kind === 'parameters' ? GUESSED_KV_MARGIN * planned.kvBytes : 0);
	const marginRatio = marginBytes / planned.peakBytes;
	return {
		...planned,
		exactParts: false,
		verified: false,
		confidence: 'declared',
		marginRatio,
		mostBytes: Math.ceil(planned.peakBytes + marginBytes),
		note: NOTES[size.kind]
	};
}

function shapeOf(size: Extract<ModelSize, { kind: 'shape' }>): ModelShape {
	const { layers, heads, keyValueHeads, headDim, vocabulary } = size;
	const hiddenSize = heads * headDim;
	const intermediateSize = Math.round(USUAL_MLP * hiddenSize);
	return shape(
		layers,
		heads,
		keyValueHeads,
		headDim,
		hiddenSize,
		intermediateSize,
		vocabulary,
		false
	);
}

function factsOf(model: ModelShape, weightsBytes: number, bytesEach: number): Facts {
	const { layers, queryHeads, keyValueHeads, headDim, hiddenSize, intermediateSize } = model;
	const embedding = Math.round(model.vocabulary * hiddenSize * bytesEach);
	return {
		config: {
			vocabSize: model.vocabulary,
			contextWindowSize: null,
			slidingWindowSize: null,
			maxContextWindow: null,
			tokenizerFiles: [],
			modelType: null,
			attention: { layers, queryHeads, keyValueHeads, headDim },
			hiddenSize,
			intermediateSize,
			recurrent: null,
			imageTokens: null,
			replyHeader: '',
			template: null
		},
		manifest: {
			shards: [],
			downloadBytes: weightsBytes,
			gpuBytes: weightsBytes,
			largestTensor: { name: 'embedding', bytes: embedding },
			tensorCount: 0
		}
	};
}

const variantOf = (quantization: Quantization, contextWindow: number): Variant => ({
	id: 'calculated',
	familyId: 'calculated',
	quantization,
	origin: 'prebuilt',
	modelUrl: '',
	libraryUrl: '',
	declaredBytes: 0,
	declaredContextWindow: contextWindow,
	defaultContextWindow: contextWindow,
	maxContextWindow: null,
	overrides: {},
	requiredFeatures: [],
	requiredBindingBytes: null,
	modelType: 0,
	modelManifest: null,
	vision: false,
	downloadBytes: null
});
