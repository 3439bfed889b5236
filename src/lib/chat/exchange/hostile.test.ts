import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../../../tests/support/runs.ts';
import { find, parentOf, path, switchTo } from '../conversation.ts';
import { MAX_MESSAGES } from '../record.ts';
import { unfoldDetails } from './details.ts';
import { importConversations, type Import } from './import.ts';
import { ImportError } from './import-error.ts';
import { parseText } from './parse-text.ts';

const folder = new URL('./samples/', import.meta.url);
const samples = readdirSync(folder)
	.filter((name) => /\.jsonl?$/.test(name))
	.map((name) => parseText(readFileSync(new URL(name, folder), 'utf8')).value);

/** Whole conversations whose every message can be shown, or a typed error. */
function importOrError(text: string): Import | null {
	let found: Import;
	try {
		found = importConversations(text);
	} catch (thrown) {
		expect(thrown).toBeInstanceOf(ImportError);
		return null;
	}
	for (const conversation of found.conversations) {
		const ids = conversation.messages.map(({ id }) => id);
		expect(new Set(ids).size).toBe(ids.length);
		for (const id of ids.slice(0, ids.length > 1000 ? 2 : 50))
			expect(path(switchTo(conversation, id)).map((each) => each.id)).toContain(id);
	}
	expect(new Set(found.conversations.map(({ id }) => id)).size).toBe(found.conversations.length);
	for (const { count, why } of found.gaps) expect([count > 0, why !== '']).toEqual([true, true]);
	return found;
}

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

describe('whatever a file holds, the import ends in whole conversations or a typed error', () => {
	test('known formats with values exchanged at random', () => {
		const junk = fc.oneof(
			fc.constantFrom<unknown>(null, '', -1, 1e300, [], {}, [null], { id: 1 }, 'm1', '__proto__'),
			fc.constantFrom('constructor', 'a1', 'u1', 'n8', true, 'x'.repeat(500), [[[]]], {
				role: 'user'
			}),
			fc.jsonValue()
		);
		fc.assert(
			fc.property(
				fc.constantFrom(...samples),
				fc.array(fc.tuple(fc.nat(), junk), { minLength: 1, maxLength: 6 }),
				(sample, changes) => {
					const file = changes.reduce<unknown>(
						(each, [at, value]) => exchanged(each, at, value),
						sample
					);
					importOrError(JSON.stringify(file));
				}
			),
			{ numRuns: runs(500) }
		);
	});

	test('any JSON, and any text', () => {
		fc.assert(fc.property(fc.json(), (text) => void importOrError(text)));
		fc.assert(fc.property(fc.string(), (text) => void importOrError(text)));
	});

	test('a file that was cut anywhere', () => {
		fc.assert(
			fc.property(fc.constantFrom(...samples), fc.nat(), (sample, at) => {
				const lines = Array.isArray(sample) ? (sample as unknown[]) : [sample];
				const text = lines.map((each) => JSON.stringify(each)).join('\n');
				importOrError(text.slice(0, at % text.length));
			})
		);
	});
});

describe('keys of prototypes', () => {
	const KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

	test('are ids like any others', () => {
		const nodes = KEYS.map((id, index) => {
			const message = {
				author: { role: index % 2 === 0 ? 'user' : 'assistant' },
				content: { content_type: 'text', parts: [`text ${id}`] }
			};
			return `${JSON.stringify(id)}:${JSON.stringify({ parent: KEYS[index - 1] ?? null, message })}`;
		});
		const found = importOrError(`[{"id":"c","mapping":{${nodes.join(',')}}}]`);
		expect(path(found!.conversations[0]!).map(({ text }) => text)).toEqual(
			KEYS.map((id) => `text ${id}`)
		);
		expect(({} as Record<string, unknown>).polluted).toBeUndefined();
	});

	test('change no object', () => {
		const history = '{"messages":{"__proto__":{"polluted":true,"role":"user","content":"Hi"}}}';
		importOrError(`[{"chat":{"history":${history}}}]`);
		importOrError('{"__proto__":{"polluted":true},"messages":[{"role":"user","content":"Hi"}]}');
		importOrError('[{"role":"__proto__","content":"x"},{"role":"user","content":"Hi"}]');
		expect(({} as Record<string, unknown>).polluted).toBeUndefined();
	});
});

describe('trees', () => {
	const llama = (messages: object[]) =>
		JSON.stringify({ conv: { id: 'c', name: 'C', currNode: 'm0' }, messages });
	const message = (id: string, parent: string | null, more: object = {}) => ({
		id,
		parent,
		role: 'user',
		content: `text ${id}`,
		timestamp: 1,
		...more
	});

	test('circles are cut open, and no text is lost', () => {
		const found = importOrError(
			llama([message('a', 'b'), message('b', 'c'), message('c', 'a'), message('d', 'd')])
		)!;
		expect(found.messages).toBe(4);
		expect(found.gaps).toEqual([
			{ where: 'C', kind: 'part', why: 'messages that answered each other in a circle', count: 2 }
		]);
	});

	test('a circle of nothing but tools ends in one answer', () => {
		const tool = (id: string, parent: string) => message(id, parent, { role: 'tool' });
		const found = importOrError(llama([tool('a', 'b'), tool('b', 'a'), message('u', null)]))!;
		expect(found.conversations[0]?.messages.map(({ role }) => role).sort()).toEqual([
			'assistant',
			'user'
		]);
		expect(JSON.stringify(found.conversations)).toContain('text a');
		expect(JSON.stringify(found.conversations)).toContain('text b');
	});

	test('two with one id both stay', () => {
		const found = importOrError(
			llama([message('a', null), message('a', null), message('b', 'a')])
		)!;
		expect(found.messages).toBe(3);
		expect(parentOf(found.conversations[0]!, 'b')).toBe('a');
	});

	test('one whose parent is missing begins the conversation', () => {
		const found = importOrError(llama([message('b', 'gone')]))!;
		expect(found.messages).toBe(1);
	});

	test('results that no answer follows are not lost', () => {
		const found = importOrError(
			llama([
				message('q', null),
				message('t', 'q', { role: 'tool' }),
				message('r', 't'),
				message('v', 'r', { role: 'tool' })
			])
		)!;
		const [conversation] = found.conversations;
		expect(path(conversation!).map(({ role }) => role)).toEqual([
			'user',
			'assistant',
			'user',
			'assistant'
		]);
		expect(find(conversation!, 'v')?.asides?.[0]?.text).toContain('text v');
	});
});

describe('sizes', { timeout: 60_000 }, () => {
	const MANY = 100_000;
	const inTime = (text: string): Import => {
		const since = performance.now();
		const found = importOrError(text);
		// A second on a quiet machine; minutes if it took time by the square.
		expect(performance.now() - since).toBeLessThan(30_000);
		return found!;
	};
	const told = (found: Import) => ({ messages: found.messages, gaps: found.gaps });
	const beyond = (where: string) => ({
		messages: MAX_MESSAGES,
		gaps: [
			{
				where,
				kind: 'message',
				why: expect.stringContaining('messages beyond the') as string,
				count: MANY - MAX_MESSAGES
			}
		]
	});

	test('a list of a hundred thousand messages is read as far as it may be, and that is said', () => {
		const list = Array.from({ length: MANY }, (_, index) => ({
			role: index % 2 === 0 ? 'user' : 'assistant',
			content: `m${index}`
		}));
		expect(told(inTime(JSON.stringify(list)))).toEqual(beyond('m0'));
	});

	test('so is a tree, and one with as many branches at one place', () => {
		const node = (index: number, parent: string | null) => ({
			id: `n${index}`,
			parentId: parent,
			role: index % 2 === 0 ? 'user' : 'assistant',
			content: `m${index}`,
			timestamp: index + 1
		});
		const chat = (parentOf: (index: number) => string | null) => {
			const messages = Object.fromEntries(
				Array.from({ length: MANY }, (_, index) => [`n${index}`, node(index, parentOf(index))])
			);
			return JSON.stringify([{ title: 'T', chat: { history: { messages } } }]);
		};
		expect(told(inTime(chat((index) => (index === 0 ? null : `n${index - 1}`))))).toEqual(
			beyond('T')
		);
		expect(told(inTime(chat((index) => (index === 0 ? null : 'n0'))))).toEqual(beyond('T'));
	});

	test('a hundred thousand results in a row are one answer with some of them, and that is said', () => {
		const lines = Array.from({ length: MANY }, (_, index) => ({
			role: 'tool',
			content: `r${index}`
		}));
		const found = inTime(JSON.stringify([{ role: 'user', content: 'Hi' }, ...lines]));
		expect(found.conversations[0]?.messages).toHaveLength(2);
		expect(found.gaps[0]?.count).toBe(MANY - 200);
	});

	test('values nested a hundred thousand deep', () => {
		const deep = '['.repeat(MANY) + ']'.repeat(MANY);
		importOrError(deep);
		importOrError(`[{"role":"user","content":${deep}}]`);
		importOrError(
			`[{"role":"user","content":"Hi"},{"role":"assistant","content":"","tool_calls":[{"function":{"name":"x","arguments":${deep}}}]}]`
		);
		importOrError(`[{"id":"c","mapping":{"a":${'{"message":'.repeat(MANY)}1${'}'.repeat(MANY)}}}]`);
	});

	test('blocks that are never closed, and many of them', () => {
		const block = '<details type="tool_calls" name="x">';
		for (const text of [
			block.repeat(20_000),
			`${block}\n`.repeat(20_000),
			'<details'.repeat(50_000)
		]) {
			const since = performance.now();
			unfoldDetails(text);
			expect(performance.now() - since).toBeLessThan(2_000);
		}
	});
});
