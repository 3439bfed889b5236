import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyUsedConversation } from '../conversations.fixture.ts';
import {
	append,
	create,
	find,
	parentOf,
	path,
	siblings,
	switchTo,
	type Conversation
} from '../conversation.ts';
import { exportJson, exportMarkdown, fileName } from './export.ts';
import { importConversations, MAX_FILE_CHARS } from './import.ts';
import llamaCpp from './samples/llama-cpp.json';
import llamaCppNumbered from './samples/llama-cpp-numbered.json';
import openWebUi from './samples/open-webui.json';
import webLlmChatSingle from './samples/web-llm-chat-single.json';
import webLlmChatStore from './samples/web-llm-chat-store.json';

const read = (file: unknown) => importConversations(JSON.stringify(file));
function only(file: unknown): Conversation {
	const [first, ...more] = read(file).conversations;
	expect(more).toEqual([]);
	if (!first) throw new Error('nothing was imported');
	return first;
}
const said = (conversation: Conversation) =>
	path(conversation).map(({ role, text }) => `${role}: ${text}`);

describe('our own format', () => {
	test('what is exported is imported the same', () => {
		const useful = anyUsedConversation.filter(({ title }) => title !== '');
		fc.assert(
			fc.property(fc.uniqueArray(useful, { maxLength: 4, selector: ({ id }) => id }), (list) => {
				expect(importConversations(exportJson(list))).toEqual({
					formats: ['Headroom'],
					conversations: list,
					messages: list.reduce((sum, { messages }) => sum + messages.length, 0),
					gaps: []
				});
			})
		);
	});

	test('of two with one id the second becomes a copy', () => {
		const conversation = create({ id: 'same', title: 'Twin' });
		const { conversations } = importConversations(exportJson([conversation, conversation]));
		expect(conversations.map(({ title }) => title)).toEqual(['Twin', 'Twin (copy)']);
		expect(conversations[1]?.id).not.toBe('same');
	});

	test('a conversation that cannot be used is named, and the others are imported', () => {
		const good = create({ title: 'Good' });
		const { conversations, gaps } = read({
			format: 'headroom',
			version: 1,
			conversations: [7, good, { version: 9, id: 'x', messages: [] }]
		});
		expect(conversations).toEqual([good]);
		expect(gaps).toEqual([
			{
				where: 'conversation 1',
				kind: 'conversation',
				why: 'expected an object with an id and a list of messages, found id: undefined, messages: undefined',
				count: 1
			},
			{
				where: 'conversation 3',
				kind: 'conversation',
				why: 'expected version 2 or older, found version 9',
				count: 1
			}
		]);
	});

	test('what another program did on the way to an answer is exported and imported', () => {
		const asides = [{ kind: 'tool' as const, title: 'search', text: '```\n{}\n```' }];
		const asked = append(create(), { role: 'user', text: 'Which bird?' });
		const answered = append(asked, { role: 'assistant', text: 'A robin.', thinking: 'Red.' });
		const messages = answered.messages.map((each, index) =>
			index === 1 ? { ...each, asides } : each
		);
		const conversation = { ...answered, messages };
		const { conversations, gaps } = importConversations(exportJson([conversation]));
		expect(conversations).toEqual([conversation]);
		expect(gaps).toEqual([]);
		expect(exportMarkdown([conversation])).toContain('> **Tool: search**\n>\n> ```');
	});

	test('a damaged message is named, and its conversation imported without it', () => {
		const conversation = append(create({ title: 'Half' }), { role: 'user', text: 'Yes' });
		const { conversations, gaps } = read({
			format: 'headroom',
			version: 1,
			conversations: [{ ...conversation, messages: [...conversation.messages, {}, null] }]
		});
		expect(conversations).toEqual([conversation]);
		expect(gaps).toEqual([
			{ where: 'Half', kind: 'message', why: 'messages that could not be used', count: 2 }
		]);
	});
});

describe('Open WebUI', () => {
	const conversation = only(openWebUi);

	test('keeps the branches, the one on show, title, times and system prompt', () => {
		expect(read(openWebUi).formats).toEqual(['Open WebUI']);
		expect(conversation).toMatchObject({
			title: 'Bread',
			system: 'You bake.',
			pinned: true,
			createdAt: 1735689600000,
			updatedAt: 1735689701000
		});
		expect(said(conversation)).toEqual([
			'user: How long does dough rest?',
			'assistant: One to two hours.',
			'user: And overnight?'
		]);
		expect(siblings(conversation, 'a2').map(({ id }) => id)).toEqual(['a1', 'a2']);
	});

	test('keeps the thinking, the model and its figures', () => {
		expect(find(conversation, 'a2')).toMatchObject({ thinking: 'Is 1 < 2 hours?\nLikely.' });
		expect(find(conversation, 'a1')?.answer).toMatchObject({
			engineId: 'llama3.2:1b',
			promptTokens: 31,
			completionTokens: 4,
			decodeTokensPerSecond: null
		});
	});

	test('takes images only from the file itself, and says what is missing', () => {
		expect(find(conversation, 'u1')?.images).toEqual([
			{ url: 'data:image/png;base64,iVBORw0KGgo=' }
		]);
		expect(read(openWebUi).gaps).toEqual([
			{ where: 'Bread', kind: 'part', why: 'images of a message could not be used', count: 1 },
			{ where: 'Bread', kind: 'part', why: 'attached files that are not images', count: 1 }
		]);
	});

	test('the legacy form, without rows, is read too', () => {
		const [row] = openWebUi;
		expect(said(only([row?.chat]))).toEqual(said(conversation));
	});
});

describe('llama.cpp', () => {
	const conversation = only(llamaCpp);

	test('keeps the branches below its root, and the system prompt', () => {
		expect(read(llamaCpp).formats).toEqual(['llama.cpp']);
		expect(conversation).toMatchObject({ title: 'Prime numbers', system: 'Be exact.' });
		expect(said(conversation)).toEqual(['user: Is 97 prime?', 'assistant: Yes.']);
		expect(parentOf(conversation, 'm1')).toBeNull();
		expect(siblings(conversation, 'm3').map(({ id }) => id)).toEqual(['m1', 'm3']);
	});

	test('keeps attached texts and images, thinking and speed', () => {
		const [question, answer] = path(switchTo(conversation, 'm1'));
		expect(question).toMatchObject({
			text: 'Is 91 prime?\n\nnotes.txt:\n\n7, 11, 13',
			images: [{ url: 'data:image/webp;base64,UklGRg==', name: 'grid.webp' }]
		});
		expect(answer).toMatchObject({
			thinking: '91 = 7 * 13',
			answer: {
				engineId: 'qwen3-4b-q8_0.gguf',
				promptTokens: 20,
				prefillTokensPerSecond: 200,
				decodeTokensPerSecond: 20
			}
		});
		expect(read(llamaCpp).gaps).toEqual([
			{
				where: 'Prime numbers',
				kind: 'part',
				why: 'attached files that are neither text nor images',
				count: 1
			}
		]);
	});

	test('numbered messages of older versions are read too', () => {
		const old = only(llamaCppNumbered);
		expect(said(old)).toEqual(['user: Hello', 'assistant: Hi!']);
		expect(path(old)[1]?.thinking).toBe('Greet back.');
		expect(read(llamaCppNumbered).gaps).toEqual([]);
	});
});

describe('web-llm-chat', () => {
	test('the whole store brings its sessions; empty ones are named', () => {
		const { formats, conversations, gaps } = read(webLlmChatStore);
		expect(formats).toEqual(['web-llm-chat']);
		expect(conversations).toMatchObject([
			{ title: 'Tides', system: 'Speak of the sea.', updatedAt: 1735990000000 }
		]);
		expect(gaps).toEqual([
			{ where: 'conversation 2', kind: 'conversation', why: 'it is empty', count: 1 }
		]);
	});

	test('an answer keeps its variant, figures and thinking', () => {
		const [question, answer] = path(only(webLlmChatStore));
		expect(question).toMatchObject({
			text: 'What is this?',
			images: [{ url: 'data:image/jpeg;base64,/9j/4AAQ' }]
		});
		expect(answer).toMatchObject({
			text: 'A tide table.',
			thinking: 'Water.',
			answer: {
				engineId: 'Llama-3.2-1B-Instruct-q4f16_1-MLC',
				quantization: 'q4f16_1',
				finish: 'length',
				promptTokens: 40,
				prefillTokensPerSecond: 210.5,
				decodeTokensPerSecond: 33.25
			}
		});
	});

	test('a single chat gets its title from the prompt the exporter made up', () => {
		const conversation = only(webLlmChatSingle);
		expect(conversation).toMatchObject({ title: 'Knots', system: '' });
		expect(said(conversation)).toEqual([
			'user: How do I tie a bowline?',
			'assistant: Make a loop.'
		]);
	});
});

describe('what is refused as a whole', () => {
	test.each([
		['not-json', 'hello'],
		['not-json', ''],
		['unknown-format', '[]'],
		['unknown-format', 'null'],
		['unknown-format', '{"a":1}'],
		['newer-version', '{"format":"headroom","version":2,"conversations":[]}']
	])('%s: %s', (kind, text) => {
		expect(() => importConversations(text)).toThrow(expect.objectContaining({ kind }));
	});

	test('the error names what was expected and what was found', () => {
		expect(() => importConversations('{"a":1,"b":2}')).toThrow(
			expect.objectContaining({
				detail: {
					expected:
						'an export of ChatGPT, Headroom, Jan, llama.cpp, LM Studio, Open WebUI, Page Assist, web-llm-chat, a list of messages',
					found: 'an object with a, b'
				}
			})
		);
	});

	test('a file beyond the limit is not even parsed', () => {
		expect(() => importConversations(' '.repeat(MAX_FILE_CHARS + 1))).toThrow(
			expect.objectContaining({ kind: 'too-large' })
		);
	});
});

describe('Markdown', () => {
	test('is a document that reads from top to bottom', () => {
		let conversation = create({ title: 'Knots', system: 'Be brief.' }, Date.UTC(2025, 0, 2));
		conversation = append(conversation, { id: 'q', role: 'user', text: 'Which *knot*?' });
		conversation = append(conversation, {
			role: 'assistant',
			text: 'A bowline.',
			thinking: 'Safe\nand simple.',
			answer: {
				engineId: 'x-q4f16_1',
				label: 'Llama 3.2 1B Instruct',
				quantization: 'q4f16_1',
				finish: 'stop',
				promptTokens: 1,
				completionTokens: 1,
				prefillTokensPerSecond: null,
				decodeTokensPerSecond: null,
				timeToFirstTokenMs: null
			}
		});
		conversation = append(conversation, { role: 'assistant', text: 'Another.', parent: 'q' });
		conversation = switchTo(conversation, conversation.messages[1]?.id ?? '');
		expect(exportMarkdown([conversation])).toBe(
			[
				'# Knots',
				'*2025-01-02*',
				'## System prompt',
				'Be brief.',
				'## You',
				'Which *knot*?',
				'## Llama 3.2 1B Instruct, q4f16_1',
				'> Safe\n> and simple.',
				'A bowline.',
				'*1 message of other branches left out.*\n'
			].join('\n\n')
		);
	});

	test.each([
		['```js\ncode', '```js\ncode\n```'],
		['~~~~\n```\nx', '~~~~\n```\nx\n~~~~'],
		['```\nx\n```', '```\nx\n```'],
		['inline ```x```', 'inline ```x```'],
		['```x``` begins a line', '```x``` begins a line']
	])('a code block that was cut is closed: %j', (text, closed) => {
		const markdown = exportMarkdown([append(create({ title: 't' }), { role: 'user', text })]);
		expect(markdown.endsWith(`${closed}\n`)).toBe(true);
	});
});

test.each([
	['What is a KV cache?', 'What-is-a-KV-cache.json'],
	['../../etc/passwd', 'etc-passwd.json'],
	['con', 'con-chat.json'],
	['???', 'conversation.json'],
	['x'.repeat(61), `${'x'.repeat(60)}.json`],
	['Öfen & Brot', 'Öfen-Brot.json']
])('a file of %j is called %s', (title, name) => {
	expect(fileName(title, 'json')).toBe(name);
});
