import { expect, test } from 'vitest';
import {
	EMPTY_LOG,
	MOST_ENTRIES,
	note,
	parseLog,
	swapTimes,
	type DecisionLog
} from './decision-log.ts';

const entry = (at: number, sentence = 'Nothing to do.') =>
	({ at, kind: 'nothing', sentence, inputs: '0 waiting' }) as const;

test('the same decision in a row is one line that counts', () => {
	const log = note(note(EMPTY_LOG, entry(1)), entry(5));
	expect(log.entries).toEqual([{ ...entry(1), lastAt: 5, count: 2 }]);
	expect(note(log, entry(6, 'Waits.')).entries).toHaveLength(2);
});

test('a line that counts leaves those before it as they are', () => {
	const log = note(note(note(EMPTY_LOG, entry(1)), entry(2, 'Waits.')), entry(3, 'Waits.'));
	expect(log.entries).toEqual([
		{ ...entry(1), lastAt: 1, count: 1 },
		{ ...entry(2, 'Waits.'), lastAt: 3, count: 2 }
	]);
});

test.each([
	['at the beginning of all times', { at: 0 }, true],
	['before that', { at: -1 }, false],
	['on the last day that a date can say', { lastAt: 8.64e15 }, true],
	['after that', { lastAt: 8.64e15 + 1 }, false],
	['with 2,000 characters', { sentence: 'x'.repeat(2000) }, true],
	['with more', { inputs: 'x'.repeat(2001) }, false]
])('an entry %s is read back, or left out', (_, change, kept) => {
	const log = { version: 1, entries: [{ ...entry(1), lastAt: 1, count: 1, ...change }] };
	expect(parseLog(log).entries).toHaveLength(kept ? 1 : 0);
});

test('keeps the last 200', () => {
	let log: DecisionLog = EMPTY_LOG;
	for (let i = 0; i < MOST_ENTRIES + 10; i++) log = note(log, entry(i, `Decision ${i}.`));
	expect(log.entries).toHaveLength(200);
	expect(log.entries.at(-1)?.sentence).toBe('Decision 209.');
});

test('survives storage, and what is no entry is left out', () => {
	const log = note(EMPTY_LOG, entry(1));
	expect(parseLog(JSON.parse(JSON.stringify(log)))).toEqual(log);
	expect(parseLog({ version: 1, entries: [...log.entries, { at: 'x' }, null] })).toEqual(log);
	for (const raw of [null, 7, { version: 2, entries: [] }, { version: 1, entries: 'x' }])
		expect(parseLog(raw)).toEqual(EMPTY_LOG);
});

test('tells when it swapped', () => {
	const log = note(note(EMPTY_LOG, { ...entry(3), kind: 'swap' }), entry(4));
	expect(swapTimes(log)).toEqual([3]);
});
