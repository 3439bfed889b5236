import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { find, parentOf, path, siblings, type Conversation } from '../conversation.ts';
import { promptOf, sentUpTo } from '../prompt.ts';
import { importConversations } from './import.ts';

const sample = (name: string) =>
	readFileSync(new URL(`./samples/${name}`, import.meta.url), 'utf8').trimEnd();
const read = (name: string) => importConversations(sample(name));
function only(name: string): Conversation {
	const [first, ...more] = read(name).conversations;
	if (!first || more.length > 0) throw new Error('expected one conversation');
	return first;
}
const said = (conversation: Conversation) =>
	path(conversation).map(({ role, text }) => `${role}: ${text}`);
const sent = (conversation: Conversation) =>
	JSON.stringify(promptOf('', sentUpTo(conversation, conversation.leaf), true));

describe('llama.cpp, JSON lines', () => {
	const conversation = only('llama-cpp-lines.jsonl');

	test('the session is a conversation, its root and system prompt are no messages', () => {
		expect(read('llama-cpp-lines.jsonl')).toMatchObject({ formats: ['llama.cpp'], messages: 3 });
		expect(conversation).toMatchObject({ title: 'Tides', system: 'Answer in one sentence.' });
		expect(said(conversation)).toEqual([
			'user: When is high water in Dover?\n\nharbour.txt:\n\nDover',
			'assistant: At 14:05.'
		]);
		expect(parentOf(conversation, 'u1')).toBeNull();
		expect(siblings(conversation, 'a3').map(({ id }) => id)).toEqual(['a0', 'a3']);
	});

	test('a call and its result are folded into the answer that follows, and not sent', () => {
		expect(find(conversation, 'a3')).toMatchObject({
			thinking: 'A table is needed.\n\nIt says so.',
			asides: [
				{ kind: 'tool', title: 'tide_table', text: '```\n{\n  "port": "Dover"\n}\n```' },
				{ kind: 'tool', title: 'tide_table', text: '```\n{\n  "high": "14:05"\n}\n```' }
			],
			answer: { engineId: 'qwen3-8b-q4_k_m.gguf', decodeTokensPerSecond: 20 }
		});
		expect(sent(conversation)).not.toMatch(/tide_table|A table/);
	});

	test('a call that nothing follows is an answer without words, of its model', () => {
		const text = sample('llama-cpp-lines.jsonl').split('\n').slice(0, 6).join('\n');
		const answer = path(importConversations(text).conversations[0]!).at(-1);
		expect(answer).toMatchObject({
			text: '',
			thinking: 'A table is needed.',
			asides: [{ title: 'tide_table' }],
			answer: { engineId: 'qwen3-8b-q4_k_m.gguf' }
		});
	});

	test('what has no place here is counted', () => {
		expect(read('llama-cpp-lines.jsonl').gaps).toEqual([
			{
				where: 'Tides',
				kind: 'part',
				why: 'attached files that are neither text nor images',
				count: 1
			}
		]);
	});

	test('a file that was cut keeps what came before, and says so', () => {
		const text = sample('llama-cpp-lines.jsonl');
		const { conversations, gaps } = importConversations(text.slice(0, -40));
		expect(conversations[0]?.messages.map(({ id }) => id)).toEqual(['u1', 'a0', 't1']);
		expect(gaps[0]).toEqual({
			where: 'the file',
			kind: 'message',
			why: 'lines that are not JSON',
			count: 1
		});
	});

	test('several sessions in one file are several conversations', () => {
		const one = '{"type":"session","harness":"llama.app","id":"x","name":"X"}';
		const message = '{"type":"message","message":{"id":"m","role":"user","content":"Hi"}}';
		const { conversations } = importConversations([one, message, one, message].join('\r\n'));
		expect(conversations.map(({ title }) => title)).toEqual(['X', 'X (copy)']);
	});
});

describe('Open WebUI since `output`', () => {
	const { conversations, messages, gaps } = read('open-webui-output.json');
	const [dough, list, without] = conversations;

	test('text, thoughts, calls and code come from the output where the content is empty', () => {
		expect(said(dough!)).toEqual(['user: How long does dough rest?', 'assistant: Overnight.']);
		expect(find(dough!, 'a1')).toMatchObject({
			thinking: 'Cold or warm?',
			asides: [
				{
					kind: 'tool',
					title: 'recipe',
					text: '```\n{\n  "bread": "sourdough"\n}\n```\n\nResult:\n\n```\n12 hours\n```'
				},
				{
					kind: 'code',
					title: 'run',
					text: '```python\nprint(12 * 60)\n```\n\nOutput:\n\n```\n720\n```'
				}
			]
		});
		expect(sent(dough!)).not.toMatch(/12 \* 60|recipe|Cold/);
	});

	test('messages come from the list where the history is empty or missing', () => {
		expect(said(list!)).toEqual(['user: Salt?', 'assistant: Two percent.']);
		expect(said(without!).at(-1)).toBe('assistant: Two thirds of the flour.');
	});

	test('what went in is what came out, and what came out blank is counted', () => {
		expect(messages).toBe(2 + 2 + 3);
		expect(gaps).toEqual([
			{ where: 'No history', kind: 'message', why: 'messages without any text', count: 1 }
		]);
	});
});

test('Open WebUI: where no branch is named, the one of the last message is on show', () => {
	const row = (id: string, parentId: string | null, role: string) => [
		id,
		{ id, parentId, role, content: id }
	];
	const q = row('q', null, 'user');
	const a = row('a', 'q', 'assistant');
	const b = row('b', 'q', 'assistant');
	const on = (entries: unknown[][], currentId?: string) => {
		const messages = Object.fromEntries(entries) as object;
		const rows = [{ chat: { history: { messages, currentId } } }];
		return said(importConversations(JSON.stringify(rows)).conversations[0]!).at(-1);
	};
	expect(on([q, a, b])).toBe('assistant: b');
	expect(on([q, b, a])).toBe('assistant: a');
	expect(on([q, a, b], 'a')).toBe('assistant: a');
});

test('Open WebUI: what is folded in an answer is folded by kind, readable, and not sent', () => {
	const row = {
		chat: {
			messages: [
				{ role: 'user', content: 'When?' },
				{ role: 'assistant', content: sample('open-webui-details.txt'), model: 'qwen3:8b' },
				{ role: 'user', content: 'Thanks' }
			]
		}
	};
	const [conversation] = importConversations(JSON.stringify([row])).conversations;
	expect(path(conversation!)[1]).toMatchObject({
		text: 'High water is at 14:05.\n\nThat is minute 845.',
		thinking: 'Which port?\n\n14:05 < 15:00.',
		asides: [
			{
				kind: 'tool',
				title: 'tide_table',
				text: '```\n{\n  "port": "Dover"\n}\n```\n\nResult:\n\n```\n{\n  "high": "14:05"\n}\n```'
			},
			{
				kind: 'code',
				title: 'Analyzed',
				text: '```python\nprint(14 * 60 + 5)\n```\n\nOutput:\n\n```\n845\n```'
			}
		],
		answer: { thinkingMs: 3000 }
	});
	expect(sent(conversation!)).not.toMatch(/details|tide_table|Which port|14 \* 60/);
});

describe('LM Studio', () => {
	const conversation = only('lm-studio.json');

	test('keeps versions as branches, with the selected one on show', () => {
		expect(read('lm-studio.json')).toMatchObject({ formats: ['LM Studio'], messages: 4 });
		expect(conversation).toMatchObject({
			title: 'Sheet',
			pinned: true,
			createdAt: 1784921389195,
			system: 'You are a careful analyst.'
		});
		expect(said(conversation)).toEqual([
			'user: Describe it.',
			'assistant: Revenue by quarter.',
			'user: Thanks.'
		]);
		expect(siblings(conversation, '1.1').map(({ id }) => id)).toEqual(['1.0', '1.1']);
	});

	test('keeps thoughts, tools and figures of an answer', () => {
		expect(find(conversation, '1.1')).toMatchObject({
			thinking: 'They want a description.',
			asides: [
				{ kind: 'tool', title: 'read_sheet' },
				{ kind: 'tool', title: 'result' }
			],
			answer: {
				engineId: 'qwen/qwen3-8b',
				promptTokens: 180,
				completionTokens: 34,
				decodeTokensPerSecond: 41.5,
				timeToFirstTokenMs: 250
			}
		});
	});

	test('files that are only named are counted', () => {
		expect(read('lm-studio.json').gaps).toEqual([
			{
				where: 'Sheet',
				kind: 'part',
				why: 'attached files, which are not in the export',
				count: 1
			}
		]);
	});
});

describe('Jan', () => {
	test('lines of messages are a conversation, with the active branch on show', () => {
		const { formats, messages, gaps } = read('jan-messages.jsonl');
		expect([formats, messages, gaps]).toEqual([['Jan'], 3, []]);
		const conversation = only('jan-messages.jsonl');
		expect(said(conversation)).toEqual(['user: Is 91 prime?', 'assistant: No.']);
		expect(siblings(conversation, '01J3').map(({ id }) => id)).toEqual(['01J3', '01J4']);
		expect(path(conversation)[0]?.images).toEqual([{ url: 'data:image/png;base64,iVBORw0KGgo=' }]);
		expect(find(conversation, '01J3')).toMatchObject({
			thinking: '7 * 13',
			asides: [{ kind: 'tool', title: 'factor' }],
			answer: { engineId: 'qwen3-4b', decodeTokensPerSecond: 33.5 }
		});
		expect(find(conversation, '01J4')).toMatchObject({ thinking: 'Odd.', text: 'Yes.' });
	});

	test('without branches each follows the one before in time', () => {
		const line = (id: string, role: string, at: number) =>
			JSON.stringify({
				id,
				object: 'thread.message',
				role,
				content: [{ type: 'text', text: { value: id, annotations: [] } }],
				created_at: at
			});
		const text = [line('c', 'user', 3), line('b', 'assistant', 2), line('a', 'user', 1)].join('\n');
		expect(said(importConversations(text).conversations[0]!)).toEqual([
			'user: a',
			'assistant: b',
			'user: c'
		]);
	});
});

test('Page Assist: chats in order of time, without knowledge, prompts and settings', () => {
	expect(read('page-assist.json')).toMatchObject({
		formats: ['Page Assist'],
		messages: 2,
		gaps: []
	});
	const conversation = only('page-assist.json');
	expect(conversation).toMatchObject({ title: 'Birds', pinned: true, system: 'Be brief.' });
	const [question, answer] = path(conversation);
	expect(question).toMatchObject({
		text: 'Which bird is it?',
		images: [{ url: 'data:image/jpeg;base64,/9j/4AAQ' }]
	});
	expect(answer).toMatchObject({
		text: 'A robin.',
		thinking: 'Small, red breast.',
		answer: {
			engineId: 'qwen3:4b',
			promptTokens: 40,
			completionTokens: 20,
			prefillTokensPerSecond: 200,
			decodeTokensPerSecond: 40,
			thinkingMs: 1500
		}
	});
});

describe('ChatGPT', () => {
	const conversation = only('chatgpt.json');

	test('questions and answers of the tree, with custom instructions as the system prompt', () => {
		expect(read('chatgpt.json')).toMatchObject({ formats: ['ChatGPT'], messages: 3 });
		expect(conversation).toMatchObject({
			title: 'Maps',
			system: 'Use nautical miles.',
			createdAt: 1762450000500
		});
		expect(said(conversation)).toEqual([
			'user: How far is it?',
			'assistant: About 20.5 nautical miles.'
		]);
		expect(siblings(conversation, 'n8').map(({ id }) => id)).toEqual(['n8', 'n9']);
	});

	test('thoughts, calls and results are folded into the answer below them', () => {
		expect(find(conversation, 'n8')).toMatchObject({
			thinking: '**Reading the map**\n\nThe scale is 1:50,000.',
			asides: [
				{ kind: 'tool', title: 'python', text: '```\n38 / 1.852\n```' },
				{ kind: 'tool', title: 'python', text: '```\n20.518\n```' }
			],
			answer: { engineId: 'gpt-5-thinking' }
		});
	});

	test('answers that say nothing there leave nothing here, and those of unknown kinds are counted', () => {
		const node = (id: string, parent: string | null, role: string, content: object) => [
			id,
			{ id, parent, message: { author: { role }, content } }
		];
		const mapping = Object.fromEntries([
			node('q', null, 'user', { content_type: 'text', parts: ['Hi'] }),
			node('e', 'q', 'assistant', { content_type: 'text', parts: [''] }),
			node('m', 'e', 'assistant', {
				content_type: 'model_editable_context',
				model_set_context: ''
			}),
			node('u', 'm', 'assistant', { content_type: 'of_2027', blocks: ['Lost.'] }),
			node('a', 'u', 'assistant', { content_type: 'text', parts: ['Hello.'] })
		]) as unknown;
		const { messages, gaps } = importConversations(JSON.stringify([{ title: 'T', mapping }]));
		expect(messages).toBe(2);
		expect(gaps).toEqual([
			{ where: 'T', kind: 'message', why: 'messages without any text', count: 1 }
		]);
	});

	test('pictures that are other files are counted', () => {
		expect(read('chatgpt.json').gaps).toEqual([
			{
				where: 'Maps',
				kind: 'part',
				why: 'attached files, which are other files of the export',
				count: 1
			}
		]);
	});
});

describe('a list of messages', () => {
	test('is a conversation', () => {
		expect(read('message-list.json')).toMatchObject({
			formats: ['a list of messages'],
			messages: 4,
			gaps: []
		});
		const conversation = only('message-list.json');
		expect(conversation).toMatchObject({ title: 'Weather in Oslo?', system: 'Be brief.' });
		expect(said(conversation)).toEqual([
			'user: Weather in Oslo?',
			'assistant: Cold.',
			'user: And this?',
			'assistant: A cloud.'
		]);
		const answers = path(conversation).filter(({ role }) => role === 'assistant');
		expect(answers[0]).toMatchObject({
			thinking: '4 degrees.',
			asides: [{ title: 'weather' }, { title: 'weather', text: '```\n4 °C\n```' }]
		});
		expect(answers[1]?.thinking).toBe('Simple.');
	});

	test.each([
		['in an object', '{"title":"T","messages":[{"role":"user","content":"Hi"}]}', 1],
		['one a line', '{"role":"user","content":"Hi"}\n{"role":"assistant","content":"Yo"}\n', 2],
		['several', '[{"messages":[{"role":"human","content":"Hi"},{"role":"ai","content":"Yo"}]}]', 2]
	])('%s', (_, text, messages) => {
		expect(importConversations(text)).toMatchObject({
			formats: ['a list of messages'],
			messages,
			gaps: []
		});
	});
});

/** Not of a chat: a prompt kept beside them, a line that the page made up. */
const ELSEWHERE = ['Write.', 'Thoughtfor3s'];

test.each([
	'llama-cpp.json',
	'llama-cpp-lines.jsonl',
	'open-webui.json',
	'open-webui-output.json',
	'lm-studio.json',
	'jan-messages.jsonl',
	'page-assist.json',
	'chatgpt.json',
	'message-list.json'
])('%s: all texts that a person wrote or read there are here', (name) => {
	const plain = (text: string) => text.replace(/\s|\\n/g, '');
	const text = plain(JSON.stringify(read(name).conversations));
	const words = sample(name)
		.match(
			/(?<="(?:content|text|value|code)":\s?")[^"\\<]{3,40}(?=")|(?<=parts":\s?\[")[^"\\]{3,40}(?=")/g
		)
		?.map(plain)
		.filter((each) => !ELSEWHERE.includes(each));
	expect(words?.length).toBeGreaterThan(0);
	for (const each of words ?? []) expect(text).toContain(each);
});
