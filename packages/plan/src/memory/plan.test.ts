import { describe, expect, it } from 'vitest';
import type { ChatConfig } from '../models/config.ts';
import type { Facts } from '../models/facts.ts';
import type { LibraryMetadata } from '../models/library.ts';
import { estimate } from './estimate.ts';
import { libraryOf, manifestOf, newerQwenMetadata } from './newer-libraries.fixture.ts';
import { largestKvBuffer, planOf, shapeOf, type Plan } from './plan.ts';
import { qwenLibrary, qwenVariant } from './worked-example.fixture.ts';

// Sums by hand for Qwen2-0.5B in q4f16_1: 24 layers, 14 heads, 2 of keys and values, 64 wide, two bytes each.

const MiB = 2 ** 20;
const variant = qwenVariant('q4f16_1');
const PAGE = 2 * 2 * 16 * 64 * 2;
const KV = 24 * 257 * PAGE;
const WEIGHTS = 277_996_288;

const config: ChatConfig = {
	vocabSize: 151_936,
	contextWindowSize: 32_768,
	slidingWindowSize: null,
	maxContextWindow: 32_768,
	tokenizerFiles: [],
	modelType: 'qwen2',
	attention: { layers: 24, queryHeads: 14, keyValueHeads: 2, headDim: 64 },
	hiddenSize: 896,
	intermediateSize: 4864,
	recurrent: null,
	imageTokens: null,
	replyHeader: '',
	template: null
};
const library = (overrides: Partial<LibraryMetadata> = {}): LibraryMetadata => ({
	...qwenLibrary('q4f16_1'),
	...overrides
});

function planned(facts: Facts, of = variant, window = 4096): Plan {
	// As for a kind that was measured: only the doubts are left.
	const made = planOf(of, window, facts, { verifiedHere: true });
	if (!made) throw new Error('there is no plan');
	return made;
}

/** Of a chunk of 1024 tokens: four inner widths and one embedding per token, and one row of logits. */
const temporaries = (inner: number, hidden: number, vocabulary: number) =>
	1024 * (4 * inner + hidden) * 2 + 4 * vocabulary;
/** Queries, keys, values and outputs of the chunk, two scores per head, and what the older runtime keeps. */
const WORKSPACE =
	1024 * (2 * 14 * 64 * 2 + 2 * 2 * 64 * 2 + 2 * 14 * 4) + 48.25 * MiB + 20 * 257 + 14_524;

describe('a plan from a library', () => {
	const sure = planned({ library: library(), config });

	it('without a doubt is off by nothing that is known', () => {
		expect(sure).toMatchObject({
			weightsBytes: WEIGHTS,
			kvBytes: KV,
			runtimeBytes: WORKSPACE,
			activationsBytes: 40_455_424 + 1_835_008 + MiB,
			samplingBytes: 0,
			marginBytes: 0,
			note: null
		});
	});

	const bounded = temporaries(4864, 896, 151_936);
	const chat = 40_455_424 + 1_835_008 + MiB;
	it.each<[string, Partial<LibraryMetadata>, Partial<ChatConfig>, number]>([
		['its chunk: half of the workspace', { prefillChunkSize: null }, {}, WORKSPACE / 2],
		['its temporaries: all of them', { memoryUsage: {}, imports: [] }, {}, bounded],
		[
			'a state nobody describes: a tenth of the weights',
			{ kvStateKind: 'rnn_state' },
			{},
			WEIGHTS / 10
		],
		[
			'a state that the chat config describes: all of it',
			{ kvStateKind: 'rnn_state' },
			{ recurrent: { layers: 18, elements: 1000 } },
			18 * 1000 * 4
		],
		[
			'a kind of state not known: cache and temporaries',
			{ kvStateKind: 'new_kind' },
			{},
			KV + chat
		],
		['its attention: a twentieth of the cache', { attention: null }, {}, KV / 20],
		['a compressed cache: cache and workspace', { modelType: 'deepseek_v2' }, {}, KV + WORKSPACE],
		['several GPUs: all but the temporaries', { shards: 2 }, {}, WEIGHTS + KV + WORKSPACE]
	])('doubts %s', (_, overrides, other, bytes) => {
		const made = planned({ library: library(overrides), config: { ...config, ...other } });
		expect(made.marginBytes).toBeCloseTo(bytes, 6);
		expect(made.exactParts).toBe(false);
	});

	it('doubts the layers that only one of library and chat config has', () => {
		const attention = { layers: 6, queryHeads: 14, keyValueHeads: 2, headDim: 64 };
		const margin = (other: Partial<ChatConfig>) =>
			planned({ library: library({ kvStateKind: 'hybrid' }), config: { ...config, ...other } })
				.marginBytes;
		expect(margin({ attention }) - margin({})).toBeCloseTo(0.75 * KV, 6);
		expect(margin({ attention: { ...attention, layers: 24 } })).toBe(margin({}));
		expect(margin({ attention: { ...attention, layers: 25 } })).toBe(margin({}));
	});

	it('keeps the state of recurrent layers once for each step that can be taken back', () => {
		const facts = {
			library: library({ kvStateKind: 'rnn_state' }),
			config: { ...config, recurrent: { layers: 2, elements: 100 } }
		};
		const runtime = (history: number) =>
			planned(facts, qwenVariant('q4f16_1', { overrides: { max_history_size: history } }))
				.runtimeBytes;
		expect([planned(facts).runtimeBytes, runtime(1), runtime(0), runtime(3)]).toEqual([
			800, 800, 800, 2400
		]);
	});

	it('doubts what an image takes as much as a prompt does', () => {
		const seeing = qwenVariant('q4f16_1', { vision: true });
		expect(planned({ library: library() }, seeing).marginBytes).toBe(chat);
	});

	it('of a kind that nobody measured may hide a fifth more, rounded up to 21 %', () => {
		const all = { softmax_with_temperature: 0, argsort_probs: 0, sample_with_top_p: 0 };
		const metadata = newerQwenMetadata('q4f16_1');
		const facts = {
			library: libraryOf({ ...metadata, memory_usage: { ...metadata.memory_usage, ...all } }),
			config
		};
		const peak = estimate(variant, 4096, facts)!.peakBytes;
		const unmeasured = planOf(variant, 4096, facts)!;
		expect(unmeasured.marginBytes).toBeCloseTo(0.21 * peak, 3);
		expect(unmeasured.verified).toBe(false);
		expect(planned(facts)).toMatchObject({ marginBytes: 0, verified: true });
		expect(estimate(variant, 4096, facts)?.verified).toBe(false);
		expect(estimate(variant, 4096, facts, [], { verifiedHere: true })?.verified).toBe(true);
	});

	it('without a workspace of its own and without attention takes nothing besides', () => {
		const none = library({ kvStateKind: 'none', attention: null });
		expect(planned({ library: none })).toMatchObject({ runtimeBytes: 0, kvBytes: 0 });
	});

	it('takes the chunk from the library, else from its name, else 2048 tokens', () => {
		const runtime = (libraryUrl: string, prefillChunkSize: number | null = null) =>
			planned({ library: library({ prefillChunkSize }) }, qwenVariant('q4f16_1', { libraryUrl }))
				.runtimeBytes;
		const perToken = 2 * 14 * 64 * 2 + 2 * 2 * 64 * 2 + 2 * 14 * 4;
		const without = WORKSPACE - 1024 * perToken;
		expect(runtime('https://lib.test/a_cs2k.wasm', 512)).toBe(without + 512 * perToken);
		expect(runtime('https://lib.test/a_cs2k.wasm')).toBe(without + 2048 * perToken);
		expect(runtime('https://lib.test/a_cs512.wasm')).toBe(without + 512 * perToken);
		expect(runtime('https://lib.test/a_cs4k.wasm')).toBe(without + 4096 * perToken);
		expect(runtime('https://lib.test/a.wasm')).toBe(without + 2048 * perToken);
	});

	it('holds to a sliding window by the record first, then the chat config, then the library', () => {
		const pages = (own: number | null, made: number | null, inLibrary: number | null) =>
			planned(
				{
					library: library({ slidingWindowSize: inLibrary }),
					...(made !== null && { config: { ...config, slidingWindowSize: made } })
				},
				qwenVariant('q4f16_1', {
					overrides: own === null ? {} : { sliding_window_size: own }
				})
			).kvBytes /
			24 /
			PAGE;
		const of = (tokens: number) => tokens / 16 + 1 + 2;
		expect(pages(1024, 2048, 512)).toBe(of(1024));
		expect(pages(1, 2048, 512)).toBe(1 + 1 + 2);
		expect(pages(-1, 2048, 512)).toBe(257);
		expect(pages(0, 2048, 512)).toBe(257);
		expect(pages(null, 2048, 512)).toBe(of(2048));
		expect(pages(null, null, 512)).toBe(of(512));
	});
});

describe('a plan from a manifest', () => {
	const manifest = manifestOf(WEIGHTS);
	const buffers = 6 * 128 * 151_936 * 4;

	it('doubts a gap between the generations, half of the temporaries and the sampling buffers', () => {
		const activations = temporaries(4864, 896, 151_936) + MiB;
		expect(planned({ manifest, config })).toMatchObject({
			kvBytes: KV,
			runtimeBytes: WORKSPACE,
			activationsBytes: activations,
			samplingBytes: buffers,
			marginBytes: 48 * MiB + buffers + activations / 2
		});
	});

	it('takes usual widths where the chat config has none', () => {
		const unknown = { ...config, hiddenSize: null, intermediateSize: null };
		expect(planned({ manifest, config: unknown }).activationsBytes).toBe(
			temporaries(4 * 4096, 4096, 151_936) + MiB
		);
	});

	it('adds the state of recurrent layers, or a tenth of the weights for one not described', () => {
		const base = planned({ manifest, config });
		const told = planned({
			manifest,
			config: { ...config, recurrent: { layers: 3, elements: 100 } }
		});
		expect(told.runtimeBytes - base.runtimeBytes).toBe(1200);
		expect(told.marginBytes - base.marginBytes).toBe(1200);
		const silent = planned({
			manifest,
			config: { ...config, recurrent: { layers: 3, elements: null } }
		});
		expect(silent.runtimeBytes).toBe(base.runtimeBytes);
		expect(silent.marginBytes - base.marginBytes).toBeCloseTo(WEIGHTS / 10, 6);
	});

	it('guesses the cache where no attention is described, and doubts four fifths of it', () => {
		const made = planned({ manifest });
		const kv = variant.declaredBytes * 0.2;
		const activations = temporaries(4 * 4096, 4096, 0) + MiB;
		expect(made.kvBytes).toBeCloseTo(kv, 6);
		expect(made.runtimeBytes).toBe(48 * MiB);
		expect(made.marginBytes).toBeCloseTo(0.8 * kv + activations + 48 * MiB + made.samplingBytes, 3);
	});
});

describe('the largest buffer and the shape', () => {
	const facts = { library: library(), config };

	it('are those of one layer, page by page', () => {
		expect(largestKvBuffer(variant, 4096, facts)).toBe(257 * PAGE);
		expect(largestKvBuffer(variant, 1, facts)).toBe(2 * PAGE);
		expect(largestKvBuffer(variant, 0, facts)).toBeNull();
		expect(largestKvBuffer(variant, NaN, facts)).toBeNull();
		expect(largestKvBuffer(variant, 4096, null)).toBeNull();
		expect(largestKvBuffer(variant, 4096, {})).toBeNull();
	});

	it('have all that an allocation may follow, and 0 for what is not known', () => {
		expect(shapeOf(variant, 4100, facts)).toEqual({
			batch: 80,
			vocabulary: 151_936,
			window: 4100,
			positions: 258 * 16,
			layers: 24,
			keyValueHeads: 2,
			headDim: 64,
			elementBytes: 2
		});
		expect(shapeOf(variant, 1, {})).toEqual({
			batch: 1,
			vocabulary: 0,
			window: 1,
			positions: 32,
			layers: 0,
			keyValueHeads: 0,
			headDim: 0,
			elementBytes: 2
		});
		expect(shapeOf(variant, 0, facts)).toBeNull();
		const sliding = { ...facts, config: { ...config, slidingWindowSize: 1024 } };
		expect(shapeOf(variant, 4096, sliding)).toMatchObject({ window: 1024, positions: 67 * 16 });
	});
});
