import type { GenerationConfig, LogitProcessor, MLCEngine } from '@mlc-ai/web-llm';
import { Failure } from '../../../rpc/failure.ts';
import { Chooser, probabilities } from './choose.ts';
import { adjust, type Adjustments } from './logits.ts';
import {
	activeVocabulary,
	isObject,
	loadedPipeline,
	SAMPLERS,
	unexpectedField,
	type Pipeline,
	type Tensor,
	type Unexpected
} from './pipeline.ts';

/** The engine's own guard against a division by zero. */
const LOWEST_TEMPERATURE = 1e-6;

interface Asked extends Omit<Adjustments, 'counts'> {
	temperature: number;
	topP: number;
	/** The engine reads probabilities back after the draw. */
	wantsProbabilities: boolean;
}

/**
 * Chooses the tokens of one loaded model on the CPU. The library's own sampling functions are never called, so the
 * buffers that they allocate at the first token and keep (for as many sequences as the library was compiled for) never
 * exist. Everything else stays the engine's: its grammar's mask (on the GPU, before the logits come here), counts,
 * stops, random numbers and log probabilities. Its kernels for bias and penalties still run, after the choice, on
 * logits that nobody reads any more; they work in place.
 */
export class LeanSampling {
	/** For the engine's registry: it is read when a model is loaded. Passes logits through until `install`. */
	readonly processor: LogitProcessor = {
		processLogits: (logits) => this.#process(logits),
		processSampledToken: () => {},
		resetState: () => {}
	};
	readonly #chooser = new Chooser();
	#pipeline: Pipeline | null = null;
	#activeVocabulary = 0;
	#asked: Asked | null = null;
	#chosen: number | null = null;
	#probabilities: Float32Array | null = null;
	/** Tokens that the engine took from here. */
	#taken = 0;

	/**
	 * Takes over the sampling of a model that was loaded with `processor`. Nothing is changed, and the engine samples by
	 * itself, where it is not the engine that this was made for: the Failure then says what was expected and found.
	 */
	install(engine: MLCEngine, modelId: string): Failure | null {
		const loaded = loadedPipeline(engine, modelId);
		const problem = unexpectedField(loaded) ?? this.#problemOf(loaded as Pipeline);
		// Once a model has its processor, the registry only keeps the engine from resuming requests; from a restored state
		// this one draws the same numbers again.
		engine.setLogitProcessorRegistry(undefined);
		if (problem) {
			// It would only carry the logits to and fro.
			if (isObject(loaded) && loaded.logitProcessor === this.processor)
				loaded.logitProcessor = undefined;
			return unavailable(problem);
		}
		const pipeline = loaded as Pipeline;
		this.#takeOver(pipeline);
		this.#pipeline = pipeline;
		return null;
	}

	/** What a pipeline with all the expected fields does otherwise than expected. */
	#problemOf(pipeline: Pipeline): Unexpected | null {
		if (pipeline.logitProcessor !== this.processor)
			return {
				field: 'logitProcessor',
				expected: 'the registered one',
				found: typeof pipeline.logitProcessor
			};
		const active = activeVocabulary(pipeline);
		if (active === null) return { field: '_metadata', expected: 'JSON', found: 'something else' };
		this.#activeVocabulary = active;
		return otherRandomNumbers(pipeline);
	}

	/** After the first token: null if it was chosen here. */
	get unused(): Failure | null {
		return this.#taken > 0
			? null
			: unavailable({ field: 'fsampleWithTopP', expected: 'a call for each token', found: 'none' });
	}

	#takeOver(pipeline: Pipeline) {
		const sample = pipeline.sampleFromRawLogits.bind(pipeline);
		pipeline.sampleFromRawLogits = (logits, config) => {
			this.#asked = askedOf(pipeline.config, config);
			this.#chosen = null;
			return sample(logits, config);
		};
		// What the engine does after the processor, in this order; each stub hands on what the next one takes.
		const stubs: Record<(typeof SAMPLERS)[number], (...args: unknown[]) => unknown> = {
			fsoftmaxWithTemperature: (logits) => {
				// Log probabilities are read from here: written over logits that were of no more use.
				if (this.#probabilities) (logits as Tensor).copyFrom(this.#probabilities);
				return logits;
			},
			fargsortProbs: () => ({ get: () => undefined }),
			fsampleWithTopP: () => {
				if (this.#chosen === null)
					throw unavailable({
						field: 'processLogits',
						expected: 'a call before each draw',
						found: 'none'
					});
				this.#taken++;
				const { tvm } = pipeline;
				return tvm.empty([1], 'int32', tvm.cpu()).copyFrom(Int32Array.of(this.#chosen));
			}
		};
		for (const name of SAMPLERS) {
			const own = pipeline[name];
			// Unloading the model disposes of these.
			pipeline[name] = Object.assign(stubs[name], { dispose: () => own.dispose() });
		}
	}

	#process(logits: Float32Array): Float32Array {
		const [pipeline, asked] = [this.#pipeline, this.#asked];
		if (!pipeline || !asked) return logits;
		const { fullVocabSize, appearedTokensFreq: counts } = pipeline;
		if (!(logits instanceof Float32Array) || logits.length !== fullVocabSize)
			throw unavailable({
				field: 'logits',
				expected: `${fullVocabSize} in f32`,
				found: String(logits.length)
			});
		adjust(logits, { ...asked, counts });
		const active = logits.subarray(0, this.#activeVocabulary);
		const uniform = nextUniform(pipeline);
		this.#chosen = this.#chooser.choose(active, { ...asked, uniform });
		this.#probabilities = null;
		if (asked.wantsProbabilities) {
			this.#probabilities = new Float32Array(fullVocabSize);
			this.#probabilities.set(probabilities(active, asked.temperature));
		}
		return logits;
	}
}

/** What holds for a token, by the engine's rules: the request's own values, else those of the model's config. */
function askedOf(defaults: Pipeline['config'], config: GenerationConfig | undefined): Asked {
	const number = (name: keyof GenerationConfig, otherwise: number) =>
		Number(config?.[name] ?? defaults[name] ?? otherwise);
	return {
		temperature: Math.fround(Math.max(LOWEST_TEMPERATURE, number('temperature', 1))),
		topP: Math.fround(number('top_p', 1)),
		presencePenalty: number('presence_penalty', 0),
		frequencyPenalty: number('frequency_penalty', 0),
		repetitionPenalty: number('repetition_penalty', 1),
		logitBias: config?.logit_bias ?? null,
		wantsProbabilities: Boolean(config?.logprobs) && (config?.top_logprobs ?? 0) > 0
	};
}

/** The number that the engine is about to draw itself, from the generator that a request's seed has set. */
function nextUniform(pipeline: Pipeline): number {
	const state = pipeline.getRNGState();
	const uniform = Math.fround(pipeline.tvm.rng.randomFloat());
	if (state !== undefined) pipeline.setRNGState(state);
	return uniform;
}

/** Null if the engine draws the number that `nextUniform` foretells. */
function otherRandomNumbers(pipeline: Pipeline): Unexpected | null {
	const { tvm } = pipeline;
	const state = pipeline.getRNGState();
	if (state === undefined)
		return { field: 'getRNGState', expected: 'a number', found: 'undefined' };
	const [first, second] = [nextUniform(pipeline), nextUniform(pipeline)];
	tvm.beginScope();
	const [drawn] = Array.from(tvm.uniform([1], 0, 1, tvm.cpu()).toArray());
	tvm.endScope();
	pipeline.setRNGState(state);
	return first === second && first === drawn
		? null
		: { field: 'uniform', expected: String(first), found: `${second}, ${drawn}` };
}

const unavailable = (problem: Unexpected) =>
	new Failure('lean-unavailable', 'This version of the engine cannot sample on the CPU.', {
		...problem
	});
