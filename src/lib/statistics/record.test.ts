import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fill, LEAST_TOKENS, observeAnswer, observeLoad, type ObservedAnswer } from './observe.ts';
import { failedOf } from './outcomes.ts';
import {
	MOST_RECENT,
	mergeStatistics,
	NO_STATISTICS,
	parseStatistics,
	recordOf,
	type Statistics
} from './record.ts';
import { aKey, anAnswer } from './statistics.fixture.ts';
import { vote } from './votes.ts';

const key = aKey();
const NOW = 1_800_000_000_000;

const figure = fc.option(fc.double({ min: -10, max: 1e5 }));
const answers = fc.array(
	fc.record({
		variantId: fc.constantFrom('a', 'b'),
		answer: fc.record<ObservedAnswer>({
			ending: fc.oneof(
				fc.constantFrom(
					{ kind: 'complete' as const },
					{ kind: 'stopped' as const },
					{ kind: 'unknown' as const }
				),
				fc.record({ kind: fc.constant('failed' as const), failure: fc.constantFrom('x', 'y') })
			),
			promptTokens: fc.option(fc.nat()),
			completionTokens: fc.option(fc.nat(2000)),
			prefillTokensPerSecond: figure,
			decodeTokensPerSecond: figure,
			timeToFirstTokenMs: figure,
			answerMs: figure,
			at: fc.integer({ min: NOW, max: NOW + 1e9 })
		})
	}),
	{ maxLength: 80 }
);
type Given = { variantId: string; answer: ObservedAnswer };
const counted = (given: readonly Given[], from: Statistics = NO_STATISTICS) =>
	given.reduce((sum, { variantId, answer }) => observeAnswer(sum, aKey(variantId), answer), from);

describe('an answer', () => {
	test('is counted with its figures, once', () => {
		const after = observeAnswer(NO_STATISTICS, key, anAnswer());
		const record = recordOf(after, key)!;
		expect(record.answers).toEqual({ begun: 1, complete: 1, stopped: 0, failed: {} });
		expect([record.decode.mean, record.prefill.mean, record.firstTokenMs.mean]).toEqual([
			25, 500, 100
		]);
		expect(record.answerMs).toMatchObject({ count: 1, mean: 4100 });
		expect(record.recent).toEqual([{ tokensPerSecond: 25, depthTokens: 100, at: NOW }]);
	});

	test('that failed is remembered with its kind, and that was stopped is no failure', () => {
		let after = observeAnswer(
			NO_STATISTICS,
			key,
			anAnswer({ ending: { kind: 'failed', failure: 'device-lost' } })
		);
		after = observeAnswer(after, key, anAnswer({ ending: { kind: 'stopped' } }));
		const { answers, answerMs } = recordOf(after, key)!;
		expect(answers).toEqual({ begun: 2, complete: 0, stopped: 1, failed: { 'device-lost': 1 } });
		// How long a whole answer takes is not told by half of one.
		expect(answerMs.count).toBe(0);
	});

	test('of a few tokens says nothing of the speed', () => {
		const after = observeAnswer(
			NO_STATISTICS,
			key,
			anAnswer({ completionTokens: LEAST_TOKENS - 1 })
		);
		expect(recordOf(after, key)).toMatchObject({ decode: { count: 0 }, recent: [] });
	});

	test('without figures is an answer still', () => {
		const none = {
			promptTokens: null,
			completionTokens: null,
			prefillTokensPerSecond: null,
			decodeTokensPerSecond: null,
			timeToFirstTokenMs: null
		};
		const after = observeAnswer(NO_STATISTICS, key, anAnswer({ ...none, answerMs: null }));
		expect(recordOf(after, key)).toMatchObject({
			answers: { complete: 1 },
			decode: { count: 0 },
			firstTokenMs: { count: 0 }
		});
	});
});

test('a load that failed is remembered with its kind, whatever it is', () => {
	let after = observeLoad(NO_STATISTICS, key, {
		ending: { kind: 'failed', failure: 'bad-file' },
		loadMs: null,
		at: NOW
	});
	after = observeLoad(after, key, { ending: { kind: 'complete' }, loadMs: 1500, at: NOW });
	expect(recordOf(after, key)).toMatchObject({
		loads: { begun: 2, complete: 1, failed: { 'bad-file': 1 } },
		loadMs: { count: 1, mean: 1500 },
		answers: { begun: 0 }
	});
});

test('of decode rates the last are kept, however many there were', () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 200 }), (n) => {
			const given = Array.from({ length: n }, (_, i) => ({
				variantId: 'a',
				answer: anAnswer({ decodeTokensPerSecond: i + 1, at: NOW + i })
			}));
			const record = recordOf(counted(given), aKey('a'));
			const kept = (record?.recent ?? []).map(({ tokensPerSecond }) => tokensPerSecond);
			expect(kept.length).toBe(Math.min(n, MOST_RECENT));
			expect(kept.at(-1)).toBe(n === 0 ? undefined : n);
			expect(record?.decode.count ?? 0).toBe(n);
		}),
		{ numRuns: 30 }
	);
});

test('counts of two visits merged are those of one', () => {
	fc.assert(
		fc.property(answers, answers, (a, b) => {
			const [merged, whole] = [mergeStatistics(counted(a), counted(b)), counted(b, counted(a))];
			for (const id of ['a', 'b']) {
				const [x, y] = [recordOf(merged, aKey(id)), recordOf(whole, aKey(id))];
				expect(x?.answers).toEqual(y?.answers);
				expect(x?.decode.count).toBe(y?.decode.count);
				expect(x?.decode.mean ?? 0).toBeCloseTo(y?.decode.mean ?? 0, 4);
				expect(x?.recent.length).toBe(y?.recent.length);
			}
		}),
		{ numRuns: 50 }
	);
});

describe('stored statistics', () => {
	test('come back as they were', () => {
		fc.assert(
			fc.property(answers, (given) => {
				const statistics = {
					...fill(counted(given), [], NOW),
					votes: vote([], 'q', [{ engineId: 'a', rating: 'up' }])
				};
				expect(parseStatistics(JSON.parse(JSON.stringify(statistics)))).toEqual(statistics);
			}),
			{ numRuns: 50 }
		);
	});

	test('of any JSON are statistics, and whole after the next answer', () => {
		const real = counted([{ variantId: 'a', answer: anAnswer() }]);
		const broken = fc.oneof(
			fc.jsonValue(),
			fc
				.tuple(
					fc.constantFrom(...Object.keys(real.records[0]!)),
					fc.jsonValue(),
					fc.constantFrom('filled', 'votes', 'records', 'other'),
					fc.jsonValue()
				)
				.map(([field, value, outer, other]) => ({
					...real,
					[outer]: other,
					records: [{ ...real.records[0], [field]: value }, value]
				}))
		);
		fc.assert(
			fc.property(broken, (raw) => {
				const parsed = parseStatistics(raw);
				expect(parseStatistics(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
				const next = observeAnswer(parsed, key, anAnswer());
				const { answers } = recordOf(next, key)!;
				expect(answers.begun).toBeGreaterThanOrEqual(
					answers.complete + answers.stopped + failedOf(answers)
				);
			})
		);
	});

	test('keep what is sound of a record with a broken field', () => {
		const [record] = counted([{ variantId: 'a', answer: anAnswer() }]).records;
		const parsed = parseStatistics({
			...NO_STATISTICS,
			records: [{ ...record, prefill: 'fast', recent: [...record!.recent, { at: 'then' }] }, 3]
		});
		expect(parsed.records).toHaveLength(1);
		expect(parsed.records[0]).toMatchObject({ decode: { count: 1 }, prefill: { count: 0 } });
		expect(parsed.records[0]?.recent).toEqual(record?.recent);
	});

	test('with one key twice count both under it', () => {
		const [record] = counted([{ variantId: 'a', answer: anAnswer() }]).records;
		const parsed = parseStatistics({ ...NO_STATISTICS, records: [record, record] });
		expect(parsed.records).toHaveLength(1);
		expect(parsed.records[0]?.answers.complete).toBe(2);
	});
});

describe('the first filling', () => {
	test('counts the answers kept, says how many, and marks their rates', () => {
		const filled = fill(NO_STATISTICS, [{ key, answer: anAnswer() }], NOW);
		expect(filled.filled).toEqual({ at: NOW, answers: 1 });
		const record = recordOf(filled, key);
		expect(record?.keptAnswers).toBe(1);
		expect(record?.recent[0]?.kept).toBe(true);
	});

	test('is one: what is kept later was counted when it was written', () => {
		const filled = fill(NO_STATISTICS, [], NOW);
		expect(fill(filled, [{ key, answer: anAnswer() }], NOW)).toBe(filled);
	});
});
