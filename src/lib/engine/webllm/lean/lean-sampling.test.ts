import type { GenerationConfig, MLCEngine } from '@mlc-ai/web-llm';
import { describe, expect, test } from 'vitest';
import { LeanSampling } from './lean-sampling.ts';

const MODEL = 'a-model';

interface Overrides {
	vocabulary?: number;
	metadata?: object;
	logits?: number[];
}

/** As much of the engine as the adapter touches, in the engine's own order; what a GPU would do is noted. */
function engineWith(lean: LeanSampling, { vocabulary = 4, metadata = {}, logits }: Overrides = {}) {
	const called: string[] = [];
	const packed = (name: string) =>
		Object.assign(
			() => {
				called.push(name);
				return undefined;
			},
			{ dispose: () => called.push(`${name}.dispose`) }
		);
	const tensor = () => {
		let data: number[] = [];
		const self = {
			copyFrom(from: ArrayLike<number>) {
				data = Array.from(from);
				return self;
			},
			toArray: () => data,
			get data() {
				return data;
			}
		};
		return self;
	};
	let state = 1;
	const rng = {
		randomFloat: () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
	};
	const pipeline = {
		tvm: {
			beginScope: () => called.push('begin'),
			endScope: () => called.push('end'),
			cpu: () => 'cpu',
			empty: (...args: unknown[]) => {
				called.push(`empty ${JSON.stringify(args)}`);
				return tensor();
			},
			uniform: (...args: unknown[]) => {
				called.push(`uniform ${JSON.stringify(args)}`);
				return tensor().copyFrom([Math.fround(rng.randomFloat())]);
			},
			rng
		},
		vm: { getFunction: () => Object.assign(() => JSON.stringify(metadata), { dispose() {} }) },
		config: { temperature: 0, top_p: 1, repetition_penalty: 1 },
		fullVocabSize: vocabulary,
		appearedTokensFreq: new Map<number, number>(),
		logitProcessor: lean.processor as unknown,
		getRNGState: () => state as number | undefined,
		setRNGState: (to: number) => {
			state = to;
			return true;
		},
		fsoftmaxWithTemperature: packed('softmax') as (...args: unknown[]) => unknown,
		fargsortProbs: packed('argsort') as (...args: unknown[]) => unknown,
		fsampleWithTopP: packed('sample') as (...args: unknown[]) => unknown,
		probabilities: [] as number[],
		sampleFromRawLogits(_logits: unknown, config?: GenerationConfig): Promise<number> {
			const processed = lean.processor.processLogits(Float32Array.from(logits ?? [1, 3, 2, 0]));
			const gpu = tensor().copyFrom(processed);
			const probs = pipeline.fsoftmaxWithTemperature(gpu, null);
			const sorted = pipeline.fargsortProbs(probs) as { get(i: number): unknown };
			const drawn = pipeline.tvm.uniform();
			if (config?.logprobs) pipeline.probabilities = gpu.data;
			const token = pipeline.fsampleWithTopP(sorted.get(0), sorted.get(1), drawn) as {
				toArray(): number[];
			};
			return Promise.resolve(token.toArray()[0] ?? -1);
		}
	};
	const registry: unknown[] = [];
	const engine = {
		loadedModelIdToPipeline: new Map([[MODEL, pipeline]]),
		setLogitProcessorRegistry: (to: unknown) => registry.push(to)
	};
	return { engine: engine as unknown as MLCEngine, pipeline, called, registry };
}

describe('installed', () => {
	test('the library’s sampling functions are not called, and are disposed of in the end', async () => {
		const lean = new LeanSampling();
		const { engine, pipeline, called } = engineWith(lean);
		expect(lean.install(engine, MODEL)).toBeNull();
		expect(lean.unused).toMatchObject({ kind: 'lean-unavailable' });
		expect(await pipeline.sampleFromRawLogits(null, {})).toBe(1);
		expect(lean.unused).toBeNull();
		expect(called.filter((name) => /^(softmax|argsort|sample)$/.test(name))).toEqual([]);
		(pipeline.fsampleWithTopP as unknown as { dispose(): void }).dispose();
		expect(called.at(-1)).toBe('sample.dispose');
	});
	test('the engine may resume requests: its registry is empty again', () => {
		const lean = new LeanSampling();
		const { engine, registry } = engineWith(lean);
		lean.install(engine, MODEL);
		expect(registry).toEqual([undefined]);
	});
	test('a request’s own values go before those of the model’s config', async () => {
		const lean = new LeanSampling();
		const { engine, pipeline } = engineWith(lean);
		lean.install(engine, MODEL);
		Object.assign(pipeline.config, { presence_penalty: 2 });
		pipeline.appearedTokensFreq.set(1, 1);
		expect(await pipeline.sampleFromRawLogits(null)).toBe(2);
		expect(await pipeline.sampleFromRawLogits(null, { presence_penalty: 0 })).toBe(1);
		expect(await pipeline.sampleFromRawLogits(null, { logit_bias: { 3: 9 } })).toBe(3);
	});
	test('the random numbers are the engine’s own, and it draws as many as ever', async () => {
		const lean = new LeanSampling();
		const { engine, pipeline } = engineWith(lean, { logits: [0, 0, 0, 0] });
		expect(lean.install(engine, MODEL)).toBeNull();
		pipeline.setRNGState(7);
		const tokens = [];
		for (let i = 0; i < 5; i++)
			tokens.push(await pipeline.sampleFromRawLogits(null, { temperature: 1 }));
		let state = 7;
		const expected = tokens.map(() => {
			state = (state * 48_271) % 2_147_483_647;
			return Math.floor((4 * state) / 2_147_483_647);
		});
		expect(tokens).toEqual(expected);
		expect(pipeline.getRNGState()).toBe(state);
	});
	test('padding of the vocabulary is left out where the library leaves it out', async () => {
		for (const [active, token] of [
			[1, 0],
			[3, 1],
			[undefined, 1],
			[null, 1],
			[99, 1],
			[0, 1],
			['3', 1]
		]) {
			const lean = new LeanSampling();
			const { engine, pipeline } = engineWith(lean, {
				metadata: active === undefined ? {} : { active_vocab_size: active }
			});
			expect(lean.install(engine, MODEL)).toBeNull();
			expect(await pipeline.sampleFromRawLogits(null, {})).toBe(token);
		}
	});
	test('log probabilities are taken from the probabilities of all tokens', async () => {
		const lean = new LeanSampling();
		const { engine, pipeline } = engineWith(lean, {
			logits: [0, Math.log(3), 5, 7],
			metadata: { active_vocab_size: 2 }
		});
		lean.install(engine, MODEL);
		const asked = { temperature: 1, logprobs: true, top_logprobs: 2 };
		await pipeline.sampleFromRawLogits(null, asked);
		const [a, b, ...padding] = pipeline.probabilities;
		expect(a).toBeCloseTo(0.25);
		expect(b).toBeCloseTo(0.75);
		expect(padding).toEqual([0, 0]);
	});
	test('a token is handed over as one integer, and random numbers are compared from 0 to 1', async () => {
		const lean = new LeanSampling();
		const { engine, pipeline, called } = engineWith(lean);
		lean.install(engine, MODEL);
		expect(called).toContain('uniform [[1],0,1,"cpu"]');
		await pipeline.sampleFromRawLogits(null, {});
		expect(called).toContain('empty [[1],"int32","cpu"]');
	});
	test('without any settings the engine’s own defaults hold: temperature and repetition 1, no penalties', async () => {
		const lean = new LeanSampling();
		const { engine, pipeline } = engineWith(lean, { logits: [1, 2.5, 2, 0] });
		lean.install(engine, MODEL);
		pipeline.config = {} as typeof pipeline.config;
		pipeline.appearedTokensFreq.set(1, 1);
		expect(await pipeline.sampleFromRawLogits(null, { temperature: 0 })).toBe(1);

		const drawing = new LeanSampling();
		const other = engineWith(drawing, { vocabulary: 2, logits: [0, Math.log(3)] });
		drawing.install(other.engine, MODEL);
		other.pipeline.config = {} as typeof pipeline.config;
		// Three quarters are token 1's, at a temperature of 2 only 63 %.
		const drawnAt = (uniform: number) => {
			for (let state = 1; ; state++)
				if (Math.abs(((state * 48_271) % 2_147_483_647) / 2_147_483_647 - uniform) < 0.001) {
					other.pipeline.setRNGState(state);
					return other.pipeline.sampleFromRawLogits(null);
				}
		};
		expect([await drawnAt(0.74), await drawnAt(0.76)]).toEqual([1, 0]);
	});
	test('probabilities are not computed where nobody says of how many tokens', async () => {
		const lean = new LeanSampling();
		const { engine, pipeline } = engineWith(lean);
		lean.install(engine, MODEL);
		await pipeline.sampleFromRawLogits(null, { logprobs: true });
		expect(pipeline.probabilities).toEqual([1, 3, 2, 0]);
	});
	test('probabilities are computed only where log probabilities are asked for', async () => {
		const lean = new LeanSampling();
		const { engine, pipeline } = engineWith(lean);
		lean.install(engine, MODEL);
		for (const [top_logprobs, sum] of [
			[0, 6],
			[1, 1]
		] as const) {
			await pipeline.sampleFromRawLogits(null, { temperature: 1, logprobs: true, top_logprobs });
			expect(pipeline.probabilities.reduce((a, b) => a + b)).toBeCloseTo(sum, 5);
		}
	});
	test('logits that are no numbers, or are too few, fail in words', () => {
		const lean = new LeanSampling();
		const { engine, pipeline } = engineWith(lean, { logits: [1, NaN, 0, 0] });
		lean.install(engine, MODEL);
		const sample = () => pipeline.sampleFromRawLogits(null, {});
		expect(sample).toThrow(expect.objectContaining({ kind: 'bad-logits' }));
		const short = new LeanSampling();
		const other = engineWith(short, { logits: [1, 2] });
		short.install(other.engine, MODEL);
		expect(() => other.pipeline.sampleFromRawLogits(null, {})).toThrow(
			expect.objectContaining({ kind: 'lean-unavailable' })
		);
	});
});

describe('an engine that is not the expected one', () => {
	test.each([
		'tvm.beginScope',
		'tvm.endScope',
		'tvm.cpu',
		'tvm.empty',
		'tvm.uniform',
		'tvm.rng.randomFloat',
		'tvm.rng',
		'tvm',
		'vm.getFunction',
		'config',
		'fullVocabSize',
		'appearedTokensFreq',
		'getRNGState',
		'setRNGState',
		'sampleFromRawLogits',
		'fsoftmaxWithTemperature',
		'fargsortProbs',
		'fsampleWithTopP',
		'fsampleWithTopP.dispose',
		'logitProcessor'
	])('without %s keeps its own sampling, and says what is missing', (path) => {
		const lean = new LeanSampling();
		const { engine, pipeline } = engineWith(lean);
		const names = path.split('.');
		const last = names.pop() ?? '';
		const owner = names.reduce<Record<string, unknown>>(
			(object, name) => object[name] as Record<string, unknown>,
			pipeline as unknown as Record<string, unknown>
		);
		owner[last] = undefined;
		const before = { ...pipeline };
		const problem = lean.install(engine, MODEL);
		expect(problem).toMatchObject({ kind: 'lean-unavailable', name: 'Failure' });
		expect(String(problem?.detail.field)).toContain(path.replace('.dispose', ''));
		expect({ ...pipeline, logitProcessor: null }).toEqual({ ...before, logitProcessor: null });
		// What was registered changes nothing.
		const logits = Float32Array.of(3, 1, NaN);
		expect(lean.processor.processLogits(logits)).toBe(logits);
		expect([...logits]).toEqual([3, 1, NaN]);
	});
	test('whose fields are of another kind says which, and what they are', () => {
		for (const [field, value, found] of [
			['config', null, 'null'],
			['config', 7, 'number'],
			['fullVocabSize', 0, 'number'],
			['fullVocabSize', 1.5, 'number'],
			['appearedTokensFreq', {}, 'object']
		] as const) {
			const lean = new LeanSampling();
			const { engine, pipeline } = engineWith(lean);
			Object.assign(pipeline, { [field]: value });
			expect(lean.install(engine, MODEL)?.detail).toMatchObject({ field, found });
		}
		const lean = new LeanSampling();
		expect(lean.install(engineWith(lean, { vocabulary: 1 }).engine, MODEL)).toBeNull();
	});
	test('that draws other random numbers keeps its own sampling', () => {
		const lean = new LeanSampling();
		const { engine, pipeline } = engineWith(lean);
		pipeline.tvm.uniform = () => pipeline.tvm.empty().copyFrom([0.5]);
		const own = pipeline.fsampleWithTopP;
		expect(lean.install(engine, MODEL)).toMatchObject({
			kind: 'lean-unavailable',
			detail: { field: 'uniform' }
		});
		expect(pipeline.fsampleWithTopP).toBe(own);
		expect(pipeline.logitProcessor).toBeUndefined();
	});
	test('that has no readable metadata keeps its own sampling', () => {
		const lean = new LeanSampling();
		const { engine, pipeline, registry } = engineWith(lean);
		pipeline.vm.getFunction = () => {
			throw new Error('Cannot find function _metadata');
		};
		expect(lean.install(engine, MODEL)).toMatchObject({ detail: { field: '_metadata' } });
		expect(pipeline.logitProcessor).toBeUndefined();
		expect(registry).toEqual([undefined]);
	});
	test('that has no such model loaded, or no models at all, is told apart', () => {
		const lean = new LeanSampling();
		const { engine } = engineWith(lean);
		expect(lean.install(engine, 'another')).toMatchObject({ kind: 'lean-unavailable' });
		const nothing = { setLogitProcessorRegistry() {} } as unknown as MLCEngine;
		expect(lean.install(nothing, MODEL)).toMatchObject({ kind: 'lean-unavailable' });
	});
});
