import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StorageError } from '../kit/storage-error.ts';
import { anyUsedConversation } from './conversations.fixture.ts';
import {
	children,
	create,
	find,
	parentOf,
	path,
	switchTo,
	type Conversation
} from './conversation.ts';
import {
	MAX_MESSAGES,
	MAX_TEXT_CHARS,
	migrations,
	CONVERSATION_VERSION,
	parseConversation,
	restoreConversation
} from './record.ts';
import version0 from './samples/conversation-v0.json';
import version1 from './samples/conversation-v1.json';

const message = (id: string, parent: string | null, extra: object = {}) => ({
	id,
	parent,
	role: 'user',
	text: id,
	createdAt: 5,
	...extra
});
const record = (messages: unknown, extra: object = {}) => ({
	version: CONVERSATION_VERSION,
	id: 'c',
	messages,
	...extra
});
const PIXEL = 'data:image/png;base64,iVBORw0KGgo=';

/** Everything the page relies on. */
function expectSound(conversation: Conversation) {
	const ids = conversation.messages.map(({ id }) => id);
	expect(new Set(ids).size).toBe(ids.length);
	for (const id of ids) {
		expect(path(switchTo(conversation, id)).map((each) => each.id)).toContain(id);
	}
	if (conversation.leaf === null) expect(ids).toEqual([]);
	else {
		expect(ids).toContain(conversation.leaf);
		expect(children(conversation, conversation.leaf)).toEqual([]);
	}
}

test('what was written is read back the same', () => {
	fc.assert(
		fc.property(anyUsedConversation, (conversation) => {
			const stored: unknown = structuredClone(conversation);
			expect(restoreConversation(stored)).toEqual({ conversation, repairs: [], lost: [] });
		})
	);
});

test('it survives JSON as well', () => {
	fc.assert(
		fc.property(anyUsedConversation, (conversation) => {
			expect(parseConversation(JSON.parse(JSON.stringify(conversation)))).toEqual(conversation);
		})
	);
});

test('whatever is stored, the answer is a sound conversation or a StorageError', () => {
	const id = fc.constantFrom('a', 'b', 'c', 'd', '', '__proto__');
	const junk = fc.anything({ maxDepth: 2 });
	const mostly = <T>(arbitrary: fc.Arbitrary<T>) =>
		fc.oneof({ weight: 5, arbitrary }, { weight: 1, arbitrary: junk });
	const messages = mostly(
		fc.array(
			mostly(
				fc.record(
					{
						id: mostly(id),
						parent: mostly(fc.option(id)),
						role: mostly(fc.constantFrom('user', 'assistant')),
						text: mostly(fc.string()),
						createdAt: mostly(fc.integer({ min: 0, max: 3 })),
						images: mostly(fc.array(fc.record({ url: fc.constantFrom(PIXEL, 'https://x.y') }))),
						answer: junk,
						thinking: junk
					},
					{ requiredKeys: [] }
				)
			)
		)
	);
	const stones = fc.array(mostly(fc.record({ id, parent: fc.option(id), at: fc.nat(3) })));
	const any = mostly(
		fc.record(
			{
				version: mostly(fc.constantFrom(0, 1)),
				id: mostly(fc.constant('c')),
				messages,
				removed: mostly(stones),
				leaf: mostly(fc.option(id)),
				chosen: junk,
				sampling: junk,
				title: junk,
				createdAt: junk,
				updatedAt: junk,
				pinned: junk
			},
			{ requiredKeys: [] }
		)
	);
	fc.assert(
		fc.property(any, (raw) => {
			let conversation: Conversation;
			try {
				conversation = parseConversation(raw);
			} catch (thrown) {
				expect(thrown).toBeInstanceOf(StorageError);
				return;
			}
			expectSound(conversation);
			expect(parseConversation(conversation)).toEqual(conversation);
		}),
		{ numRuns: 1000 }
	);
});

describe('migrations', () => {
	test('there is one for each old version', () => {
		expect(migrations).toHaveLength(CONVERSATION_VERSION);
	});

	test('version 0, a flat list, becomes one branch', () => {
		const { conversation, repairs } = restoreConversation(version0);
		expect(repairs).toEqual([]);
		expect(conversation).toMatchObject({
			version: CONVERSATION_VERSION,
			id: 'old-1',
			title: 'What is a KV cache?',
			updatedAt: 1735689600000
		});
		expect(path(conversation).map(({ role, text }) => [role, text])).toEqual(
			version0.messages.map(({ role, content }) => [role, content])
		);
	});

	test('version 1 named variants of the catalogue: each answer keeps who wrote it, and its figures', () => {
		const { conversation, repairs } = restoreConversation(version1);
		expect(repairs).toEqual([]);
		expect(conversation.version).toBe(CONVERSATION_VERSION);
		expect(conversation.messages.map(({ text }) => text)).toEqual(
			version1.messages.map(({ text }) => text)
		);
		expect(find(conversation, 'answer-1')?.answer).toEqual({
			engineId: 'Llama-3.2-1B-Instruct-q4f16_1-MLC',
			label: 'Llama 3.2 1B Instruct',
			quantization: 'q4f16_1',
			finish: 'stop',
			promptTokens: 31,
			completionTokens: 13,
			prefillTokensPerSecond: 410.5,
			decodeTokensPerSecond: 32.25,
			timeToFirstTokenMs: 88
		});
		expect(find(conversation, 'imported')?.answer).toMatchObject({
			engineId: 'llama3.2:1b',
			label: 'llama3.2:1b'
		});
		expect(find(conversation, 'imported')?.answer).not.toHaveProperty('quantization');
	});

	test('a newer version is refused by name', () => {
		expect(() => parseConversation({ version: 3, id: 'c', messages: [] })).toThrow(
			expect.objectContaining({
				kind: 'newer-version',
				detail: { expected: 'version 2 or older', found: 'version 3' }
			})
		);
	});
});

test.each([null, [], 'text', {}, { version: 1, id: 7, messages: [] }, { version: 'one' }])(
	'%j is no conversation',
	(raw) => {
		expect(() => parseConversation(raw)).toThrow(expect.objectContaining({ kind: 'unreadable' }));
	}
);

test('missing fields take defaults and unknown ones are left out', () => {
	const conversation = parseConversation(record([], { wonder: 1 }));
	expect(conversation).toEqual({
		...create({ id: 'c' }, 0)
	});
});

test('a field of the wrong type costs only itself', () => {
	const { conversation, repairs } = restoreConversation(
		record([message('a', null)], {
			title: 7,
			pinned: true,
			sampling: { topP: 'x', temperature: 9 }
		})
	);
	expect(conversation).toMatchObject({ title: '', pinned: true, sampling: { temperature: 2 } });
	expect(conversation.sampling).not.toHaveProperty('topP');
	expect(repairs).toEqual(['title could not be used']);
});

test('messages that answer each other in a circle are all shown', () => {
	const { conversation, repairs } = restoreConversation(
		record([message('a', 'b'), message('b', 'c'), message('c', 'b'), message('d', 'd')])
	);
	expectSound(conversation);
	expect(conversation.messages).toHaveLength(4);
	expect(repairs).toHaveLength(2);
});

test('a circle through a removed message is cut as well', () => {
	const { conversation } = restoreConversation(
		record([message('a', 'x')], { removed: [{ id: 'x', parent: 'a', at: 1 }] })
	);
	expectSound(conversation);
});

test('of two messages with one id both stay', () => {
	const { conversation, repairs } = restoreConversation(
		record([message('a', null), message('a', null, { text: 'other' }), message('b', 'a')])
	);
	expectSound(conversation);
	expect(conversation.messages.map(({ text }) => text).sort()).toEqual(['a', 'b', 'other']);
	expect(repairs).toEqual(['two messages had the id a']);
});

test('a message whose parent is not there begins a line of its own', () => {
	const { conversation } = restoreConversation(record([message('a', 'nobody')]));
	expect(parentOf(conversation, 'a')).toBeNull();
	expect(conversation.leaf).toBe('a');
});

test('what followed an unusable message stays in its place', () => {
	const { conversation, repairs } = restoreConversation(
		record([message('a', null), message('b', 'a', { text: 7 }), message('c', 'b')])
	);
	expect(path(conversation).map(({ id }) => id)).toEqual(['a', 'c']);
	expect(repairs).toEqual(['a message could not be used']);
});

test('only images held in the record itself are kept', () => {
	const urls = [
		PIXEL,
		'https://example.com/x.png',
		'data:image/svg+xml;base64,PHN2Zz4=',
		'data:text/html;base64,PGI+',
		'javascript:alert(1)',
		'data:image/png;base64,<b>'
	];
	const { conversation, repairs } = restoreConversation(
		record([message('a', null, { images: urls.map((url) => ({ url })) })])
	);
	expect(conversation.messages[0]?.images).toEqual([{ url: PIXEL }]);
	expect(repairs).toHaveLength(urls.length - 1);
});

test('texts and lists beyond the limits are left out, and that is said', () => {
	const long = 'x'.repeat(MAX_TEXT_CHARS + 1);
	const texts = restoreConversation(
		record([message('a', null), message('b', 'a', { text: long })])
	);
	expect(texts.conversation.messages).toHaveLength(1);
	expect(texts.repairs).toEqual(['a message could not be used']);
	const many = Array.from({ length: MAX_MESSAGES + 2 }, (_, index) => message(`${index}`, null));
	const list = restoreConversation(record(many));
	expect(list.conversation.messages).toHaveLength(MAX_MESSAGES);
	expect(list.repairs).toEqual(['2 messages beyond the 20000th were left out']);
});

test('the figures of an answer may be unknown, never NaN', () => {
	const answer = { engineId: 'v', promptTokens: NaN, completionTokens: -1, finish: 'magic' };
	const { conversation } = restoreConversation(
		record([message('a', null, { role: 'assistant', answer })])
	);
	expect(conversation.messages[0]?.answer).toEqual({
		engineId: 'v',
		label: '',
		finish: 'partial',
		promptTokens: null,
		completionTokens: null,
		prefillTokensPerSecond: null,
		decodeTokensPerSecond: null,
		timeToFirstTokenMs: null
	});
});
