import { expect, test } from 'vitest';
import { observeAnswer } from './observe.ts';
import { NO_STATISTICS, recordOf } from './record.ts';
import { aKey, anAnswer } from './statistics.fixture.ts';
import { answersLine, failureWords, keptWords, shortSpeed, speedOrigin } from './words.ts';

const counted = (...answers: Parameters<typeof anAnswer>[0][]) =>
	recordOf(
		answers.reduce((sum, answer) => observeAnswer(sum, aKey(), anAnswer(answer)), NO_STATISTICS),
		aKey()
	)!;

test('a variant’s answers in one line', () => {
	expect(answersLine(counted({ decodeTokensPerSecond: 31.44 }))).toBe('1 answer, 31.4 tokens/s');
	const record = counted(
		{ decodeTokensPerSecond: 28 },
		{ decodeTokensPerSecond: 34 },
		{ ending: { kind: 'stopped' }, decodeTokensPerSecond: 31 },
		{ ending: { kind: 'failed', failure: 'device-lost' }, decodeTokensPerSecond: null }
	);
	expect(answersLine(record)).toBe('4 answers, 1 stopped, 1 failed, 31.0 tokens/s (28 to 34)');
	expect(failureWords(record.answers)).toBe('1 GPU lost');
});

test('a kind of failure of another version is named as it is', () => {
	expect(
		failureWords({ begun: 4, complete: 0, stopped: 0, failed: { constructor: 1, engine: 3 } })
	).toBe('3 engine error, 1 constructor');
});

test('an estimate is marked wherever it stands, and says what it comes from', () => {
	const estimated = {
		kind: 'estimated',
		tokensPerSecond: 27.96,
		bytesPerSecond: 64 * 2 ** 30,
		fromVariantId: 'm'
	} as const;
	expect(shortSpeed(estimated)).toBe('≈ 28.0 tokens/s');
	expect(speedOrigin(estimated, () => 'Llama q4f16_1')).toBe(
		'Estimated, not measured: Llama q4f16_1 read 64.0 GiB of memory per second here.'
	);
	expect(shortSpeed(null)).toBe('not measured yet');
	expect(keptWords(42)).toBe('from 42 kept answers');
	expect(keptWords(0)).toBe('');
});
