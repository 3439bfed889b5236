import { onTestFinished, describe, expect, test } from 'vitest';
import { NOTHING_KNOWN } from '#plan/memory/judge.ts';
import { estimate } from '#plan/memory/estimate.ts';
import { variantById } from '#plan/models/catalog-data.ts';
import { Persisted } from '../kit/persisted.svelte.ts';
import { parseStatistics } from './record.ts';
import { aKey, anAnswer } from './statistics.fixture.ts';
import { Tally } from './tally.svelte.ts';

const variantOf = (id: string) => variantById.get(id);
const pocket = variantOf('pocket-q4f32_1')!;
const other = variantOf('pocket-q4f16_1')!;
const NOW = 1_800_000_000_000;

function opened(database = `tally-test-${crypto.randomUUID()}`, adapter = 'here') {
	const kept = new Persisted('statistics', parseStatistics, database);
	onTestFinished(() => kept.close());
	const tally = new Tally(kept, {
		variantOf,
		keyOf: ({ id }) => ({ ...aKey(id), adapter }),
		estimateOf: (variant) => estimate(variant, variant.defaultContextWindow, NOTHING_KNOWN.facts)
	});
	return { tally, kept, database };
}

test('what was counted is there after the page was closed, and is of one GPU alone', async () => {
	const { tally, database } = opened();
	await tally.answered(pocket.id, anAnswer());
	await tally.loaded(pocket, 900);
	const again = opened(database);
	await again.kept.ready;
	expect(again.tally.of(pocket)).toMatchObject({
		answers: { complete: 1 },
		loads: { complete: 1 }
	});
	const elsewhere = opened(database, 'another GPU');
	await elsewhere.kept.ready;
	expect(elsewhere.tally.of(pocket)).toBeNull();
	expect(elsewhere.tally.speedOf(pocket, null)).toBeNull();
});

test('two tabs count together', async () => {
	const { tally, database } = opened();
	const second = opened(database);
	await Promise.all(
		Array.from({ length: 10 }, (_, i) =>
			(i % 2 ? tally : second.tally).answered(pocket.id, anAnswer())
		)
	);
	await expect.poll(() => tally.of(pocket)?.answers.complete).toBe(10);
});

describe('a load', () => {
	test('that failed is counted by its kind, and one that a person cancelled as stopped', async () => {
		const { tally } = opened();
		await tally.failedToLoad(pocket, 'bad-file');
		await tally.failedToLoad(pocket, 'out-of-memory');
		await tally.failedToLoad(pocket, 'cancelled');
		expect(tally.of(pocket)?.loads).toEqual({
			begun: 3,
			complete: 0,
			stopped: 1,
			failed: { 'bad-file': 1, 'out-of-memory': 1 }
		});
	});

	test('that was refused before it began, or given away later, is no failed load', async () => {
		const { tally } = opened();
		for (const kind of ['blocked', 'elsewhere', 'taken-over'] as const)
			await tally.failedToLoad(pocket, kind);
		expect(tally.of(pocket)).toBeNull();
	});
});

test('a variant that was not measured is estimated, and measured as soon as it has answered', async () => {
	const { tally } = opened();
	const plan = estimate(other, other.defaultContextWindow, null);
	expect(tally.speedOf(other, plan)).toBeNull();
	await tally.answered(pocket.id, anAnswer());
	expect(tally.speedOf(other, plan)).toMatchObject({
		kind: 'estimated',
		fromVariantId: pocket.id
	});
	// Predictions are made from measurements alone.
	expect(tally.speedsOf(other)).toBeNull();
	await tally.answered(other.id, anAnswer({ decodeTokensPerSecond: 40 }));
	expect(tally.speedOf(other, plan)).toMatchObject({ kind: 'measured', decode: { mean: 40 } });
	expect(tally.speedsOf(other)).toEqual({
		prefillTokensPerSecond: 500,
		decodeTokensPerSecond: 40
	});
});

describe('the first filling', () => {
	test('takes the kept answers once, and those of no variant of today not at all', async () => {
		const { tally } = opened();
		const kept = [pocket.id, pocket.id, 'gone'].map((variantId) => ({
			variantId,
			answer: anAnswer()
		}));
		await tally.fill(() => Promise.resolve(kept));
		expect(tally.current.filled?.answers).toBe(2);
		await tally.fill(() => Promise.reject(new Error('It was read again.')));
		expect(tally.of(pocket)).toMatchObject({ keptAnswers: 2, answers: { complete: 2 } });
	});

	test('does not come again after everything was cleared', async () => {
		const { tally } = opened();
		await tally.clear();
		await tally.fill(() => Promise.reject(new Error('It was read again.')));
		expect(tally.records).toEqual([]);
	});
});

test('clearing is undone with what was counted since', async () => {
	const { tally } = opened();
	await tally.answered(pocket.id, anAnswer());
	await tally.answered(pocket.id, anAnswer());
	await tally.clear();
	expect(tally.of(pocket)).toBeNull();
	await tally.answered(pocket.id, anAnswer());
	await tally.undoClear();
	expect(tally.of(pocket)?.answers.complete).toBe(3);
	expect(tally.cleared).toBeNull();
});

describe('answers that become slow', () => {
	const answers = (...rates: number[]) =>
		rates.map((decodeTokensPerSecond, i) => [decodeTokensPerSecond, i] as const);
	async function counting(tally: Tally, from: number, ...rates: number[]) {
		for (const [decodeTokensPerSecond, i] of answers(...rates))
			await tally.answered(pocket.id, anAnswer({ decodeTokensPerSecond, at: NOW + from + i }));
	}

	test('are told of once, and again only after the speed had come back', async () => {
		const { tally } = opened();
		await counting(tally, 0, 30, 30, 30, 30, 30, 15, 15);
		expect(tally.slower).toBeNull();
		await counting(tally, 100, 15);
		expect(tally.slower).toMatchObject({
			variant: pocket,
			fall: { tokensPerSecond: 15, usualTokensPerSecond: 30 }
		});
		tally.slower = null;
		await counting(tally, 200, 15);
		expect(tally.slower).toBeNull();
	});

	test('are told of no longer when they are fast again', async () => {
		const { tally } = opened();
		await counting(tally, 0, 30, 30, 30, 30, 30, 15, 15, 15);
		expect(tally.slower).not.toBeNull();
		await counting(tally, 100, 30);
		expect(tally.slower).toBeNull();
	});

	test('in the past of a page that is opened are not told of', async () => {
		const { tally, database } = opened();
		await counting(tally, 0, 30, 30, 30, 30, 30, 15, 15, 15);
		const again = opened(database);
		await again.kept.ready;
		expect(again.tally.slower).toBeNull();
	});
});
