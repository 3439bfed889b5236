import { describe, expect, test } from 'vitest';
import { find, path, type Conversation, type Message } from '../conversation.ts';
import { importConversations, type Import } from './import.ts';

interface Said {
	role: string;
	content: unknown;
}

const read = (file: unknown): Import => importConversations(JSON.stringify(file));
function only(file: unknown): Conversation {
	const [conversation] = read(file).conversations;
	if (!conversation) throw new Error('nothing was imported');
	return conversation;
}
const shown = (file: unknown) => path(only(file)).map(({ role, text }) => `${role}: ${text}`);
const lastOf = (file: unknown): Message | undefined => path(only(file)).at(-1);
const gapsOf = (file: unknown) => read(file).gaps.map(({ why, count }) => [why, count]);

const chained = (messages: unknown[]) =>
	messages.map((message, n) =>
		typeof message === 'object'
			? { id: `m${n}`, parent: n === 0 ? null : `m${n - 1}`, ...message }
			: message
	);
const isSaid = (message: unknown): message is Said => typeof message === 'object';

/** One conversation in the form of each program; and a file of several. */
const FORMS: Record<
	string,
	{ chat: (messages: unknown[], title: string) => unknown; file?: (chats: unknown[]) => unknown }
> = {
	'llama.cpp': { chat: (messages, name) => ({ conv: { name }, messages: chained(messages) }) },
	'Open WebUI': { chat: (messages, title) => ({ title, chat: { messages } }) },
	'LM Studio': {
		chat: (messages, name) => ({
			name,
			messages: messages.map((message) => ({
				versions: [
					isSaid(message)
						? { role: message.role, content: [{ type: 'text', text: message.content }] }
						: message
				],
				currentlySelected: 0
			}))
		})
	},
	'Page Assist': {
		chat: (messages, title) => ({ history: { title }, messages }),
		file: (chat) => ({ chat })
	},
	ChatGPT: {
		chat: (messages, title) => ({
			title,
			mapping: Object.fromEntries(
				messages.map((message, n) => [
					`n${n}`,
					{
						parent: n === 0 ? null : `n${n - 1}`,
						message: isSaid(message)
							? {
									author: { role: message.role },
									content: { content_type: 'text', parts: [message.content] }
								}
							: message
					}
				])
			)
		})
	},
	'web-llm-chat': {
		chat: (messages, topic) => ({ topic, messages }),
		file: (sessions) => ({ sessions })
	},
	'a list of messages': { chat: (messages, title) => ({ title, messages }) }
};

describe.each(Object.entries(FORMS))('%s', (name, { chat, file = (chats) => chats }) => {
	const asked = { role: 'user', content: 'Is 97 prime?' };
	const answered = { role: 'assistant', content: '<think>\nNo divisor.\n</think>\n\nYes.' };

	test('a question and its answer, parted from its thoughts', () => {
		const chats = file([chat([asked, answered], 'Primes')]);
		expect(read(chats)).toMatchObject({ formats: [name], messages: 2, gaps: [] });
		expect(only(chats)).toMatchObject({ title: 'Primes', pinned: false, system: '' });
		expect(shown(chats)).toEqual(['user: Is 97 prime?', 'assistant: Yes.']);
		expect(lastOf(chats)?.thinking).toBe('No divisor.');
	});

	test('what the program was told is the system prompt, and no message', () => {
		const system = { role: 'system', content: 'Be exact.' };
		const chats = file([chat([system, asked, answered], 'Primes')]);
		expect(only(chats).system).toBe('Be exact.');
		expect(read(chats).gaps).toEqual([]);
		expect(shown(chats)).toHaveLength(2);
	});

	test('an entry that is no conversation is named, a message that is none counted', () => {
		const { conversations, gaps } = read(file([chat([asked, 7, answered], 'Primes'), 7]));
		expect(conversations.map(({ messages }) => messages.length)).toEqual([2]);
		expect(gaps).toEqual([
			{ where: 'Primes', kind: 'message', why: 'messages that could not be used', count: 1 },
			{
				where: 'conversation 2',
				kind: 'conversation',
				why: expect.stringContaining('expected an object with an id') as string,
				count: 1
			}
		]);
	});
});

describe('ChatGPT', () => {
	const file = (...messages: object[]) => [
		{
			title: 'T',
			default_model_slug: 'gpt-5',
			mapping: Object.fromEntries(
				messages.map((message, n) => [`n${n}`, { parent: n === 0 ? null : `n${n - 1}`, message }])
			)
		}
	];
	const text = (role: string, ...parts: unknown[]) => ({
		author: { role },
		content: { content_type: 'multimodal_text', parts }
	});
	const picture = { asset_pointer: 'x' };

	test('pictures are counted wherever they are, and none where there is none', () => {
		const tool = { ...text('tool', picture, 'seen'), author: { role: 'tool', name: 'look' } };
		expect(gapsOf(file(text('user', 'Hi'), tool, text('assistant', 'A map.')))).toEqual([
			['images, which are other files of the export', 1]
		]);
		expect(gapsOf(file(text('user', 'Hi'), text('tool', 'seen'), text('assistant', 'A')))).toEqual(
			[]
		);
		const attached = { ...text('user', 'Hi'), metadata: { attachments: [{}, {}] } };
		expect(gapsOf(file(attached))).toEqual([
			['attached files, which are other files of the export', 2]
		]);
		expect(gapsOf(file(text('user', 'Hi'), text('assistant', picture)))).toEqual([
			['messages without any text', 1],
			['attached files, which are other files of the export', 1]
		]);
	});

	test('instructions that are not hidden are the system prompt', () => {
		const system = { ...text('system', 'Be brief.'), metadata: {} };
		const hidden = { is_visually_hidden_from_conversation: true };
		expect(only(file(system, text('user', 'Hi'))).system).toBe('Be brief.');
		expect(only(file({ ...system, metadata: hidden }, text('user', 'Hi'))).system).toBe('');
		expect(only(file(text('system', ' '), text('user', 'Hi'))).system).toBe('');
	});

	test('texts stand in parts or in fields of their own; other parts say nothing', () => {
		const content = {
			content_type: 'x',
			parts: ['a', { text: 'b' }, 7, null, ''],
			text: 'c',
			result: 'd'
		};
		expect(shown(file({ author: { role: 'user' }, content }))).toEqual(['user: a\n\nb\n\nc\n\nd']);
	});

	test('a call is told by whom it is for', () => {
		const call = (recipient: unknown) =>
			lastOf(file(text('user', 'Hi'), { ...text('assistant', 'x'), recipient }));
		expect(call('python')).toMatchObject({ text: '', asides: [{ title: 'python' }] });
		for (const everybody of ['all', '', undefined, 7])
			expect(call(everybody)).toMatchObject({ text: 'x', answer: { engineId: 'gpt-5' } });
	});

	test('an answer of no words before a call is passed over; an empty question, and a kind not known, are counted', () => {
		const silent = text('assistant', '');
		const call = { ...text('assistant', 'x'), recipient: 'python' };
		const answer = text('assistant', 'Yes');
		const asked = file(text('user', 'Hi'), silent, call, answer);
		expect([shown(asked), gapsOf(asked)]).toEqual([['user: Hi', 'assistant: Yes'], []]);
		const blank = [['messages without any text', 1]];
		expect(gapsOf(file(text('user', ''), answer))).toEqual(blank);
		const unknown = { author: { role: 'assistant' }, content: { content_type: 'hologram' } };
		expect(gapsOf(file(text('user', 'Hi'), unknown, answer))).toEqual(blank);
	});

	test('thoughts without a heading or without words are told by the other', () => {
		const thoughts = [{ summary: 'A' }, { content: 'b' }, {}, { summary: '', content: 'c' }];
		const message = {
			author: { role: 'assistant' },
			content: { content_type: 'thoughts', thoughts }
		};
		expect(lastOf(file(text('user', 'Hi'), message, text('assistant', 'Yes')))?.thinking).toBe(
			'**A**\n\nb\n\nc'
		);
	});
});

describe('llama.cpp', () => {
	const file = (...messages: object[]) => ({
		conv: { name: 'T', pinned: true },
		messages: chained(messages)
	});
	const user = { role: 'user', content: 'Hi' };

	test('-1 and nothing are no parents', () => {
		const chat = file({ ...user, parent: -1 }, { role: 'assistant', content: 'Yo', parent: '' });
		expect(only(chat)).toMatchObject({
			pinned: true,
			messages: [{ parent: null }, { parent: null }]
		});
		expect(gapsOf(chat)).toEqual([]);
	});

	test('a result bears the name of the call that it answers', () => {
		const call = (toolCalls: unknown) => ({ role: 'assistant', content: '', toolCalls });
		const result = (toolCallId?: string) => ({ role: 'tool', content: '4', toolCallId });
		const titles = (toolCalls: unknown, id?: string) =>
			lastOf(
				file(user, call(toolCalls), result(id), { role: 'assistant', content: 'Four.' })
			)?.asides?.map(({ title }) => title);
		const add = { id: 'c1', function: { name: 'add', arguments: '{"a":1}' } };
		expect(titles([add], 'c1')).toEqual(['add', 'add']);
		expect(titles([add], 'c2')).toEqual(['add', 'result']);
		expect(titles([{ id: 'c1', name: 'add' }], 'c1')).toEqual(['add', 'add']);
		expect(titles([{ id: 'c1', function: { name: 7 } }], 'c1')).toEqual(['call', 'result']);
	});

	test('an answer with words and a call stays an answer', () => {
		const toolCalls = [{ function: { name: 'add', arguments: '1' } }];
		const chat = file(user, { role: 'assistant', content: 'See.', toolCalls }, { ...user });
		expect(shown(chat)).toEqual(['user: Hi', 'assistant: See.', 'user: Hi']);
		const silent = file(
			user,
			{ role: 'assistant', content: '' },
			{ role: 'assistant', content: 'Yo' }
		);
		expect(shown(silent)).toEqual(['user: Hi', 'assistant: ', 'assistant: Yo']);
	});

	test('speeds are told where times are', () => {
		const timings = (more: object) =>
			lastOf(file(user, { role: 'assistant', content: 'Yo', model: 'm', timings: more }))?.answer;
		expect(
			timings({ prompt_n: 10, prompt_ms: 100, predicted_n: 3, predicted_ms: 1 })
		).toMatchObject({
			prefillTokensPerSecond: 100,
			decodeTokensPerSecond: 3000
		});
		expect(
			timings({ prompt_n: 10, prompt_ms: 0, predicted_n: '3', predicted_ms: 5 })
		).toMatchObject({
			promptTokens: 10,
			prefillTokensPerSecond: null,
			decodeTokensPerSecond: null
		});
	});

	test('of what is attached texts are read, images kept, and the rest is counted', () => {
		const extra = [
			{ type: 'TEXT', name: 'a.txt', content: 'A' },
			{ type: 'IMAGE', name: 'b.png', base64Url: 'data:image/png;base64,AAAA' },
			{ type: 'imageFile', base64Url: 'data:image/png;base64,BBBB', content: 'none' },
			{ type: 'AUDIO' }
		];
		expect(only(file({ ...user, extra })).messages[0]).toMatchObject({
			text: 'Hi\n\na.txt:\n\nA',
			images: [
				{ url: 'data:image/png;base64,AAAA', name: 'b.png' },
				{ url: 'data:image/png;base64,BBBB' }
			]
		});
		expect(gapsOf(file({ ...user, extra }))).toEqual([
			['attached files that are neither text nor images', 1]
		]);
		expect(gapsOf(file({ ...user, extra: extra.slice(0, 3) }))).toEqual([]);
	});

	test('lines of unknown types and those before a session are passed over', () => {
		const session = { type: 'session', harness: 'h', name: 'S' };
		const message = { type: 'message', message: { id: 'm', role: 'user', content: 'Hi' } };
		expect(shown([session, { ...message, type: 'later' }, message])).toEqual(['user: Hi']);
	});
});

describe('LM Studio', () => {
	const file = (versions: object[], currentlySelected: unknown, more: object = {}) => ({
		messages: [
			{ versions: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] },
			{ versions, currentlySelected }
		],
		...more
	});
	const version = (text: string) => ({ role: 'assistant', content: text });
	const steps = (...blocks: object[]) => [{ role: 'assistant', type: 'multiStep', steps: blocks }];

	test('the version that was selected is shown, or else the first', () => {
		const both = [version('A'), version('B')];
		const of = (chosen: unknown) => lastOf(file(both, chosen))?.text;
		expect([of(0), of(1), of(7), of('1')]).toEqual(['A', 'B', 'A', 'A']);
	});

	test('the model used last wrote what names none', () => {
		const more = { lastUsedModel: { identifier: 'm' } };
		expect(lastOf(file([version('A')], 0, more))?.answer?.engineId).toBe('m');
		const named = { ...version('A'), senderInfo: { senderName: 'n' } };
		expect(lastOf(file([named], 0, more))?.answer?.engineId).toBe('n');
	});

	test('steps are thoughts, texts and calls, with files counted', () => {
		const chat = file(
			steps(
				{ style: { type: 'thinking' }, content: [{ type: 'text', text: 'Hm.' }] },
				{ content: [{ type: 'toolCallRequest', name: 'f', arguments: { a: 1 } }] },
				{ content: [{ type: 'toolCallResult', content: 'done' }] },
				{
					content: [
						{ type: 'text', text: 'A' },
						{ type: 'text', text: 7 }
					]
				},
				{ content: [{ type: 'file' }] },
				{ content: [{ type: 'text', text: 'B' }] }
			),
			0
		);
		expect(lastOf(chat)).toMatchObject({
			text: 'A\n\nB',
			thinking: 'Hm.',
			asides: [{ title: 'f', text: '```\n{\n  "a": 1\n}\n```' }, { title: 'result' }]
		});
		expect(gapsOf(chat)).toEqual([['attached files, which are not in the export', 1]]);
		expect(lastOf(file([version('A')], 0))).not.toHaveProperty('thinking');
	});

	test('figures are those of the last step that has some', () => {
		const step = (stats: unknown) => ({ content: 'x', genInfo: { stats } });
		const chat = (...all: unknown[]) =>
			lastOf(
				file(
					steps(...all.map(step)).map((each) => ({ ...each, senderInfo: { senderName: 'm' } })),
					0
				)
			)?.answer;
		expect(chat({ promptTokensCount: 1 }, { timeToFirstTokenSec: 2 }, 7)).toMatchObject({
			promptTokens: null,
			timeToFirstTokenMs: 2000
		});
		expect(chat({ timeToFirstTokenSec: '2' })).toMatchObject({ timeToFirstTokenMs: null });
	});
});

describe('Jan', () => {
	const line = (id: string, role: string, more: object = {}) => ({
		object: 'thread.message',
		id,
		role,
		content: [{ type: 'text', text: { value: id, annotations: [] } }],
		...more
	});
	const chat = (thread: object, ...messages: object[]) => ({ thread, messages });

	test('lines of several threads are several conversations', () => {
		const lines = [
			line('a', 'user', { thread_id: '1' }),
			line('b', 'user', { thread_id: '2' }),
			line('c', 'assistant', { thread_id: '1' })
		];
		expect(read(lines).conversations.map(({ id, messages }) => [id, messages.length])).toEqual([
			['1', 2],
			['2', 1]
		]);
		expect(shown(lines)).toEqual(['user: a', 'assistant: c']);
	});

	test('one line is a conversation, and lines that are no messages are counted', () => {
		expect(shown(line('a', 'user'))).toEqual(['user: a']);
		expect(gapsOf([line('a', 'user'), 7])).toEqual([['messages that could not be used', 1]]);
	});

	test('stays in the order of the lines where a time is missing', () => {
		expect(
			shown([
				line('a', 'user', { created_at: 5 }),
				line('b', 'assistant'),
				line('c', 'user', { created_at: 1 })
			])
		).toEqual(['user: a', 'assistant: b', 'user: c']);
	});

	test('the branch on show is the active one, or else the newest, even where they lead in a circle', () => {
		const parentId = (parent: string | null, more: object = {}) => ({
			metadata: { parentId: parent, ...more }
		});
		const messages = [
			line('q', 'user', parentId(null, { activeChildId: 'a' })),
			line('a', 'assistant', parentId('q')),
			line('b', 'assistant', parentId('q'))
		];
		expect(shown(chat({}, ...messages)).at(-1)).toBe('assistant: a');
		expect(shown(chat({}, line('q', 'user', parentId(null)), ...messages.slice(1))).at(-1)).toBe(
			'assistant: b'
		);
		const two = [...messages, line('r', 'user', parentId(null))];
		expect(shown(chat({}, ...two))).toEqual(['user: r']);
		expect(shown(chat({ metadata: { activeRootId: 'q' } }, ...two)).at(-1)).toBe('assistant: a');
		const circle = [
			line('q', 'user', parentId(null, { activeChildId: 'a' })),
			line('a', 'assistant', parentId('q', { activeChildId: 'q' }))
		];
		expect(shown(chat({}, ...circle))).toContain('user: q');
	});

	test('thoughts, calls, results and speed have places of their own', () => {
		const content = [
			{ type: 'reasoning', text: 'Hm.' },
			{ type: 'tool_call', tool_name: 'f', input: '1', output: '2' },
			{ type: 'text', text: { value: '<think>So.</think>Four.' } }
		];
		const metadata = { modelId: 'm', tokenSpeed: { tokenSpeed: 7 } };
		const answer = line('a', 'assistant', { content, metadata });
		expect(lastOf([line('q', 'user'), line('t', 'tool'), answer])).toMatchObject({
			text: 'Four.',
			thinking: 'Hm.\n\nSo.',
			asides: [{ title: 'result', text: '```\nt\n```' }, { title: 'f' }],
			answer: { engineId: 'm', decodeTokensPerSecond: 7 }
		});
		expect(lastOf([line('q', 'user'), line('a', 'assistant')])).not.toHaveProperty('thinking');
	});

	test('the assistant of a thread says its instructions and its model', () => {
		const assistants = [{ instructions: 'Be exact.', model: { id: 'm' } }];
		const thread = chat(
			{ assistants },
			line('q', 'user'),
			line('a', 'assistant'),
			line('s', 'system')
		);
		expect(only(thread)).toMatchObject({
			system: 's',
			messages: [{}, { answer: { engineId: 'm' } }]
		});
		expect(gapsOf(thread)).toEqual([['system prompts other than the first', 1]]);
	});
});

describe('Page Assist', () => {
	const chat = (history: object, ...messages: object[]) => ({ chat: [{ history, messages }] });
	const answer = (more: object) =>
		lastOf(
			chat(
				{ model_id: 'h' },
				{ role: 'user', content: 'Hi', createdAt: 1 },
				{ role: 'assistant', content: 'Yo', createdAt: 2, ...more }
			)
		)?.answer;

	test('speeds are counts by nanoseconds, and times of thinking are told where there are some', () => {
		const generationInfo = {
			eval_count: 4,
			eval_duration: 2e9,
			prompt_eval_count: 5,
			prompt_eval_duration: 0
		};
		expect(answer({ generationInfo, reasoning_time_taken: 7 })).toMatchObject({
			engineId: 'h',
			decodeTokensPerSecond: 2,
			prefillTokensPerSecond: null,
			thinkingMs: 7
		});
		expect(answer({ reasoning_time_taken: 1 })?.thinkingMs).toBe(1);
		expect(answer({ reasoning_time_taken: 0 })).not.toHaveProperty('thinkingMs');
		expect(answer({ generationInfo: { eval_count: 4, eval_duration: 1 } })).toMatchObject({
			decodeTokensPerSecond: 4e9
		});
		expect(answer({ modelName: 'n', name: 'o' })).toMatchObject({ engineId: 'n' });
	});

	test('messages stand in the order of time, those without one first', () => {
		expect(
			shown(
				chat(
					{},
					{ role: 'assistant', content: 'b', createdAt: 2e12 },
					{ role: 'user', content: 'c', createdAt: 3e12 },
					{ role: 'user', content: 'a' }
				)
			)
		).toEqual(['user: a', 'assistant: b', 'user: c']);
	});

	test('images are kept, documents counted', () => {
		const images = ['data:image/png;base64,AAAA', ''];
		const file = (documents: unknown[]) =>
			chat({ is_pinned: true, id: 'c' }, { role: 'user', content: 'Hi', images, documents });
		expect(only(file([]))).toMatchObject({
			id: 'c',
			pinned: true,
			messages: [{ id: 'c-0', images: [{ url: images[0] }] }]
		});
		expect([gapsOf(file([])), gapsOf(file([{}]))]).toEqual([[], [['attached documents', 1]]]);
	});

	test('what has a history with messages of its own is Open WebUI’s', () => {
		const history = { messages: { a: { id: 'a', role: 'user', content: 'Hi' } } };
		expect(read([{ chat: { history, messages: [] } }]).formats).toEqual(['Open WebUI']);
	});
});

describe('web-llm-chat', () => {
	const asked = { role: 'user', content: 'Hi' };
	const session = { topic: 'T', messages: [asked] };

	test.each<[string, unknown]>([
		['at the top', { sessions: [session] }],
		['in a state', { state: { sessions: [session] } }],
		['below the name of the store', { a: 7, store: { sessions: [session] } }],
		['below the name of the store, in a state', { store: { state: { sessions: [session] } } }],
		['alone, with a mask', { ...session, mask: {} }],
		['alone, with a template', { ...session, template: {} }]
	])('its sessions are found %s', (_, file) => {
		expect(read(file)).toMatchObject({ formats: ['web-llm-chat'], messages: 1 });
		expect(only(file).title).toBe('T');
	});

	test('a system prompt that the exporter made up is the title, and nothing else', () => {
		const system = (content: string) => ({ role: 'system', content });
		const made = system('You are an assistant that knots');
		expect(only({ messages: [made, asked] })).toMatchObject({ title: 'knots', system: '' });
		expect(only({ messages: [made, system('Mine.'), asked] }).system).toBe('Mine.');
		const kept = { sessions: [{ ...session, messages: [made, asked] }] };
		expect(only(kept)).toMatchObject({ title: 'T', system: made.content });
		expect(read({ messages: [system('Mine.'), asked] }).formats).toEqual(['a list of messages']);
	});

	test('what comes before a chat belongs to it, with its model', () => {
		const template = {
			context: [{ role: 'user', content: 'Before' }],
			modelConfig: { model: 'm' }
		};
		const messages = [asked, { role: 'assistant', content: 'Yo', isError: true }];
		const file = { sessions: [{ ...session, template, messages }] };
		expect(shown(file)).toEqual(['user: Before', 'user: Hi', 'assistant: Yo']);
		expect(lastOf(file)?.answer).toMatchObject({ engineId: 'm', finish: 'failed' });
	});

	test('the order is that of the list, whatever the dates say', () => {
		const messages = ['2025-01-03', '2025-01-01', 'yesterday'].map((date, n) => ({
			role: 'user',
			content: `${n}`,
			date
		}));
		const at = Date.UTC(2025, 0, 3);
		expect(
			only({ sessions: [{ ...session, messages }] }).messages.map(({ text, createdAt }) => [
				text,
				createdAt
			])
		).toEqual([
			['0', at],
			['1', at + 1],
			['2', at + 2]
		]);
		expect(only({ sessions: [session] }).messages[0]?.createdAt).toBe(1);
		const undated = only({
			sessions: [{ ...session, lastUpdate: 5e12, messages: [asked, asked] }]
		});
		expect(undated.messages.map(({ createdAt }) => createdAt)).toEqual([5e12, 5e12 + 1]);
	});
});

describe('Open WebUI', () => {
	const file = (message: object, row: object = {}) => [
		{
			title: 'T',
			...row,
			chat: {
				messages: [
					{ id: 'q', role: 'user', content: 'Hi' },
					{ id: 'a', role: 'assistant', ...message }
				]
			}
		}
	];

	test('messages of the list that the tree has not got stand below the one before', () => {
		const messages = { q: { id: 'q', parentId: null, role: 'user', content: 'Hi' } };
		const list = [
			{ id: 'q' },
			{ role: 'assistant', content: 'Yo' },
			{ id: 'r', role: 'user', content: 'So?', parentId: 'q' }
		];
		const chat = { history: { messages }, messages: list };
		expect(only([{ chat }]).messages.map(({ text, parent }) => [text, parent])).toEqual([
			['Hi', null],
			['Yo', 'q'],
			['So?', 'q']
		]);
		const current = { ...chat, history: { messages, currentId: 'q' } };
		expect(only([{ chat: current, pinned: true }]).pinned).toBe(true);
		expect(find(only([{ chat }]), 'r')?.text).toBe('So?');
	});

	test('what is written counts before what came out, part by part', () => {
		const output = [
			{ type: 'reasoning', summary: [{ text: 'Hm.' }] },
			{ type: 'message', content: [{ type: 'output_text', text: 'From output.' }] }
		];
		expect(lastOf(file({ content: 'Written.', output }))).toMatchObject({
			text: 'Written.',
			thinking: 'Hm.'
		});
		expect(lastOf(file({ content: ' ', output }))).toMatchObject({ text: 'From output.' });
		expect(lastOf(file({ content: '<think>So.</think>', output }))).toMatchObject({
			text: 'From output.',
			thinking: 'So.'
		});
	});

	test('calls, code and kinds of items that are not known are folded', () => {
		const output = [
			{ type: 'function_call', call_id: '1', name: 'f', arguments: '{"a":1}' },
			{ type: 'function_call_output', call_id: '1', output: [{ text: 'done' }] },
			{ type: 'open_webui:code_interpreter', code: 'x', lang: 'py-thon', output: { stdout: '1' } },
			{ type: 'open_webui:code_interpreter', output: null },
			{ type: 'x'.repeat(201), query: 'q' },
			{ type: 7 },
			{ type: 'message', content: '<think>Hm.</think>Yes.' },
			{ type: 'message', content: '  ' }
		];
		expect(lastOf(file({ content: '', output }))).toMatchObject({
			text: 'Yes.',
			thinking: 'Hm.',
			asides: [
				{ kind: 'tool', title: 'f', text: '```\n{\n  "a": 1\n}\n```\n\nResult:\n\n```\ndone\n```' },
				{ kind: 'code', title: 'run', text: '```python\nx\n```\n\nOutput:\n\n```\n1\n```' },
				{ kind: 'code', title: 'run', text: '' },
				{ kind: 'other', title: 'x'.repeat(200) }
			]
		});
	});

	test('an empty list of what came out says nothing', () => {
		expect(lastOf(file({ content: 'x', output: [] }))?.text).toBe('x');
		expect(lastOf(file({ content: ' ', output: [] }))?.text).toBe(' ');
	});

	test('images are told by their type, the other files counted', () => {
		const files = [
			{ type: 'image', url: 'data:image/png;base64,AAAA' },
			{ type: 'file', content_type: 'image/png', url: 'data:image/png;base64,BBBB' },
			{ type: 'file', content_type: 'text/plain' }
		];
		expect(lastOf(file({ content: 'x', files }))?.images).toHaveLength(2);
		expect(gapsOf(file({ content: 'x', files }))).toEqual([
			['attached files that are not images', 1]
		]);
		expect(gapsOf(file({ content: 'x', files: files.slice(0, 2) }))).toEqual([]);
	});
});

describe('a list of messages', () => {
	const user = { role: 'user', content: 'Hi' };

	test.each([
		['user', 'user'],
		['human', 'user'],
		['assistant', 'assistant'],
		['model', 'assistant'],
		['ai', 'assistant'],
		['bot', 'assistant']
	])('the role %s is %s', (role, ours) => {
		expect(shown([user, { role, content: 'x' }]).at(-1)).toBe(`${ours}: x`);
	});

	test('keys of prototypes are no roles', () => {
		for (const role of ['toString', 'constructor', '__proto__'])
			expect(gapsOf([user, { role, content: 'x' }])).toEqual([
				['messages that could not be used', 1]
			]);
	});

	test('a call without words is folded into the answer below it, with its result', () => {
		const call = { role: 'assistant', content: null, tool_calls: [{ name: 'f', arguments: '1' }] };
		const result = { role: 'tool', name: 'f', content: '2' };
		const answer = { role: 'assistant', content: 'Three.', model: 'm' };
		const chat = { model: 'n', messages: [user, call, result, answer] };
		expect(shown(chat)).toEqual(['user: Hi', 'assistant: Three.']);
		expect(lastOf(chat)).toMatchObject({
			asides: [{ title: 'f' }, { title: 'f' }],
			answer: { engineId: 'm' }
		});
		expect(shown({ messages: [user, { ...call, content: 'See.' }, user] })).toHaveLength(3);
		const silent = { role: 'assistant', content: '' };
		expect(shown([user, silent, answer])).toHaveLength(3);
		expect(gapsOf([user, { role: 'assistant', content: null }])).toEqual([
			['messages that could not be used', 1]
		]);
	});

	test('what developers say is a system prompt', () => {
		expect(only([{ role: 'developer', content: 'Be brief.' }, user]).system).toBe('Be brief.');
	});
});
