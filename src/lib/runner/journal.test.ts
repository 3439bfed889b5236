import { expect, test } from 'vitest';
import { Failure } from '../rpc/failure.ts';
import { Journal } from './journal.ts';

test('the last sixty things that happened are kept, in their order', () => {
	const journal = new Journal();
	for (let n = 1; n <= 60; n++) journal.note(`${n}`);
	expect(journal.entries.map(({ text }) => text)).toEqual(
		Array.from({ length: 60 }, (_, n) => `${n + 1}`)
	);
	journal.note('61');
	expect([journal.entries.length, journal.entries[0]?.text]).toEqual([60, '2']);
});

test('the same thing again is not noted, but after another one it is', () => {
	const journal = new Journal();
	for (const text of ['a', 'a', 'b', 'a']) journal.note(text);
	expect(journal.entries.map(({ text }) => text)).toEqual(['a', 'b', 'a']);
});

test('a failure is noted with its details, and no entry is longer than 400 characters', () => {
	const journal = new Journal();
	journal.failure(new Failure('silent', 'Nothing.', { after: 5, of: 'x' }));
	expect(journal.entries.at(-1)?.text).toBe('silent: Nothing. | after: 5 | of: x');
	journal.note('x'.repeat(401));
	expect(journal.entries.at(-1)?.text).toBe('x'.repeat(400));
});
