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
