import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyConversation } from './conversations.fixture.ts';
import { append, create, editAndBranch, rename } from './conversation.ts';
import {
	fold,
	hitOf,
	matches,
	MAX_QUERY_WORDS,
	rangesOf,
	searchText,
	snippetOf,
	wordsOf
} from './search.ts';

const marked = (text: string, query: string) =>
	rangesOf(text, wordsOf(query)).map(([from, to]) => text.slice(from, to));

describe('folding', () => {
	test.each([
		['Ébène', 'ebene'],
		['ΟΔΌΣ', 'οδοσ'],
		['İstanbul', 'istanbul'],
		['Ёлка', 'елка'],
		['日本', '日本']
	])('%s is looked up as %s', (text, folded) => {
		expect(fold(text)).toBe(folded);
	});

	test('folding twice is folding once', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme' }), (text) => {
				expect(fold(fold(text))).toBe(fold(text));
			})
		);
	});
});

test('all words must occur, anywhere in the conversation', () => {
	const conversation = append(rename(create(), 'Ovens'), {
		role: 'user',
		text: 'How hot is lava?'
	});
	const text = searchText(conversation);
	expect(matches(text, wordsOf('LAVA oven'))).toBe(true);
	expect(matches(text, wordsOf('lava ice'))).toBe(false);
});

test('a word is kept once, and what is found is what a search of the whole text would find', () => {
	const word = fc.constantFrom(
		'oven',
		'Ovens,',
		'ÖVEN',
		'ice',
		'i',
		'日本語',
		'  ',
		'\n',
		'\u00a0',
		'-'
	);
	const text = fc.string({ unit: word, maxLength: 12 });
	fc.assert(
		fc.property(
			text,
			fc.array(text, { minLength: 1, maxLength: 4 }),
			text,
			(title, texts, query) => {
				const conversation = texts.reduce(
					(conversation, text) => append(conversation, { role: 'user', text }),
					rename(create(), title)
				);
				const kept = searchText(conversation);
				const words = kept.split('\n');
				expect(new Set(words).size).toBe(words.length);
				const whole = [conversation.title, ...texts].map(fold).join('\n');
				expect(matches(kept, wordsOf(query))).toBe(matches(whole, wordsOf(query)));
			}
		)
	);
});

test('a query of spaces looks for nothing', () => {
	expect(wordsOf('  \n ')).toEqual([]);
	expect(wordsOf('a '.repeat(50) + 'b')).toEqual(['a', 'b']);
	expect(wordsOf(Array.from({ length: 99 }, (_, n) => `w${n}`).join(' '))).toHaveLength(
		MAX_QUERY_WORDS
	);
});

test('branches that are not on show are found too', () => {
	const first = append(create(), { id: 'old', role: 'user', text: 'about giraffes' });
	const edited = editAndBranch(first, 'old', 'about zebras');
	expect(matches(searchText(edited), wordsOf('giraffe'))).toBe(true);
	expect(hitOf(edited, wordsOf('giraffe')).messageId).toBe('old');
});

test('the message with most of the words is the one to show', () => {
	let conversation = create({ title: 'x' });
	conversation = append(conversation, { id: 'one', role: 'user', text: 'red' });
	conversation = append(conversation, { id: 'both', role: 'assistant', text: 'red and blue' });
	expect(hitOf(conversation, wordsOf('red blue'))).toMatchObject({
		messageId: 'both',
		snippet: {
			text: 'red and blue',
			ranges: [
				[0, 3],
				[8, 12]
			]
		}
	});
});

test('of messages with as many of the words one on show is named, and of those the first', () => {
	let conversation = create({ title: 'x' });
	conversation = append(conversation, { id: 'q', role: 'user', text: 'hello' });
	for (const id of ['hidden', 'shown'])
		conversation = append(conversation, { id, role: 'assistant', text: 'blue', parent: 'q' });
	expect(hitOf(conversation, ['blue']).messageId).toBe('shown');
	conversation = append(conversation, { id: 'later', role: 'user', text: 'blue again' });
	expect(hitOf(conversation, ['blue']).messageId).toBe('shown');
	conversation = append(conversation, { id: 'off', role: 'user', text: 'blue too', parent: 'q' });
	conversation = append(conversation, { id: 'on', role: 'user', text: 'red', parent: 'later' });
	expect(hitOf(conversation, ['blue']).messageId).toBe('shown');
	expect(hitOf(conversation, ['blue', 'again']).messageId).toBe('later');
	expect(hitOf(conversation, ['blue', 'too']).messageId).toBe('off');
});

test('sixteen words of a query count', () => {
	const words = Array.from({ length: 17 }, (_, index) => `w${index}`);
	expect(wordsOf(words.join(' '))).toEqual(words.slice(0, 16));
});

test('a match in the title alone names no message', () => {
	const conversation = append(create({ title: 'Blue' }), { role: 'user', text: 'hello' });
	expect(hitOf(conversation, wordsOf('blue'))).toMatchObject({
		title: { ranges: [[0, 4]] },
		messageId: null,
		snippet: null
	});
});

describe('ranges', () => {
	test.each([
		['Crème brûlée', 'BRULEE', ['brûlée']],
		['e\u0301te\u0301 ici', 'ete', ['e\u0301te\u0301']],
		['aaaa', 'aa', ['aaaa']],
		['abab', 'ab ba', ['abab']],
		['ab', 'b a', ['ab']],
		['abc', 'ab bc', ['abc']],
		// The first of the three letters that the syllable is made of: no part of the text alone.
		['한', '\u1112', []],
		['𝔸 emoji 👍🏽 here', 'here', ['here']],
		['straße', 'straße', ['straße']]
	])('in %j of %j are %j', (text, query, found) => {
		expect(marked(text, query)).toEqual(found);
	});

	test('are none for no words, and for an empty one', () => {
		expect([rangesOf('abc', []), rangesOf('abc', [''])]).toEqual([[], []]);
	});

	test('lie in the text, in order, apart, and read as one of the words begins', () => {
		const text = fc.string({
			unit: fc.constantFrom('a', 'B', 'é', 'e\u0301', 'ﬁ', '👍', ' ', 'İ')
		});
		fc.assert(
			fc.property(text, text, (haystack, query) => {
				const words = wordsOf(query);
				const ranges = rangesOf(haystack, words);
				fc.pre(ranges.length > 0);
				let end = -1;
				for (const [from, to] of ranges) {
					expect(from).toBeGreaterThan(end);
					expect(to).toBeGreaterThan(from);
					expect(to).toBeLessThanOrEqual(haystack.length);
					const found = fold(haystack.slice(from, to));
					expect(words.some((word) => found.startsWith(word))).toBe(true);
					end = to;
				}
			})
		);
	});

	test('are there for every text that matches', () => {
		const text = fc.string({ unit: fc.constantFrom('a', 'b', 'É', 'ü', ' ', 'Σ', 'ς', '日') });
		fc.assert(
			fc.property(text, text, (haystack, query) => {
				const words = wordsOf(query);
				fc.pre(words.length > 0 && matches(fold(haystack), words));
				expect(rangesOf(haystack, words)).not.toEqual([]);
			})
		);
	});
});

test('a snippet shows the match on one short line', () => {
	const text = `${'before '.repeat(200)}\n\nthe needle,\nhere${' after'.repeat(200)}`;
	const snippet = snippetOf(text, ['needle']);
	expect(snippet.text).toMatch(/^….*the needle, here.*…$/);
	expect(snippet.text.length).toBeLessThan(200);
	expect(snippet.ranges).toHaveLength(1);
	const [from, to] = snippet.ranges[0] ?? [0, 0];
	expect(snippet.text.slice(from, to)).toBe('needle');
});

describe('a snippet', () => {
	const x = (count: number) => 'x'.repeat(count);

	test.each([
		['a short text, whole', 'one two needle', 'one two needle'],
		['40 characters before the match', `${x(40)}needle`, `${x(40)}needle`],
		['no more of them', `${x(41)}needle`, `…${x(40)}needle`],
		['whole words', `a ${x(39)}needle${x(200)}`, `…${x(39)}needle${x(115)}…`],
		['whole words before the match', `some words ${x(20)} needle`, `some words ${x(20)} needle`],
		['160 characters', `needle${x(154)}`, `needle${x(154)}`],
		['and no more', `needle${x(155)}`, `needle${x(154)}…`],
		[
			'the first match',
			`${x(50)}needle ${x(50)} needle ${x(150)}`,
			`…${x(40)}needle ${x(50)} needle ${x(55)}…`
		]
	])('shows %s', (_, text, shown) => {
		expect(snippetOf(text, ['needle']).text).toBe(shown);
	});

	test.each([
		['the first of the characters made of two halves', '\u{10000}'],
		['the last of them', '\u{103ff}']
	])('is never cut within %s', (_, character) => {
		expect(snippetOf(`xx${character.repeat(100)}`, ['xx']).text).toHaveLength(161);
		expect(snippetOf(`x${character.repeat(100)}`, ['x']).text).toHaveLength(160);
	});

	test('is not cut short before a character that only looks like a half', () => {
		for (const character of ['\ud7ff', '\ue000'])
			expect(snippetOf(`x${character.repeat(300)}`, ['x']).text).toHaveLength(161);
	});
});

test('a snippet never cuts a character in two', () => {
	fc.assert(
		fc.property(fc.nat(60), fc.nat(200), (before, after) => {
			const text = `${'👍'.repeat(before)}x${'👍'.repeat(after)}`;
			expect(snippetOf(text, ['x']).text.isWellFormed()).toBe(true);
		})
	);
});

test('each message can be found by any of its words', () => {
	fc.assert(
		fc.property(anyConversation, (conversation) => {
			const text = searchText(conversation);
			for (const message of conversation.messages) {
				const words = wordsOf(message.text);
				expect(matches(text, words)).toBe(true);
				if (words.length > 0) expect(hitOf(conversation, words).messageId).not.toBeNull();
			}
		})
	);
});
