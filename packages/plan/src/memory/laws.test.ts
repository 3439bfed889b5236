import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineFailure } from '../../../../src/lib/engine/webllm/errors.ts';
import { worthRepeating } from '../../../../src/lib/runner/recovery.ts';
import type { Facts } from '../models/facts.ts';
import { estimate, type Estimate } from './estimate.ts';
import { judge, NOTHING_KNOWN, type Knowledge } from './judge.ts';
import { offers } from './offers.ts';
import { budget, catalog, GiB, knownOf, qwenFamily, situation } from './samples.fixture.ts';
import { verdict, type Question, type Situation, type VerdictKind } from './verdict.ts';
import { qwenLibrary, qwenVariant } from './worked-example.fixture.ts';

// What failed in other programs, each as a law.

const RANK: Record<VerdictKind, number> = { fits: 0, tight: 1, blocked: 2 };

const anyWindow = fc.oneof(
	fc.integer({ min: 1, max: 131_072 }),
	fc.constantFrom(512, 1024, 4096, 32_768)
);
const anyBytes = fc.oneof(fc.integer({ min: 0, max: 24 * GiB }), fc.integer({ min: 0, max: GiB }));
const anyThreshold = fc.oneof(
	fc.double({ min: 0.05, max: 1, noNaN: true }),
	fc.constant('off' as const)
);
const anyQuantization = fc.constantFrom('q4f32_1', 'q4f16_1', 'q0f32', 'q0f16', 'q3f16_1');
const notANumber = fc.constantFrom(NaN, Infinity, -Infinity);

const qwen = qwenLibrary('q4f16_1');

/** Facts of every degree, with every oddity a library may have. */
const anyFacts: fc.Arbitrary<Facts> = fc
	.record({
		library: fc.option(
			fc.record({
				maxBatchSize: fc.constantFrom(80, 128, 4, null),
				namesStages: fc.boolean(),
				imports: fc.constantFrom(
					null,
					[],
					[{ module: 'env', name: 'TVMFFIWasmSafeCall', kind: 'function' as const }]
				),
				kvStateKind: fc.constantFrom('kv_cache', 'hybrid', 'rnn_state', 'none', 'odd'),
				slidingWindowSize: fc.option(fc.integer({ min: 1, max: 8192 })),
				workspaceBytes: fc.option(fc.nat(1e7)),
				shards: fc.constantFrom(1, 2),
				prefillChunkSize: fc.constantFrom(1024, 512, null),
				attention: fc.option(
					fc.record({
						layers: fc.integer({ min: 1, max: 80 }),
						queryHeads: fc.integer({ min: 1, max: 64 }),
						keyValueHeads: fc.integer({ min: 1, max: 64 }),
						headDim: fc.constantFrom(32, 64, 128, 256)
					})
				),
				memoryUsage: fc.constantFrom(
					{},
					{ prefill: 1e7 },
					{ prefill: 1e7, embed: 1e5, batch_prefill: 2e7 },
					{ prefill: 1e7, softmax_with_temperature: 0 },
					{ prefill: 1e7, softmax_with_temperature: 0, argsort_probs: 0 }
				)
			})
		),
		manifestBytes: fc.option(fc.integer({ min: 1, max: 8 * GiB }))
	})
	.map(({ library, manifestBytes }) => ({
		...(library && { library: { ...qwen, ...library } }),
		...(manifestBytes !== null && {
			manifest: {
				shards: [],
				downloadBytes: manifestBytes,
				gpuBytes: manifestBytes,
				largestTensor: { name: 'w', bytes: 4 },
				tensorCount: 1
			}
		})
	}));

const anyKnowledge: fc.Arbitrary<Knowledge> = fc.record({
	facts: anyFacts,
	measured: fc.constant([]),
	failedWindow: fc.option(anyWindow)
});

const anyVariant = anyQuantization.map((name) => qwenVariant(name));

const anySituation: fc.Arbitrary<Situation> = fc
	.record({ bytes: anyBytes, threshold: anyThreshold, used: anyBytes, outgoing: anyBytes })
	.map(({ bytes, threshold, used, outgoing }) =>
		situation(bytes, { threshold, usedBytes: used, outgoingBytes: outgoing })
	);

const rankOf = (question: Question, where: Situation) => RANK[verdict(question, where).kind];

const asked = (variant: Question['variant'], window: number, known: Knowledge): Question => ({
	variant,
	contextWindow: window,
	estimate: estimate(variant, window, known.facts),
	facts: known.facts
});

describe('the outgoing model is subtracted when switching', () => {
	it('a swap is judged as if the old variant were not there', () => {
		fc.assert(
			fc.property(
				anyVariant,
				anyWindow,
				anyKnowledge,
				anyBytes,
				anyBytes,
				(v, w, known, b, used) => {
					const question = asked(v, w, known);
					const swap = situation(b, { usedBytes: used, outgoingBytes: used });
					expect(verdict(question, swap)).toEqual(verdict(question, situation(b)));
				}
			)
		);
	});

	it('what stays counts, byte for byte', () => {
		fc.assert(
			fc.property(anyBytes, anyBytes, anyBytes, (peak, stays, bytes) => {
				const made = madeOf(peak);
				const beside = situation(bytes, { usedBytes: stays });
				const question = { ...asked(qwenVariant('q4f16_1'), 4096, NOTHING_KNOWN), estimate: made };
				const heavier = { ...question, estimate: madeOf(peak + stays) };
				expect(rankOf(question, beside)).toBe(rankOf(heavier, situation(bytes)));
			})
		);
	});
});

function madeOf(peakBytes: number): Estimate {
	const made = estimate(qwenVariant('q4f16_1'), 4096);
	if (!made) throw new Error('there is no estimate');
	return { ...made, peakBytes, mostBytes: peakBytes + made.mostBytes - made.peakBytes };
}

describe('NaN neither blocks nor is printed', () => {
	const words = /NaN|Infinity|undefined|null/;

	it('in an estimate', () => {
		const field = fc.constantFrom<keyof Estimate>(
			'peakBytes',
			'afterLoadBytes',
			'marginRatio',
			'mostBytes',
			'kvBytes'
		);
		fc.assert(
			fc.property(field, notANumber, anySituation, (key, odd, where) => {
				const question = {
					...asked(qwenVariant('q4f16_1'), 4096, NOTHING_KNOWN),
					estimate: { ...madeOf(1000), [key]: odd }
				};
				const judged = verdict(question, where);
				if (key === 'peakBytes') expect(judged.kind).toBe('tight');
				expect(JSON.stringify(judged)).not.toMatch(words);
			})
		);
	});

	it('in the catalogue, the window, the budget or the meter', () => {
		const odd = fc.oneof(notANumber, fc.constant(-1), fc.double());
		fc.assert(
			fc.property(odd, odd, odd, odd, odd, (declared, window, bytes, used, threshold) => {
				const variant = qwenVariant('q4f16_1', { declaredBytes: declared });
				const where = situation(bytes, { usedBytes: used, threshold });
				const judged = judge(variant, window, NOTHING_KNOWN, where);
				const numbers = Object.values(judged.estimate ?? {}).filter((n) => typeof n === 'number');
				expect(numbers.every((n) => Number.isFinite(n) && n >= 0)).toBe(true);
				const texts = [...judged.verdict.reasons, ...judged.verdict.warnings];
				const list = offers(judged, catalog, knownOf, where);
				for (const { sentence } of [...texts, ...list]) expect(sentence).not.toMatch(words);
			})
		);
	});
});

describe('strict and relaxed are not swapped', () => {
	it('a lower threshold never allows more', () => {
		fc.assert(
			fc.property(
				anyVariant,
				anyWindow,
				anyKnowledge,
				anyBytes,
				fc.tuple(anyThreshold, anyThreshold),
				(v, w, known, bytes, [a, b]) => {
					const height = (t: typeof a) => (t === 'off' ? Infinity : t);
					const [strict, relaxed] = height(a) < height(b) ? [a, b] : [b, a];
					const question = asked(v, w, known);
					expect(rankOf(question, situation(bytes, { threshold: strict }))).toBeGreaterThanOrEqual(
						rankOf(question, situation(bytes, { threshold: relaxed }))
					);
				}
			)
		);
	});
});

describe('no estimate is not "does not fit"', () => {
	it('a missing estimate never blocks what no hard limit forbids', () => {
		fc.assert(
			fc.property(anySituation, anyWindow, (where, window) => {
				const judged = verdict(
					{ ...asked(qwenVariant('q4f16_1'), window, NOTHING_KNOWN), estimate: null },
					where
				);
				expect(judged.kind).toBe('tight');
				expect(judged.reasons.map(({ code }) => code)).toEqual(['estimate-uncertain']);
			})
		);
	});
});

describe('a block disappears when its cause is gone', () => {
	it('the verdict depends on nothing but what it is told now', () => {
		fc.assert(
			fc.property(anyVariant, anyWindow, anyKnowledge, anySituation, (v, w, known, where) => {
				const question = asked(v, w, known);
				const before = structuredClone([question, where]);
				const first = verdict(question, where);
				verdict(question, situation(0));
				expect(verdict(question, where)).toEqual(first);
				expect([question, where]).toEqual(before);
			})
		);
	});

	it('what the budget blocks is free once the budget is large', () => {
		fc.assert(
			fc.property(anyVariant, anyWindow, anyKnowledge, anySituation, (v, w, known, where) => {
				const question = asked(v, w, known);
				const judged = verdict(question, where);
				const roomy = { ...where, budget: budget(2 ** 50) };
				expect(verdict(question, roomy).kind === 'blocked').toBe(
					judged.kind === 'blocked' && !judged.overridable
				);
			})
		);
	});
});

describe('more budget never turns fits into blocked', () => {
	it('nor makes any verdict worse', () => {
		fc.assert(
			fc.property(
				anyVariant,
				anyWindow,
				anyKnowledge,
				anySituation,
				anyBytes,
				(v, w, known, where, more) => {
					const question = asked(v, w, known);
					const larger = { ...where, budget: budget((where.budget?.bytes ?? 0) + more) };
					expect(rankOf(question, larger)).toBeLessThanOrEqual(rankOf(question, where));
				}
			)
		);
	});
});

describe('more context never costs less', () => {
	it('whatever is known of the variant', () => {
		fc.assert(
			fc.property(anyVariant, anyFacts, anyWindow, anyWindow, (variant, facts, a, b) => {
				const small = estimate(variant, Math.min(a, b), facts);
				const large = estimate(variant, Math.max(a, b), facts);
				expect(large?.peakBytes).toBeGreaterThanOrEqual(small?.peakBytes ?? Infinity);
				expect(large?.kvBytes).toBeGreaterThanOrEqual(small?.kvBytes ?? Infinity);
			})
		);
	});

	it('nor when some windows were measured', () => {
		const measurements = fc
			.uniqueArray(fc.tuple(anyWindow, fc.integer({ min: 1, max: 8 * GiB })), {
				selector: ([window]) => window,
				maxLength: 4
			})
			.map((pairs) => {
				// Of what was really allocated, more went to larger windows.
				const windows = pairs.map(([window]) => window).sort((a, b) => a - b);
				const peaks = pairs.map(([, peak]) => peak).sort((a, b) => a - b);
				return windows.map((contextWindow, i) => {
					const peakBytes = peaks[i] ?? 1;
					return { contextWindow, afterLoadBytes: Math.ceil(peakBytes / 2), peakBytes };
				});
			});
		fc.assert(
			fc.property(
				anyVariant,
				anyFacts,
				measurements,
				anyWindow,
				anyWindow,
				(v, facts, seen, a, b) => {
					const [small, large] = [Math.min(a, b), Math.max(a, b)].map((window) =>
						estimate(v, window, facts, seen)
					);
					expect(large?.peakBytes).toBeGreaterThanOrEqual(small?.peakBytes ?? Infinity);
				}
			)
		);
	});
});

describe('the warning follows the context slider', () => {
	it('a larger window never gets a better verdict, and the figure in it is that window’s', () => {
		fc.assert(
			fc.property(
				anyVariant,
				anyKnowledge,
				anySituation,
				anyWindow,
				anyWindow,
				(v, known, where, a, b) => {
					const [small, large] = [Math.min(a, b), Math.max(a, b)].map((window) =>
						judge(v, window, known, where)
					);
					if (!small || !large) throw new Error('two windows were judged');
					expect(RANK[large.verdict.kind]).toBeGreaterThanOrEqual(RANK[small.verdict.kind]);
					expect(small.estimate?.contextWindow).toBe(small.contextWindow);
				}
			)
		);
	});

	it('Qwen2 0.5B goes from fits through tight to blocked as its window grows', () => {
		const [variant] = qwenFamily.variants.filter(
			({ quantization }) => quantization.name === 'q4f16_1'
		);
		if (!variant) throw new Error('the sample is empty');
		const kinds = [1024, 8192, 12_288, 16_384].map(
			(window) => judge(variant, window, knownOf(variant), situation(600 * 2 ** 20)).verdict.kind
		);
		expect(kinds).toEqual(['fits', 'fits', 'tight', 'blocked']);
	});
});

describe('the breakdown sums to the total', () => {
	it('whatever is known or was measured', () => {
		const seen = fc.array(
			fc.record({ contextWindow: anyWindow, afterLoadBytes: anyBytes, peakBytes: anyBytes }),
			{ maxLength: 4 }
		);
		fc.assert(
			fc.property(anyVariant, anyWindow, anyFacts, seen, (variant, window, facts, measured) => {
				const made = estimate(variant, window, facts, measured);
				if (!made) throw new Error('there is no estimate');
				const { weightsBytes, kvBytes, activationsBytes, runtimeBytes, samplingBytes } = made;
				expect(weightsBytes + kvBytes + runtimeBytes).toBe(made.afterLoadBytes);
				expect(made.afterLoadBytes + activationsBytes + samplingBytes).toBe(made.peakBytes);
				for (const part of [weightsBytes, kvBytes, activationsBytes, runtimeBytes, samplingBytes])
					expect(Number.isSafeInteger(part) && part >= 0).toBe(true);
			})
		);
	});
});

describe('the inner out-of-memory error is not lost', () => {
	it('whatever the engine made of it', () => {
		const names = fc.constantFrom('Error', 'GPUPipelineError', 'DeviceLostError', 'BindingError');
		const texts = fc.oneof(
			fc.string(),
			fc.constantFrom(
				'[object Object]',
				'A valid external Instance reference no longer exists.',
				'Tokenizer instance already deleted',
				'[Invalid ShaderModule (unlabeled)] shader-f16 is not enabled'
			)
		);
		const lost = fc.option(fc.record({ reason: fc.string(), message: fc.string() }));
		fc.assert(
			fc.property(names, texts, fc.string(), lost, (name, text, message, deviceLost) => {
				const thrown = Object.assign(new Error(text), { name });
				const failure = engineFailure(thrown, {
					gpuError: { outOfMemory: true, message },
					deviceLost
				});
				expect(failure.kind).toBe('out-of-memory');
				expect(failure.detail['engine']).toBe(message);
				expect(worthRepeating(failure, 'loading')).toBe(false);
			})
		);
	});
});
