import { describe, expect, it } from 'vitest';
import type { ChatConfig } from '../models/config.ts';
import { hostBytesWhileLoading, largestTensor } from '../models/facts.ts';
import type { Manifest } from '../models/manifest.ts';
import type { LibraryMetadata } from '../models/library.ts';
import { estimate } from './estimate.ts';
import { CHAT_BYTES } from './formula.ts';
import { libraryOf, newerQwenMetadata } from './newer-libraries.fixture.ts';
import { MEASURED, qwenLibrary, qwenVariant, WEIGHTS } from './worked-example.fixture.ts';

const KiB = 1024;
const MiB = 2 ** 20;
const GiB = 2 ** 30;

const config: ChatConfig = {
	vocabSize: 151_936,
	contextWindowSize: 32_768,
	slidingWindowSize: null,
	maxContextWindow: 32_768,
	tokenizerFiles: ['tokenizer.json'],
	modelType: 'qwen2',
	attention: { layers: 24, queryHeads: 14, keyValueHeads: 2, headDim: 64 },
	hiddenSize: 896,
	intermediateSize: 4864,
	recurrent: null,
	imageTokens: null,
	replyHeader: '',
	template: null
};

const manifest = (gpuBytes: number): Manifest => ({
	shards: [{ path: 'params_shard_0.bin', bytes: gpuBytes }],
	downloadBytes: gpuBytes,
	gpuBytes,
	largestTensor: { name: 'model.embed_tokens.q_weight', bytes: 68_067_328 },
	tensorCount: 1
});

const library = (overrides: Partial<LibraryMetadata> = {}): LibraryMetadata => ({
	...qwenLibrary('q4f16_1'),
	...overrides
});

function planned(...args: Parameters<typeof estimate>) {
	const made = estimate(...args);
	if (!made) throw new Error('there is no estimate');
	return made;
}

const q4f16 = qwenVariant('q4f16_1');

describe('planned from its library, Qwen2-0.5B-Instruct', () => {
	it.each(MEASURED)(
		'takes what was measured: %s at %d tokens',
		(name, window, afterLoad, afterPrefill, peak) => {
			const plan = planned(qwenVariant(name), window, { library: qwenLibrary(name) });
			expect(plan.confidence).toBe('library');
			expect(plan.exactParts).toBe(true);
			expect(plan.weightsBytes).toBe(WEIGHTS[name]);
			expect(plan.afterLoadBytes).toBe(afterLoad);
			const prefilled = plan.peakBytes - CHAT_BYTES;
			expect(Math.abs(prefilled - afterPrefill)).toBeLessThanOrEqual(12 * KiB);
			expect(Math.abs(plan.peakBytes / peak - 1)).toBeLessThan(0.002);
		}
	);

	it('takes a symbolic vocabulary from the chat config, and adds the logits', () => {
		const symbolic = { library: qwenLibrary('q4f16_1', 'vocab_size'), config };
		const plain = { library: qwenLibrary('q4f16_1'), config };
		const plan = planned(q4f16, 4096, symbolic);
		expect(plan.afterLoadBytes).toBe(383_446_992);
		expect(plan.activationsBytes - planned(q4f16, 4096, plain).activationsBytes).toBe(4 * 151_936);
		expect(plan.confidence).toBe('library');
	});

	it('adds no logits where only the manifest was read beside the library', () => {
		const of = (vocabulary?: 'vocab_size') =>
			planned(q4f16, 4096, {
				library: qwenLibrary('q4f16_1', vocabulary),
				manifest: manifest(WEIGHTS.q4f16_1)
			});
		expect(of('vocab_size').activationsBytes).toBe(of().activationsBytes);
	});

	it('falls back where a symbolic vocabulary cannot be resolved', () => {
		const plan = planned(q4f16, 4096, { library: qwenLibrary('q4f16_1', 'vocab_size') });
		expect(plan.confidence).toBe('declared');
	});

	it('is sure of nothing it had to guess', () => {
		const doubtful: Partial<LibraryMetadata>[] = [
			{ prefillChunkSize: null },
			{ memoryUsage: {} },
			{ kvStateKind: 'hybrid' },
			{ kvStateKind: 'rnn_state' },
			{ kvStateKind: 'none' },
			{ kvStateKind: 'new_kind' },
			{ shards: 2 },
			{ modelType: 'deepseek_v2' }
		];
		const exact = planned(q4f16, 4096, { library: library(), config });
		expect(exact).toMatchObject({ confidence: 'library', exactParts: true, note: null });
		for (const overrides of doubtful) {
			const plan = planned(q4f16, 4096, { library: library(overrides), config });
			expect(plan, JSON.stringify(overrides)).toMatchObject({
				confidence: 'manifest',
				exactParts: false
			});
			expect(plan.marginRatio, JSON.stringify(overrides)).toBeGreaterThan(0.02);
			expect(plan.note).toMatch(/^Planned from the library, but .+\.$/);
		}
	});

	it('gives a model that keeps no state no KV cache', () => {
		const none = library({ kvStateKind: 'none', attention: null });
		expect(planned(q4f16, 4096, { library: none }).kvBytes).toBe(0);
	});

	it('takes the batch pair where there is no single one', () => {
		const { prefill, embed, batch_prefill } = library().memoryUsage as Record<string, number>;
		const both = library({
			memoryUsage: { prefill: prefill ?? 0, batch_prefill: batch_prefill ?? 0 }
		});
		expect(planned(q4f16, 4096, { library: both }).activationsBytes).toBe(88_608_768 + CHAT_BYTES);
		const batch = library({
			memoryUsage: { batch_prefill: batch_prefill ?? 0, embed: embed ?? 0 }
		});
		expect(planned(q4f16, 4096, { library: batch }).activationsBytes).toBe(
			88_608_768 + 1_835_008 + CHAT_BYTES
		);
	});

	it('doubts the layers of a hybrid model where library and chat config disagree', () => {
		const hybrid = library({ kvStateKind: 'hybrid' });
		const six = {
			...config,
			attention: { layers: 6, queryHeads: 14, keyValueHeads: 2, headDim: 64 }
		};
		const agreed = planned(q4f16, 4096, { library: hybrid, config });
		const disputed = planned(q4f16, 4096, { library: hybrid, config: six });
		expect(agreed.note).not.toContain('fewer layers');
		expect(disputed.note).toContain('the chat config names fewer layers with a KV cache');
		expect(disputed.kvBytes).toBe(agreed.kvBytes);
		expect((disputed.marginRatio - agreed.marginRatio) * agreed.peakBytes).toBeCloseTo(
			0.75 * agreed.kvBytes,
			0
		);
	});

	it('makes up nothing from sizes beyond all numbers', () => {
		const layers = { layers: 2 ** 40, queryHeads: 1, keyValueHeads: 2 ** 40, headDim: 64 };
		expect(planned(q4f16, 4096, { library: library({ attention: layers }) }).confidence).toBe(
			'declared'
		);
		const params = [{ name: 'w', shape: [2 ** 50], dtype: 'float32' }];
		const heavy = library({ params: [...params, ...params, ...params] });
		expect(planned(q4f16, 4096, { library: heavy }).confidence).toBe('declared');
	});

	it('takes a declared workspace before any formula, and its reserve of pages', () => {
		const own = library({
			maxBatchSize: 1,
			workspaceBytes: 12_345,
			attention: { layers: 2, queryHeads: 4, keyValueHeads: 2, headDim: 32, pagesExtra: 0 },
			memoryUsage: { prefill: 1000, embed: 200 }
		});
		const plan = planned(q4f16, 1024, { library: own });
		expect(plan).toMatchObject({
			kvBytes: 2 * 64 * 2 * 2 * 16 * 32 * 2,
			runtimeBytes: 12_345,
			activationsBytes: 1200,
			confidence: 'library',
			note: null
		});
	});

	it('holds the KV cache to a sliding window, two spare pages included', () => {
		const sliding = { library: library({ slidingWindowSize: 1024, contextWindowSize: null }) };
		const perPage = 24 * 2 * 2 * 16 * 64 * 2;
		expect(planned(q4f16, 32_768, sliding).kvBytes).toBe((64 + 1 + 2) * perPage);
		expect(planned(q4f16, 512, sliding).kvBytes).toBe((32 + 1 + 2) * perPage);
	});

	it('lets the record switch a sliding window off', () => {
		const variant = qwenVariant('q4f16_1', { overrides: { sliding_window_size: -1 } });
		const facts = { library: library({ slidingWindowSize: 1024 }) };
		expect(planned(variant, 4096, facts).kvBytes).toBe(257 * 24 * 2 * 2 * 16 * 64 * 2);
	});

	it('lowers its confidence for a hybrid model whose state is not declared', () => {
		const plan = planned(q4f16, 4096, { library: library({ kvStateKind: 'hybrid' }) });
		expect(plan.confidence).toBe('manifest');
		expect(plan.exactParts).toBe(false);
		expect(plan.marginRatio).toBeGreaterThan(0.05);
		expect(plan.note).toContain('recurrent');
		// The batch pair is what the engine calls for such a model.
		expect(plan.activationsBytes).toBe(88_608_768 + 1_835_008 + CHAT_BYTES);
	});

	it('plans the state of a hybrid model where the chat config describes it', () => {
		const recurrent = { layers: 18, elements: 271_360 };
		const facts = {
			library: library({ kvStateKind: 'hybrid' }),
			config: { ...config, recurrent }
		};
		const without = planned(q4f16, 4096, { library: facts.library });
		const plan = planned(q4f16, 4096, facts);
		expect(plan.afterLoadBytes - without.afterLoadBytes).toBe(18 * 271_360 * 4);
		expect(plan.confidence).toBe('manifest');
		expect(plan.marginRatio).toBeLessThan(without.marginRatio);
	});

	it('gives a recurrent model no KV cache at all', () => {
		const facts = { library: library({ kvStateKind: 'rnn_state', attention: null }) };
		const [small, large] = [planned(q4f16, 1024, facts), planned(q4f16, 8192, facts)];
		expect(small.kvBytes).toBe(0);
		expect(large.peakBytes).toBe(small.peakBytes);
	});

	it('counts what an image takes for a vision model, or admits that it is not declared', () => {
		const vision = qwenVariant('q4f16_1', { vision: true });
		const silent = planned(vision, 4096, { library: library() });
		expect(silent.note).toContain('image');
		const usage = { ...library().memoryUsage, image_embed: 50 * MiB };
		const told = planned(vision, 4096, { library: library({ memoryUsage: usage }) });
		expect(told.peakBytes - silent.peakBytes).toBe(50 * MiB);
		expect(told.note).toBeNull();
	});

	it('uses the chat config where the library does not describe its KV cache', () => {
		const plan = planned(q4f16, 4096, { library: library({ attention: null }), config });
		expect(plan.afterLoadBytes).toBe(383_446_992);
		expect(plan.confidence).toBe('manifest');
	});

	it('bounds temporaries that are not declared by all they may be', () => {
		const plan = planned(q4f16, 4096, { library: library({ memoryUsage: {} }), config });
		expect(plan.marginRatio * plan.peakBytes).toBeGreaterThan(42_290_432 - plan.activationsBytes);
		expect(plan.note).toContain('temporaries');
	});
});

describe('planned from its weights manifest', () => {
	const facts = { config, manifest: manifest(277_996_288) };

	it('has exact weights and an exact KV cache, and the truth within its margin', () => {
		for (const [name, window, , , peak] of MEASURED) {
			const plan = planned(qwenVariant(name), window, {
				config,
				manifest: manifest(WEIGHTS[name])
			});
			expect(plan.confidence).toBe('manifest');
			expect(plan.weightsBytes).toBe(WEIGHTS[name]);
			expect(Math.abs(plan.peakBytes - peak)).toBeLessThan(plan.marginRatio * plan.peakBytes);
		}
	});

	it('keeps exact weights where the chat config says nothing of the attention', () => {
		const plan = planned(q4f16, 4096, { ...facts, config: { ...config, attention: null } });
		expect(plan.weightsBytes).toBe(277_996_288);
		expect(plan.note).toContain('rough guess');
	});

	it('knows the largest tensor, and what the page itself takes while loading', () => {
		expect(largestTensor(facts)?.name).toBe('model.embed_tokens.q_weight');
		expect(hostBytesWhileLoading(facts)).toBe(4 * 68_067_328);
		expect(largestTensor({ library: library() })).toEqual(facts.manifest.largestTensor);
		expect(hostBytesWhileLoading(null)).toBeNull();
	});

	it('names the first of several largest tensors, however small they are', () => {
		const of = (...shapes: number[][]) =>
			largestTensor({
				library: {
					...library(),
					params: shapes.map((shape, i) => ({
						...library().params![0]!,
						name: `w${i}`,
						dtype: 'int8',
						shape
					}))
				}
			});
		expect(of([1])).toEqual({ name: 'w0', bytes: 4 });
		expect(of([2], [5], [8])).toEqual({ name: 'w1', bytes: 8 });
	});
});

it.each([
	['library', { library: qwenLibrary('q4f16_1') }],
	['manifest', { config, manifest: manifest(277_996_288) }]
])('planned from its %s takes its margin more at most', (confidence, facts) => {
	const { peakBytes, marginRatio, mostBytes, ...plan } = planned(q4f16, 4096, facts);
	expect(plan.confidence).toBe(confidence);
	expect(mostBytes).toBe(Math.ceil(peakBytes * (1 + marginRatio)));
});

describe('what was measured', () => {
	const measured = (contextWindow: number, afterLoadBytes: number, peakBytes: number) => ({
		contextWindow,
		afterLoadBytes,
		peakBytes
	});
	const seen = (of: ReturnType<typeof measured>, window = of.contextWindow) =>
		estimate(q4f16, window, null, [of]);

	it('is known to one percent', () => {
		expect(seen(measured(4096, 300 * MiB, 400 * MiB))).toMatchObject({
			marginRatio: 0.01,
			mostBytes: 404 * MiB,
			peakBytes: 400 * MiB,
			verified: true
		});
	});

	it('of a variant of which nothing else is known is weights and what chatting takes', () => {
		const nothing = qwenVariant('q4f16_1', { declaredBytes: 0 });
		expect(estimate(nothing, 4096, null, [measured(4096, 300, 400)])).toMatchObject({
			weightsBytes: 300,
			kvBytes: 0,
			runtimeBytes: 0,
			activationsBytes: 100,
			samplingBytes: 0,
			samplingBatch: null,
			exactParts: false
		});
	});

	it.each([
		[1, 1, 1, 'measured'],
		[1, 1, 2, 'measured'],
		[1, 0, 2, 'declared'],
		[1, 2, 1, 'declared'],
		[1, 1, Infinity, 'declared'],
		[1, NaN, 1, 'declared']
	])('at %d tokens, %d bytes and a peak of %d is %s', (window, afterLoad, peak, confidence) => {
		expect(seen(measured(window, afterLoad, peak))?.confidence).toBe(confidence);
	});

	it('at a window of nothing bounds no other window', () => {
		expect(seen(measured(0, 2 * GiB, 3 * GiB), 4096)).toEqual(estimate(q4f16, 4096));
		expect(seen(measured(1, 2 * GiB, 3 * GiB), 4096)?.peakBytes).toBe(3 * GiB);
	});

	it('keeps the plan’s parts as far as they fit into it', () => {
		const facts = { library: library(), config };
		const plan = planned(q4f16, 4096, facts);
		const held = plan.weightsBytes + plan.kvBytes;
		const of = (afterLoad: number) =>
			estimate(q4f16, 4096, facts, [measured(4096, afterLoad, afterLoad + 1000)])!;
		expect(of(held)).toMatchObject({
			weightsBytes: plan.weightsBytes,
			kvBytes: plan.kvBytes,
			runtimeBytes: 0,
			activationsBytes: 1000,
			exactParts: true
		});
		const half = of(held / 2);
		expect(half.exactParts).toBe(false);
		expect(half.weightsBytes / (held / 2)).toBeCloseTo(plan.weightsBytes / held, 6);
		expect(half.weightsBytes + half.kvBytes + half.runtimeBytes).toBe(half.afterLoadBytes);
	});

	it('at another window bounds what is planned, part by part', () => {
		const facts = { library: library(), config };
		const plan = planned(q4f16, 4096, facts);
		const small = estimate(q4f16, 4096, facts, [measured(8192, 1000, 200 * MiB)])!;
		expect(small.peakBytes).toBe(200 * MiB);
		expect(small.mostBytes).toBe(200 * MiB);
		expect(small.weightsBytes).toBe(Math.floor((plan.weightsBytes * 200 * MiB) / plan.peakBytes));
		expect(small.afterLoadBytes + small.activationsBytes + small.samplingBytes).toBe(200 * MiB);
		const large = estimate(q4f16, 4096, facts, [measured(1024, 1000, 900 * MiB)])!;
		expect([large.peakBytes, large.mostBytes]).toEqual([900 * MiB, 900 * MiB]);
		// A smaller window that took more than a larger one: what it took counts.
		const both = [measured(1024, 1000, 900 * MiB), measured(8192, 1000, 200 * MiB)];
		expect(estimate(q4f16, 4096, facts, both)?.peakBytes).toBe(900 * MiB);
	});

	it('where a plan was right to 2 %, vouches for it at every window', () => {
		const metadata = newerQwenMetadata('q4f16_1');
		const memory_usage = { ...metadata.memory_usage, argsort_probs: 0, sample_with_top_p: 0 };
		const unmeasured = { library: libraryOf({ ...metadata, memory_usage }), config };
		const plan = planned(q4f16, 4096, unmeasured);
		const after = (ratio: number) =>
			estimate(q4f16, 8192, unmeasured, [measured(4096, 1000, Math.round(plan.peakBytes * ratio))])
				?.verified;
		expect(plan.verified).toBe(false);
		expect([1, 1.019, 0.982, 1.03, 0.97].map(after)).toEqual([true, true, true, false, false]);
	});

	it('a window beyond all sense is taken for the usual one', () => {
		const windows = [1, 4096.9, 2 ** 31, 2 ** 31 + 1, 0, -1, NaN, Infinity];
		expect(windows.map((window) => estimate(q4f16, window)?.contextWindow)).toEqual([
			1,
			4096,
			2 ** 31,
			4096,
			4096,
			4096,
			4096,
			4096
		]);
		const none = qwenVariant('q4f16_1', { defaultContextWindow: 0 });
		expect(estimate(none, 0)).toBeNull();
	});
});

describe('taken from the declared figure', () => {
	it('is that figure at the window it was declared for', () => {
		const plan = planned(q4f16, 4096);
		expect(plan.confidence).toBe('declared');
		expect(Math.abs(plan.peakBytes - q4f16.declaredBytes)).toBeLessThan(4);
		expect(plan.exactParts).toBe(false);
		expect(plan.note).toContain('945 MiB');
	});

	it('has the truth within its margin', () => {
		for (const [name, window, , , peak] of MEASURED) {
			const plan = planned(qwenVariant(name), window);
			expect(Math.abs(plan.peakBytes - peak)).toBeLessThan(plan.marginRatio * plan.peakBytes);
		}
	});

	it('prices the window exactly as soon as the chat config is known', () => {
		const perPage = 24 * 2 * 2 * 16 * 64 * 2;
		const [small, large] = [1024, 8192].map((n) => planned(q4f16, n, { config }).peakBytes);
		expect(Math.abs((large ?? 0) - (small ?? 0) - 448 * perPage)).toBeLessThan(4);
	});

	it.each([0, -5, NaN, Infinity])('is missing where the catalogue says %d', (declaredBytes) => {
		expect(estimate(qwenVariant('q4f16_1', { declaredBytes }), 4096)).toBeNull();
	});

	it('takes the default window where the one given is no number', () => {
		expect(planned(q4f16, NaN).contextWindow).toBe(4096);
	});
});

describe('measured here', () => {
	const facts = { library: library() };
	const measured = [{ contextWindow: 4096, afterLoadBytes: 380_000_000, peakBytes: 420_000_000 }];

	it('takes the place of any plan at that window', () => {
		const plan = planned(q4f16, 4096, facts, measured);
		expect(plan).toMatchObject({
			confidence: 'measured',
			afterLoadBytes: 380_000_000,
			peakBytes: 420_000_000,
			weightsBytes: 277_996_288,
			note: null
		});
	});

	it('stands even where nothing else is known', () => {
		const unknown = qwenVariant('q4f16_1', { declaredBytes: 0 });
		expect(planned(unknown, 4096, null, measured).peakBytes).toBe(420_000_000);
		expect(estimate(unknown, 2048, null, measured)).toBeNull();
	});

	it('bounds what other windows may take', () => {
		// The declared figure is far too high; the smaller window cannot take more than the larger one did.
		const plan = planned(q4f16, 2048, null, measured);
		expect(plan.peakBytes).toBe(420_000_000);
		expect(plan.confidence).toBe('declared');
		expect(plan.note).toContain('measured here');
	});

	it('ignores figures that cannot be', () => {
		for (const bytes of [NaN, -1, 0, Infinity]) {
			const broken = [{ contextWindow: 4096, afterLoadBytes: 1, peakBytes: bytes }];
			expect(planned(q4f16, 4096, facts, broken).confidence).toBe('library');
		}
	});
});
