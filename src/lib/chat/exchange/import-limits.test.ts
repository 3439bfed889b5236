import { describe, expect, test } from 'vitest';
import {
	importConversations,
	importFile,
	importIfKnown,
	isArchive,
	refuseTooLarge
} from './import.ts';

const said = (content: unknown, role = 'user') => ({ role, content });
const read = (file: unknown) => importConversations(JSON.stringify(file));
const ours = (...conversations: object[]) => ({ format: 'headroom', version: 1, conversations });
const refusal = (found: string, expected?: string) =>
	expect.objectContaining({
		kind: 'unknown-format',
		detail: expect.objectContaining(expected ? { expected, found } : { found }) as object
	}) as Error;

describe('the size of a file', () => {
	test('may be what it is limited to, and no more', () => {
		expect(() => refuseTooLarge(5, 5, 'bytes')).not.toThrow();
		expect(() => refuseTooLarge(6, 5, 'bytes')).toThrow(
			expect.objectContaining({
				kind: 'too-large',
				detail: { expected: 'at most 5 bytes', found: '6' }
			})
		);
	});

	test('is looked at before it is read: 400 million bytes, or 200 million characters', async () => {
		const file = { size: 400_000_001, slice: () => new Blob() } as unknown as Blob;
		await expect(importFile(file)).rejects.toMatchObject({
			detail: { expected: 'at most 400000000 bytes' }
		});
		expect(() => importConversations(' '.repeat(200_000_001))).toThrow(
			expect.objectContaining({
				detail: { expected: 'at most 200000000 characters', found: '200000001' }
			})
		);
	});

	test('of 10,000 conversations is taken whole; of more the first, and that is said', () => {
		const list = Array.from({ length: 10_001 }, (_, id) => ({
			id: `${id}`,
			messages: [said('Hi')]
		}));
		const whole = read(list.slice(1));
		expect([whole.conversations.length, whole.gaps]).toEqual([10_000, []]);
		const { conversations, gaps } = read(list);
		expect(conversations).toHaveLength(10_000);
		expect(gaps).toEqual([
			{
				where: 'conversations after the 10000th',
				kind: 'conversation',
				why: 'a file may bring 10000, this one has 10001',
				count: 1
			}
		]);
	});
});

describe('a file that is no export', () => {
	test.each([
		['[1,2]', 'a list of 2'],
		['null', 'null'],
		['7', 'number'],
		['{}', 'an empty object'],
		['{"a":1}', 'an object with a'],
		['{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1}', 'an object with a, b, c, d, e'],
		[`{"${'k'.repeat(101)}":1}`, `an object with ${'k'.repeat(100)}`]
	])('%s is refused as %s', (text, found) => {
		expect(() => importConversations(text)).toThrow(refusal(found));
		expect(importIfKnown(text)).toBeNull();
	});

	test('is passed over among others, but not where it is one that cannot be read', () => {
		expect(importIfKnown('no JSON')).toBeNull();
		expect(importIfKnown(JSON.stringify([said('Hi')]))?.messages).toBe(1);
		expect(() => importIfKnown(JSON.stringify({ ...ours(), version: 2 }))).toThrow('newer version');
	});

	test.each([1.5, 0, '1', 2, undefined])('of our own, version %j, is refused', (version) => {
		const file = JSON.stringify({ ...ours(), version });
		expect(() => importConversations(file)).toThrow(
			expect.objectContaining({
				kind: 'newer-version',
				detail: { expected: 'version 1', found: `version ${String(version)}` }
			})
		);
	});
});

test.each([
	['an entry', [0x50, 0x4b, 3, 4, 9], true],
	['the end of an empty one', [0x50, 0x4b, 5, 6], true],
	['neither', [0x50, 0x4b, 7, 8], false],
	['a part of it', [0x50, 0x4b, 3], false],
	['another first byte', [0x51, 0x4b, 3, 4], false],
	['another second byte', [0x50, 0x4c, 3, 4], false],
	['another fourth byte', [0x50, 0x4b, 3, 5], false]
])('an archive is told by the mark of %s', async (_, bytes, is) => {
	expect(await isArchive(new Blob([new Uint8Array(bytes)]))).toBe(is);
});

describe('a conversation that brings nothing', () => {
	const chat = (...messages: unknown[]) => ({ title: 'T', messages });
	const asked = chat(said('Hi'));

	test.each<[string, object, string]>([
		[
			'whose messages cannot be used',
			chat(said(7), said({})),
			'none of its 2 messages could be used'
		],
		['with one that cannot', chat(said(7)), 'its only message could not be used'],
		[
			'with one that cannot and a blank one',
			chat(said(7), said('')),
			'none of its 2 messages could be used'
		],
		['whose messages are blank', chat(said(' '), said('')), 'no text was found in its messages'],
		['with a blank one', chat(said('')), 'no text was found in its messages']
	])('%s is named', (_, empty, why) => {
		const { conversations, messages, gaps } = read([asked, empty]);
		expect([conversations.length, messages]).toEqual([1, 1]);
		expect(gaps).toEqual([{ where: 'T', kind: 'conversation', why, count: 1 }]);
	});

	test('of our own is kept where it has a title, and named by its place where it has not', () => {
		const record = { version: 2, messages: [] };
		const { conversations, gaps } = read(
			ours({ ...record, id: 'a', title: 'Empty' }, { ...record, id: 'b' })
		);
		expect(conversations.map(({ title }) => title)).toEqual(['Empty']);
		expect(gaps).toEqual([
			{ where: 'conversation 2', kind: 'conversation', why: 'it is empty', count: 1 }
		]);
	});

	test('but a system prompt is kept', () => {
		const { conversations, gaps } = read([asked, chat(said('Rhyme.', 'system'), said(''))]);
		expect(conversations).toHaveLength(2);
		expect(gaps).toEqual([
			{ where: 'T', kind: 'message', why: 'messages without any text', count: 1 }
		]);
	});
});

test('a blank message that thought, or has an image or a step, is none', () => {
	const of = (more: object) =>
		read([
			{
				title: 'T',
				messages: [said('Hi'), { ...said('', 'assistant'), ...more }]
			}
		]).gaps.length;
	expect(of({})).toBe(1);
	expect(of({ reasoning: 'Hm.' })).toBe(0);
	expect(of({ tool_calls: [{ name: 'f' }] })).toBe(0);
	const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
	expect(of({ content: [image] })).toBe(0);
});

test('what was lost for one reason is said once, with its number, and apart from other reasons', () => {
	const images = [{ type: 'image_url', image_url: { url: 'https://evil.test/x' } }];
	const { gaps } = read([
		{ title: 'T', messages: [said('Hi'), said(7), said({}), said(''), said([...images, 'a'])] }
	]);
	expect(gaps.map(({ why, count }) => [why, count])).toEqual([
		['messages that could not be used', 2],
		['messages without any text', 1],
		['images of a message could not be used', 1]
	]);
});

test('a conversation without a title is called by its first question', () => {
	const titleOf = (...messages: unknown[]) => read([{ messages }]).conversations[0]?.title;
	expect(titleOf(said('Hello', 'assistant'), said('Why?'), said('How?'))).toBe('Why?');
	expect(titleOf(said('Hello', 'assistant'))).toBe('');
});
