import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyUsedConversation } from '../conversation.arbitrary.ts';
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
import { ImportError, importConversations, MAX_FILE_CHARS } from './import.ts';
import llamaCpp from './samples/llama-cpp.json';
import llamaCppNumbered from './samples/llama-cpp-numbered.json';
import openWebUi from './samples/open-webui.json';
import webLlmChatSingle from './samples/web-llm-chat-single.json';
import webLlmChatStore from './samples/web-llm-chat-store.json';

const read = (file: unknown) => importConversations(JSON.stringify(file));
function only(file: unknown): Conversation {
	const [first, ...more] = read(file).imported;
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
					format: 'Headroom',
					imported: list,
					skipped: []
				});
			})
		);
	});

	test('of two with one id the second becomes a copy', () => {
		const conversation = create({ id: 'same', title: 'Twin' });
		const { imported } = importConversations(exportJson([conversation, conversation]));
		expect(imported.map(({ title }) => title)).toEqual(['Twin', 'Twin (copy)']);
		expect(imported[1]?.id).not.toBe('same');
	});

	test('a conversation that cannot be used is named, and the others are imported', () => {
		const good = create({ title: 'Good' });
		const { imported, skipped } = read({
			format: 'headroom',
			version: 1,
			conversations: [7, good, { version: 9, id: 'x', messages: [] }]
		});
		expect(imported).toEqual([good]);
		expect(skipped).toEqual([
			{
				what: 'conversation 1',
				why: 'expected an object with an id and a list of messages, found id: undefined, messages: undefined',
				whole: true
			},
			{ what: 'conversation 3', why: 'expected version 1 or older, found version 9', whole: true }
		]);
	});

	test('a damaged message is named, and its conversation imported without it', () => {
		const conversation = append(create({ title: 'Half' }), { role: 'user', text: 'Yes' });
		const { imported, skipped } = read({
			format: 'headroom',
			version: 1,
			conversations: [{ ...conversation, messages: [...conversation.messages, {}, null] }]
		});
		expect(imported).toEqual([conversation]);
		expect(skipped).toEqual([
			{ what: 'Half', why: 'a message could not be used (2 times)', whole: false }
		]);
	});
});

describe('Open WebUI', () => {
	const conversation = only(openWebUi);

	test('keeps the branches, the one on show, title, times and system prompt', () => {
		expect(read(openWebUi).format).toBe('Open WebUI');
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
			variantId: 'llama3.2:1b',
			promptTokens: 31,
			completionTokens: 4,
			decodeTokensPerSecond: null
		});
	});

	test('takes images only from the file itself, and says what is missing', () => {
		expect(find(conversation, 'u1')?.images).toEqual([
			{ url: 'data:image/png;base64,iVBORw0KGgo=' }
		]);
		expect(read(openWebUi).skipped).toEqual([
			{ what: 'Bread', why: 'images of a message could not be used', whole: false },
			{ what: 'Bread', why: 'attached files that are not images: 1', whole: false }
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
		expect(read(llamaCpp).format).toBe('llama.cpp');
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
				variantId: 'qwen3-4b-q8_0.gguf',
				promptTokens: 20,
				prefillTokensPerSecond: 200,
				decodeTokensPerSecond: 20
			}
		});
		expect(read(llamaCpp).skipped).toEqual([
			{
				what: 'Prime numbers',
				why: 'attached files that are neither text nor images: 1',
				whole: false
			}
		]);
	});

	test('numbered messages of older versions are read too', () => {
		const old = only(llamaCppNumbered);
		expect(said(old)).toEqual(['user: Hello', 'assistant: Hi!']);
		expect(path(old)[1]?.thinking).toBe('Greet back.');
		expect(read(llamaCppNumbered).skipped).toEqual([]);
	});
});

describe('web-llm-chat', () => {
	test('the whole store brings its sessions; empty ones are named', () => {
		const { format, imported, skipped } = read(webLlmChatStore);
		expect(format).toBe('web-llm-chat');
		expect(imported).toMatchObject([
			{ title: 'Tides', system: 'Speak of the sea.', updatedAt: 1735990000000 }
		]);
		expect(skipped).toEqual([{ what: 'conversation 2', why: 'it is empty', whole: true }]);
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
				variantId: 'Llama-3.2-1B-Instruct-q4f16_1-MLC',
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
					expected: 'an export of Headroom, llama.cpp, Open WebUI, web-llm-chat',
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

test('whatever a file holds, the import ends in conversations or an ImportError', () => {
	// Known formats with values exchanged at random for others.
	const samples = [openWebUi, llamaCpp, llamaCppNumbered, webLlmChatStore, webLlmChatSingle];
	const junk = fc.oneof(
		fc.constantFrom<unknown>(null, '', -1, 1e300, [], {}, [null], { id: 1 }, 'm1', '__proto__'),
		fc.jsonValue()
	);
	fc.assert(
		fc.property(
			fc.constantFrom(...samples),
			fc.array(fc.tuple(fc.nat(), junk), { minLength: 1, maxLength: 6 }),
			(sample, changes) => {
				const file: unknown = changes.reduce<unknown>(
					(each, [at, value]) => exchanged(each, at, value),
					sample
				);
				try {
					for (const conversation of read(file).imported) {
						for (const { id } of conversation.messages) {
							expect(path(switchTo(conversation, id)).map((each) => each.id)).toContain(id);
						}
					}
				} catch (thrown) {
					expect(thrown).toBeInstanceOf(ImportError);
				}
			}
		),
		{ numRuns: 500 }
	);
});

/** The file with its n-th value (counted in depth, around the end) exchanged. */
function exchanged(file: unknown, n: number, value: unknown): unknown {
	let count = 0;
	JSON.stringify(file, (_key, each: unknown) => {
		count++;
		return each;
	});
	let left = n % count;
	return JSON.parse(
		JSON.stringify(file, (_key, each: unknown) => (left-- === 0 ? value : each)) ?? 'null'
	);
}

describe('Markdown', () => {
	test('is a document that reads from top to bottom', () => {
		let conversation = create({ title: 'Knots', system: 'Be brief.' }, Date.UTC(2025, 0, 2));
		conversation = append(conversation, { id: 'q', role: 'user', text: 'Which *knot*?' });
		conversation = append(conversation, {
			role: 'assistant',
			text: 'A bowline.',
			thinking: 'Safe\nand simple.',
			answer: {
				variantId: 'x-q4f16_1',
				familyName: 'Llama 3.2 1B Instruct',
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
		['inline ```x```', 'inline ```x```']
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
	['Öfen & Brot', 'Öfen-Brot.json']
])('a file of %j is called %s', (title, name) => {
	expect(fileName(title, 'json')).toBe(name);
});
