import { describe, expect, it } from 'vitest';
import { estimate } from './estimate.ts';
import { NOTHING_KNOWN, judge } from './judge.ts';
import {
	chatConfig,
	KEPT,
	libraryOf,
	manifestOf,
	NEWER_MEASURED,
	newerQwen,
	newerQwenMetadata,
	QWEN_VOCABULARY
} from './newer-libraries.fixture.ts';
import { samplingBuffers } from './sampling.ts';
import { device, GiB, MiB, ready, situation } from './samples.fixture.ts';
import { verdict } from './verdict.ts';
import { MEASURED, qwenMetadata, qwenVariant } from './worked-example.fixture.ts';

const KiB = 1024;
const ALL = { softmax_with_temperature: 0, argsort_probs: 0, sample_with_top_p: 0 };
const qwenUsage = newerQwenMetadata('q4f16_1').memory_usage;

function planned(...args: Parameters<typeof estimate>) {
	const made = estimate(...args);
	if (!made) throw new Error('there is no estimate');
	return made;
}

describe('chat libraries that choose tokens on the GPU', () => {
	it.each(NEWER_MEASURED)(
		'take what was measured: %s %s',
		(_, quantization, facts, window, afterLoad, peak) => {
			const plan = planned(qwenVariant(quantization), window, facts);
			expect(Math.abs(plan.afterLoadBytes - afterLoad)).toBeLessThanOrEqual(16 * KiB);
			expect(plan.afterLoadBytes).toBe(afterLoad);
			expect(Math.abs(plan.peakBytes / peak - 1)).toBeLessThan(0.001);
			expect(plan).toMatchObject({ confidence: 'library', note: null, samplingBatch: 128 });
		}
	);

	it.each(KEPT)('keep six buffers for a batch of %d and %d tokens', (batch, vocabulary, kept) => {
		const library = libraryOf(
			newerQwenMetadata('q4f16_1', {
				max_batch_size: batch,
				memory_usage: { ...qwenUsage, ...ALL }
			})
		);
		const plan = planned(qwenVariant('q4f16_1'), 4096, {
			library,
			config: chatConfig(vocabulary)
		});
		expect(Math.abs(plan.samplingBytes - kept)).toBeLessThan(40_000);
		expect(plan.samplingBatch).toBe(batch);
	});

	it('allocate it with the first token, not on loading', () => {
		const one = planned(qwenVariant('q4f16_1'), 4096, newerQwen('q4f16_1'));
		const six = planned(
			qwenVariant('q4f16_1'),
			4096,
			newerQwen('q4f16_1', { memory_usage: { ...qwenUsage, ...ALL } })
		);
		expect(six.afterLoadBytes).toBe(one.afterLoadBytes);
		expect(six.peakBytes - one.peakBytes).toBe(5 * 128 * QWEN_VOCABULARY * 4);
	});
});

it('buffers that a library declares larger than that count as declared', () => {
	const usage = { ...qwenUsage, ...ALL, argsort_probs: 2e9 };
	const facts = newerQwen('q4f16_1', { memory_usage: usage });
	expect(samplingBuffers(facts, 'engine').bytes).toBe(2e9);
	expect(samplingBuffers(facts, 'lean').bytes).toBe(0);
});

describe('libraries of 2024', () => {
	it.each([80, 128])(
		'choose tokens on the CPU, although they have the function (batch %d)',
		(batch) => {
			for (const [name, window, afterLoad] of MEASURED) {
				const metadata = qwenMetadata(name);
				const library = libraryOf(
					{
						...metadata,
						max_batch_size: batch,
						memory_usage: { ...metadata.memory_usage, softmax_with_temperature: 0 }
					},
					'older'
				);
				const plan = planned(qwenVariant(name), window, {
					library,
					config: chatConfig(QWEN_VOCABULARY)
				});
				expect(plan).toMatchObject({
					afterLoadBytes: afterLoad,
					samplingBytes: 0,
					samplingBatch: null,
					confidence: 'library'
				});
			}
		}
	);

	it('take the smaller workspace where they name pipeline stages, whatever their batch', () => {
		const plain = qwenMetadata('q4f16_1');
		const [older, newer] = [plain, { ...plain, pipeline_parallel_stages: 1 }].map(
			(metadata) =>
				planned(qwenVariant('q4f16_1'), 4096, { library: libraryOf(metadata, 'older') })
					.runtimeBytes
		);
		const pages = 257;
		expect((older ?? 0) - (newer ?? 0)).toBe(
			48 * MiB + MiB / 4 + 20 * pages + 14_524 - (MiB / 2 + 8 * pages + 14_436)
		);
	});
});

describe('while something is not known', () => {
	const everything = newerQwenMetadata('q4f16_1', { memory_usage: { ...qwenUsage, ...ALL } });
	const config = chatConfig(QWEN_VOCABULARY);

	it.each([
		['the batch', { library: libraryOf({ ...everything, max_batch_size: -1 }), config }],
		[
			'a batch beyond all numbers',
			{ library: libraryOf({ ...everything, max_batch_size: 2 ** 40 }), config }
		],
		['the vocabulary', { library: libraryOf(everything) }],
		['the functions', { library: libraryOf({ ...everything, memory_usage: {} }), config }],
		[
			'the imports',
			{ library: { ...libraryOf(newerQwenMetadata('q4f16_1')), imports: null }, config }
		],
		['the runtime', { library: libraryOf(everything, 'older'), config }]
	])('%s lowers the confidence and widens the margin by all of it', (_, facts) => {
		const plan = planned(qwenVariant('q4f16_1'), 4096, facts);
		expect(plan).toMatchObject({ confidence: 'manifest', exactParts: false });
		expect(plan.samplingBytes).toBeGreaterThan(0);
		expect(plan.marginRatio * plan.peakBytes).toBeGreaterThanOrEqual(plan.samplingBytes - 1);
		expect(plan.note).toMatch(/^Planned from the library, but .+\.$/);
	});

	it('a plan without the library counts a batch of 128, and admits that it may be none', () => {
		const facts = { config, manifest: manifestOf(277_996_288) };
		const plan = planned(qwenVariant('q4f16_1'), 4096, facts);
		expect(plan).toMatchObject({ confidence: 'manifest', samplingBatch: 128 });
		expect(plan.samplingBytes).toBe(6 * 128 * QWEN_VOCABULARY * 4);
		expect(plan.marginRatio * plan.peakBytes).toBeGreaterThan(plan.samplingBytes);
	});
});

describe('lean sampling', () => {
	it('allocates no buffers, and is judged so', () => {
		const facts = newerQwen('q4f16_1', { memory_usage: { ...qwenUsage, ...ALL } });
		const variant = qwenVariant('q4f16_1');
		const engine = planned(variant, 4096, facts);
		const lean = planned(variant, 4096, facts, [], { sampling: 'lean' });
		expect(lean).toMatchObject({ samplingBytes: 0, samplingBatch: null, confidence: 'library' });
		expect(engine.peakBytes - lean.peakBytes).toBe(engine.samplingBytes);
		const where = situation(900 * MiB);
		expect(judge(variant, 4096, { ...NOTHING_KNOWN, facts }, where).verdict.kind).toBe('tight');
		const known = { ...NOTHING_KNOWN, facts, sampling: 'lean' as const };
		expect(judge(variant, 4096, known, where).verdict.kind).toBe('fits');
	});
});

it('pocket, which declares its own workspace, has no buffers beside', () => {
	const library = libraryOf({ ...newerQwenMetadata('q4f16_1'), workspace_bytes: 1 });
	const facts = { library, config: chatConfig(QWEN_VOCABULARY) };
	expect(samplingBuffers(facts, 'engine')).toMatchObject({ bytes: 0, bindingBytes: null });
});

describe('one buffer in the binding test', () => {
	const { limits } = device();
	const small = ready({ limits: { ...limits, maxStorageBufferBindingSize: 128 * MiB } });
	const where = situation(80 * GiB, { reading: small });
	const asked = (batch: number, vocabulary: number, sampling: 'engine' | 'lean' = 'engine') => {
		const facts = {
			library: libraryOf(newerQwenMetadata('q4f16_1', { max_batch_size: batch })),
			config: chatConfig(vocabulary)
		};
		const variant = qwenVariant('q4f16_1');
		return verdict({ variant, contextWindow: 4096, estimate: null, facts, sampling }, where);
	};

	it('holds the 128 MiB of Gemma 3 and nothing more', () => {
		expect(asked(128, 262_144).reasons.map(({ code }) => code)).toEqual(['estimate-uncertain']);
		expect(asked(128, 262_145)).toMatchObject({
			kind: 'blocked',
			overridable: false,
			reasons: [{ code: 'tensor-above-binding' }]
		});
		expect(asked(128, 262_145).reasons[0]?.sentence).toContain('batch of 128');
	});

	it('is not there for a smaller batch or lean sampling', () => {
		expect(asked(64, 262_145).kind).toBe('tight');
		expect(asked(128, 262_145, 'lean').kind).toBe('tight');
	});

	it('is assumed for a batch of 128 before the library is read', () => {
		const facts = { config: chatConfig(262_145), manifest: manifestOf(MiB) };
		const variant = qwenVariant('q4f16_1');
		const judged = verdict({ variant, contextWindow: 4096, estimate: null, facts }, where);
		expect(judged.kind).toBe('blocked');
		expect(judged.reasons[0]?.sentence).toContain('assumed');
	});
});

describe('sizes that a file claims', () => {
	const buffersOf = (batch: number, vocabulary: number) =>
		samplingBuffers(
			{
				library: libraryOf(
					newerQwenMetadata('q4f16_1', {
						max_batch_size: batch,
						memory_usage: { ...qwenUsage, ...ALL }
					})
				),
				config: chatConfig(vocabulary)
			},
			'engine'
		);

	it('are taken up to a batch of 65,536, and then the compiler’s own', () => {
		expect(buffersOf(65_536, 1000)).toMatchObject({ batch: 65_536, doubt: null });
		expect(buffersOf(65_537, 1000).batch).toBe(128);
		expect(buffersOf(65_537, 1000).doubt).toContain('how many sequences');
		expect(buffersOf(1, 1000)).toMatchObject({ batch: 1, bindingBytes: 4000, bytes: 6 * 4096 });
	});

	it('are taken up to a vocabulary of 16,777,216, and then the largest one that is known', () => {
		expect(buffersOf(1, 2 ** 24)).toMatchObject({ bindingBytes: 2 ** 26, doubt: null });
		const damaged = buffersOf(1, 2 ** 24 + 1);
		expect(damaged).toMatchObject({
			bindingBytes: null,
			bytes: 6 * 4096 * Math.ceil((262_208 * 4) / 4096)
		});
		expect(damaged.doubt).toContain('how many tokens');
	});

	it('are the declared ones where a library declares more', () => {
		const memory_usage = {
			...qwenUsage,
			softmax_with_temperature: 1_000_000,
			argsort_probs: 2_000_000,
			sample_with_top_p: 3
		};
		const library = libraryOf(newerQwenMetadata('q4f16_1', { max_batch_size: 1, memory_usage }));
		expect(samplingBuffers({ library, config: chatConfig(1000) }, 'engine').bytes).toBe(3_000_003);
		const partly = { ...memory_usage, sample_with_top_p: undefined };
		const other = libraryOf(
			newerQwenMetadata('q4f16_1', { max_batch_size: 1, memory_usage: partly })
		);
		expect(samplingBuffers({ library: other, config: chatConfig(1000) }, 'engine').bytes).toBe(
			3_000_000
		);
	});
});
