import { describe, expect, test } from 'vitest';
import { migrations, parseConversation, restoreConversation } from './record.ts';

const chars = (count: number) => 'x'.repeat(count);
const imageUrl = (length: number) => 'data:image/png;base64,'.padEnd(length, 'A');
const message = (change: object = {}) => ({
	id: 'm',
	parent: null,
	role: 'assistant',
	text: 'Four.',
	createdAt: 5,
	...change
});
const record = (messages: unknown[], change: object = {}) => ({
	version: 2,
	id: 'c',
	createdAt: 5,
	messages,
	...change
});
const answer = (change: object) => ({
	answer: {
		engineId: 'e',
		label: '',
		finish: 'stop',
		promptTokens: null,
		completionTokens: null,
		prefillTokensPerSecond: null,
		decodeTokensPerSecond: null,
		timeToFirstTokenMs: null,
		...change
	}
});
const aside = (change: object = {}) => ({ kind: 'tool', title: 't', text: '', ...change });
const asides = (count: number) => Array.from({ length: count }, () => aside());

describe('a message keeps', () => {
	test.each<[string, object, object]>([
		['an id of 128 characters', { id: chars(128) }, { id: chars(129) }],
		['an id of one character', { id: 'x' }, { id: '' }],
		['a text of two million characters', { text: chars(2e6) }, { text: chars(2e6 + 1) }]
	])('%s, and is lost with %s more or less', (_, kept, lost) => {
		const { conversation, repairs } = restoreConversation(record([message(kept)]));
		expect([conversation.messages, repairs]).toEqual([[message(kept)], []]);
		expect(restoreConversation(record([message(lost)])).lost).toEqual([
			'a message could not be used'
		]);
	});

	test.each<[string, object, object]>([
		['the latest time there is', { createdAt: 8.64e15 }, { createdAt: 8.64e15 + 1 }],
		['the first time there is', { createdAt: 0 }, { createdAt: -1 }],
		['a thought of two million characters', { thinking: chars(2e6) }, { thinking: chars(2e6 + 1) }],
		['200 asides', { asides: asides(200) }, { asides: asides(201) }],
		[
			'an aside with a title of 300 characters',
			{ asides: [aside({ title: chars(300) })] },
			{ asides: [aside({ title: chars(301) })] }
		],
		[
			'an image of 12 million characters',
			{ images: [{ url: imageUrl(12e6) }] },
			{ images: [{ url: imageUrl(12e6 + 1) }] }
		],
		[
			'an image of a pixel',
			{ images: [{ url: imageUrl(30), width: 1, height: 1 }] },
			{ images: [{ url: imageUrl(30), width: 0.5, height: 1 }] }
		],
		[
			'an image of a pixel’s height',
			{ images: [{ url: imageUrl(30), height: 1 }] },
			{ images: [{ url: imageUrl(30), height: 0.5 }] }
		],
		['a time of thinking of nothing', answer({ thinkingMs: 0 }), answer({ thinkingMs: -1 })],
		[
			'an engine of 300 characters',
			answer({ engineId: chars(300) }),
			answer({ engineId: chars(301) })
		]
	])('%s, and is without it else', (_, kept, lost) => {
		const whole = restoreConversation(record([message(kept)]));
		expect([whole.conversation.messages, whole.repairs]).toEqual([[message(kept)], []]);
		const { conversation, repairs } = restoreConversation(record([message(lost)]));
		expect([conversation.messages, repairs.length]).toEqual([[message()], 1]);
	});

	test('figures of nothing, and no figure below', () => {
		const kept = message(answer({ promptTokens: 0, timeToFirstTokenMs: 0 }));
		expect(parseConversation(record([kept])).messages).toEqual([kept]);
		expect(parseConversation(record([message(answer({ promptTokens: -1 }))])).messages).toEqual([
			message(answer({ promptTokens: null }))
		]);
	});

	test('the first 16 images', () => {
		const images = Array.from({ length: 17 }, () => ({ url: imageUrl(30) }));
		const { conversation, repairs } = restoreConversation(record([message({ images })]));
		expect(conversation.messages[0]?.images).toEqual(images.slice(0, 16));
		expect(repairs).toEqual(['images of a message could not be used']);
		const list = restoreConversation(record([message({ images: 'none' })]));
		expect(list.repairs).toEqual(['images of a message could not be used']);
	});

	test('its rating only where it is an answer', () => {
		const rated = (role: string) =>
			parseConversation(record([message({ role, rating: 'up' })])).messages[0]?.rating;
		expect([rated('assistant'), rated('user')]).toEqual(['up', undefined]);
	});

	test('the mark that it is left out, and no other', () => {
		const marked = (leftOut: boolean) => parseConversation(record([message({ leftOut })])).messages;
		expect(marked(true)).toEqual([message({ leftOut: true })]);
		expect(marked(false)).toEqual([message()]);
	});
});

describe('a conversation keeps', () => {
	test('the first 300 characters of its title', () => {
		expect(parseConversation(record([], { title: chars(301) })).title).toBe(chars(300));
	});

	test('20,000 messages and as many marks of removed ones', () => {
		const many = (count: number) =>
			Array.from({ length: count }, (_, index) => message({ id: `${index}` }));
		const whole = restoreConversation(record(many(20_000)));
		expect([whole.conversation.messages.length, whole.repairs]).toEqual([20_000, []]);
		const removed = many(20_001).map(({ id }) => ({ id, parent: null, at: 1 }));
		expect(parseConversation(record([], { removed })).removed).toHaveLength(20_000);
	});

	test('the latest of all times in it as its own', () => {
		const updatedOf = (change: object, header: object = {}) =>
			parseConversation(record([message(change)], header)).updatedAt;
		expect(updatedOf({ createdAt: 7 })).toBe(7);
		expect(updatedOf({ createdAt: 7, updatedAt: 9 })).toBe(9);
		expect(updatedOf({ createdAt: 7 }, { updatedAt: 11 })).toBe(11);
	});

	test('the time of its first message where it says none', () => {
		const { createdAt, updatedAt } = parseConversation(
			record([message()], { createdAt: undefined })
		);
		expect([createdAt, updatedAt]).toEqual([5, 5]);
		expect(parseConversation(record([], { createdAt: undefined })).createdAt).toBe(0);
		const untimed = { ...message(), createdAt: undefined };
		expect(parseConversation(record([untimed])).messages[0]?.createdAt).toBe(5);
		expect(
			parseConversation(record([untimed], { createdAt: undefined })).messages[0]?.createdAt
		).toBe(0);
	});

	test('a preset, and of the branches chosen those that are there', () => {
		expect(parseConversation(record([], { presetId: 'p' })).presetId).toBe('p');
		expect(parseConversation(record([])).presetId).toBeUndefined();
		expect(parseConversation(record([message()], { chosen: ['m', 'gone', 7] })).chosen).toEqual([
			'm'
		]);
	});
});

describe('of messages with one id', () => {
	test('each later one gets a number, and all stay', () => {
		const three = ['a', 'b', 'c'].map((text, createdAt) => message({ text, createdAt }));
		const { conversation, repairs } = restoreConversation(record(three));
		expect(conversation.messages.map(({ id }) => id)).toEqual(['m', 'm~2', 'm~3']);
		expect(repairs).toEqual(['two messages had the id m', 'two messages had the id m']);
	});

	test('the id stays short enough to be kept the next time', () => {
		const two = [message({ id: chars(128) }), message({ id: chars(128), text: 'b' })];
		const once = parseConversation(record(two));
		expect(once.messages[1]?.id).toBe(`${chars(126)}~2`);
		expect(parseConversation(once)).toEqual(once);
	});
});

describe('what hangs on an unusable message', () => {
	test('stays below its parent, unless a message or a mark has its id', () => {
		const bad = message({ id: 'bad', parent: 'm', text: 7 });
		const child = message({ id: 'child', parent: 'bad' });
		const marks = (messages: unknown[], removed: unknown[] = []) =>
			parseConversation(record(messages, { removed })).removed;
		expect(marks([message(), bad, child])).toEqual([{ id: 'bad', parent: 'm', at: 5 }]);
		expect(marks([message(), message({ id: 'bad' }), bad, child])).toEqual([]);
		expect(marks([message(), bad, message({ id: 'bad' }), child])).toEqual([]);
		const mark = { id: 'bad', parent: null, at: 3 };
		expect(marks([message(), bad, child], [mark])).toEqual([mark]);
	});

	test('is said to be in the wrong place where its parent is no id', () => {
		expect(restoreConversation(record([message({ parent: 7 })])).repairs).toEqual([
			'parent of a message could not be used'
		]);
		expect(restoreConversation(record([message({ parent: 'gone' })])).repairs).toEqual([
			'a message answered one that is not there'
		]);
	});
});

describe('no conversation', () => {
	test.each<[unknown, string, string]>([
		[null, 'an object', 'object'],
		[[], 'an object', 'a list'],
		['text', 'an object', 'string'],
		[{ version: 'one' }, 'a version from 0 to 2', 'string'],
		[{ version: 0.5 }, 'a version from 0 to 2', '0.5'],
		[{ version: -1 }, 'a version from 0 to 2', '-1'],
		[
			{ version: 2, id: 'c', messages: {} },
			'an object with an id and a list of messages',
			'id: string, messages: object'
		],
		[
			{ version: 2, id: '', messages: [] },
			'an object with an id and a list of messages',
			'id: string, messages: list'
		]
	])('is %j: expected is %s, found %s', (raw, expected, found) => {
		expect(() => parseConversation(raw)).toThrow(
			expect.objectContaining({ kind: 'unreadable', detail: { expected, found } })
		);
	});
});

describe('what version 0 leaves open', () => {
	const old = (change: object) => parseConversation({ id: 'o', ...change });

	test('an empty list is an empty conversation', () => {
		expect(old({ messages: [], updated: 7 })).toMatchObject({
			messages: [],
			leaf: null,
			createdAt: 7,
			updatedAt: 7
		});
		expect(old({ messages: 'none' }).messages).toEqual([]);
	});

	test('each message follows the one before, whatever else is in the list', () => {
		const said = ['user', 'assistant', 'user'].map((role, n) => ({ role, content: `${n}` }));
		const conversation = old({ messages: [said[0], null, said[1], said[2]] });
		expect(conversation.messages.map(({ id, parent }) => [id, parent])).toEqual([
			['o-0', null],
			['o-1', 'o-0'],
			['o-2', 'o-1']
		]);
		expect(conversation).toMatchObject({ leaf: 'o-2', createdAt: 0 });
		expect(migrations[0]?.({ id: 'o', messages: said })).toMatchObject({ version: 1, leaf: 'o-2' });
		expect(migrations[0]?.({ id: 'o', messages: [] })).toMatchObject({ version: 1, leaf: null });
		for (const messages of [said, 'none'])
			expect(migrations[1]?.({ version: 1, messages })).toMatchObject({ version: 2 });
	});

	test('version 1 without a list of messages is refused as such', () => {
		expect(() => parseConversation({ version: 1, id: 'o', messages: 7 })).toThrow(
			'not a conversation'
		);
		const odd = [null, { ...message(), answer: 7 }, message(answer({ quantization: '' }))];
		expect(parseConversation({ ...record(odd), version: 1 }).messages).toHaveLength(2);
	});
});
