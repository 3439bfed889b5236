import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { strToU8, zipSync, type Zippable } from 'fflate';
import { describe, expect, test } from 'vitest';
import { runs } from '../../../../tests/support/runs.ts';
import { importArchive } from './archive.ts';
import { importFile, isArchive } from './import.ts';
import { ImportError } from './import-error.ts';
import { LIMITS, readEntries } from './zip.ts';

const sample = (name: string) =>
	readFileSync(new URL(`./samples/${name}`, import.meta.url), 'utf8');
const zip = (files: Record<string, string>) =>
	new Blob([
		zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])))
	]);
const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());
const line = (id: string) =>
	`{"type":"session","harness":"llama.app","id":"${id}","name":"${id}"}\n{"type":"message","message":{"id":"m","role":"user","content":"Hi ${id}"}}`;

describe('an archive', () => {
	test('of llama.cpp brings a conversation for each of its files', async () => {
		const found = await importFile(zip({ 'a.jsonl': line('a'), 'b.jsonl': line('b') }));
		expect(found).toMatchObject({ formats: ['llama.cpp'], messages: 2, gaps: [] });
		expect(found.conversations.map(({ title }) => title)).toEqual(['a', 'b']);
	});

	test('of ChatGPT brings its conversations, and passes over what is none', async () => {
		const second = sample('chatgpt.json').replaceAll('690c0000', '790c0000');
		const found = await importFile(
			zip({
				'conversations-000.json': sample('chatgpt.json'),
				'conversations-001.json': second,
				'user.json': '{"id":"user-1"}',
				'chat.html': '<html></html>',
				'file_0001-map.png': 'not read'
			})
		);
		expect(found).toMatchObject({ formats: ['ChatGPT'], messages: 6 });
		expect(found.conversations).toHaveLength(2);
	});

	test('of Jan’s folders joins each chat’s two files', async () => {
		const found = await importFile(
			zip({
				'threads/t-1/thread.json': sample('jan-thread.json'),
				'threads/t-1/messages.jsonl': sample('jan-messages.jsonl'),
				'__MACOSX/threads/t-1/._messages.jsonl': 'junk'
			})
		);
		expect(found).toMatchObject({ formats: ['Jan'], messages: 3, gaps: [] });
		expect(found.conversations[0]).toMatchObject({ title: 'Primes', system: 'Be exact.' });
	});

	test('of a folder of Jan’s brings what else lies in it, too', async () => {
		const found = await importFile(
			zip({
				'thread.json': sample('jan-thread.json'),
				'messages.jsonl': sample('jan-messages.jsonl'),
				'other.jsonl': line('other')
			})
		);
		expect(found).toMatchObject({ formats: ['Jan', 'llama.cpp'], messages: 4, gaps: [] });
		expect(found.conversations.map(({ title }) => title)).toEqual(['Primes', 'other']);
	});

	test('names a file in it that cannot be read, and says where the gaps of the others are', async () => {
		const found = await importFile(
			zip({ 'a.jsonl': line('a'), 'b.jsonl': 'cut off', 'c.jsonl': `${line('c')}\n{"type":"mess` })
		);
		expect(found.conversations).toHaveLength(2);
		expect(found.gaps).toEqual([
			{
				where: 'b.jsonl',
				kind: 'conversation',
				why: 'This file is not JSON. Export the chats again as JSON.',
				count: 1
			},
			{ where: 'c.jsonl: the file', kind: 'message', why: 'lines that are not JSON', count: 1 }
		]);
	});

	test('of one file says where its gaps are without its name', async () => {
		const found = await importFile(zip({ 'c.jsonl': `${line('c')}\n{"type":"mess` }));
		expect(found.gaps).toEqual([
			{ where: 'the file', kind: 'message', why: 'lines that are not JSON', count: 1 }
		]);
	});

	test('of other things is refused with what is in it', async () => {
		await expect(importFile(zip({ 'package.json': '{}', 'a.png': 'x' }))).rejects.toMatchObject({
			kind: 'unknown-format',
			detail: { found: 'package.json' }
		});
		await expect(importFile(zip({}))).rejects.toMatchObject({
			kind: 'unknown-format',
			detail: { found: 'none' }
		});
	});

	test.each([
		['five of its files', ['a', 'b', 'c', 'd', 'e', 'f'], 'a.json, b.json, c.json, d.json, e.json'],
		['200 characters of their names', ['n'.repeat(201)], 'n'.repeat(200)]
	])('of other things is refused with no more than %s', async (_, names, found) => {
		const files = Object.fromEntries(names.map((name) => [`${name}.json`, '{}']));
		await expect(importFile(zip(files))).rejects.toMatchObject({ detail: { found } });
	});

	test('of which one conversation occurs twice brings a copy', async () => {
		const found = await importFile(zip({ 'a.jsonl': line('a'), 'b/a.jsonl': line('a') }));
		expect(new Set(found.conversations.map(({ id }) => id)).size).toBe(2);
	});

	test('is told by its first bytes, not its name', async () => {
		expect(await isArchive(zip({ a: 'b' }))).toBe(true);
		expect(await isArchive(new Blob(['{"a":1}']))).toBe(false);
		expect(await isArchive(new Blob([]))).toBe(false);
	});
});

describe('limits', () => {
	const all = () => true;

	test('an entry that unpacks to many times its size is not unpacked further', async () => {
		const bomb = zip({ 'a.json': ' '.repeat(50_000_000) });
		expect(bomb.size).toBeLessThan(100_000);
		await expect(readEntries(bomb, all)).rejects.toMatchObject({
			kind: 'archive-limit',
			detail: { expected: `at most ${LIMITS.ratio} times the packed size` }
		});
	});

	test('what an entry says of its size is not believed', async () => {
		const bytes = await bytesOf(zip({ 'a.json': ' '.repeat(50_000_000) }));
		const view = new DataView(bytes.buffer);
		const directory = bytes.length - 22 - 46 - 'a.json'.length;
		view.setUint32(22, 10, true);
		view.setUint32(directory + 24, 10, true);
		await expect(readEntries(new Blob([bytes]), all)).rejects.toMatchObject({
			kind: 'archive-limit'
		});
	});

	test('entries that lie over one another are refused', async () => {
		const stored: Zippable = { 'a.json': [strToU8(`"${'x'.repeat(1000)}"`), { level: 0 }] };
		const bytes = zipSync(stored);
		const listed = bytes.slice(bytes.length - 22 - 52, bytes.length - 22);
		const copies = 5000;
		const directory = new Uint8Array(listed.length * copies);
		for (let copy = 0; copy < copies; copy++) directory.set(listed, copy * listed.length);
		const end = new DataView(new ArrayBuffer(22));
		end.setUint32(0, 0x06054b50, true);
		end.setUint16(8, copies, true);
		end.setUint16(10, copies, true);
		end.setUint32(12, directory.length, true);
		end.setUint32(16, bytes.length - 22 - 52, true);
		const overlapping = new Blob([bytes.slice(0, -22 - 52), directory, end.buffer]);
		await expect(readEntries(overlapping, all)).rejects.toMatchObject({ kind: 'archive-limit' });
	});

	test('texts that together are too long are not held', async () => {
		const blob = zip({ 'a.json': 'x'.repeat(600), 'b.json': 'y'.repeat(600) });
		await expect(readEntries(blob, all, { ...LIMITS, bytes: 1000 })).rejects.toMatchObject({
			kind: 'archive-limit',
			detail: { found: 'more in b.json' }
		});
		expect(await readEntries(blob, all, { ...LIMITS, bytes: 1200 })).toHaveLength(2);
	});

	test('an archive of more files than any export is not listed', async () => {
		const bytes = await bytesOf(zip({ a: 'b' }));
		const end = new DataView(bytes.buffer, bytes.length - 22);
		end.setUint16(10, 0xffff, true);
		end.setUint32(12, 0x7fff_ffff, true);
		await expect(readEntries(new Blob([bytes]), all)).rejects.toMatchObject({
			kind: 'archive-limit'
		});
	});

	test('an archive of 8 GiB is looked at, a larger one is not', async () => {
		const archive = (size: number) => ({ size, slice: () => new Blob([]) }) as unknown as Blob;
		const limit = 8_589_934_592;
		await expect(importArchive(archive(limit + 1))).rejects.toMatchObject({
			kind: 'too-large',
			detail: { expected: `at most ${limit} bytes`, found: `${limit + 1}` }
		});
		await expect(importArchive(archive(limit))).rejects.toMatchObject({ kind: 'damaged-archive' });
	});

	test('only what is wanted is read', async () => {
		const blob = zip({ 'a.json': '1', 'big.png': 'x'.repeat(1000), 'b.json': '2' });
		const entries = await readEntries(blob, (name) => name.endsWith('.json'));
		expect(entries.map(({ name, text }) => [name, text])).toEqual([
			['a.json', '1'],
			['b.json', '2']
		]);
	});
});

describe('damage', () => {
	const good = { 'a.jsonl': line('a'), 'b.jsonl': line('b') };

	test('however the bytes of an archive change, the import ends in conversations or a typed error', async () => {
		const bytes = await bytesOf(zip(good));
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
				fc.nat(bytes.length),
				async (changes, length) => {
					const changed = bytes.slice();
					for (const [at, value] of changes) changed[at] = value;
					for (const blob of [new Blob([changed]), new Blob([bytes.slice(0, length)])]) {
						await importFile(blob).catch((thrown: unknown) =>
							expect(thrown).toBeInstanceOf(ImportError)
						);
					}
				}
			),
			{ numRuns: runs(300) }
		);
	});

	test('an archive that was cut off is called damaged', async () => {
		await expect(importFile(zip(good).slice(0, -30))).rejects.toMatchObject({
			kind: 'damaged-archive'
		});
	});

	test('an encrypted file is named', async () => {
		const bytes = await bytesOf(zip({ 'a.jsonl': line('a'), 'b.jsonl': line('b') }));
		const view = new DataView(bytes.buffer);
		let at = bytes.length - 22;
		while (view.getUint32(at, true) !== 0x02014b50) at--;
		view.setUint16(at + 8, 1, true);
		expect((await importFile(new Blob([bytes]))).gaps).toEqual([
			{ where: 'b.jsonl', kind: 'conversation', why: 'it is encrypted', count: 1 }
		]);
	});

	test('a file that is not UTF-8 is named', async () => {
		const packed = zipSync({
			'a.jsonl': strToU8(line('a')),
			'b.jsonl': new Uint8Array([0x7b, 0xff])
		});
		expect((await importFile(new Blob([packed]))).gaps).toMatchObject([
			{ where: 'b.jsonl', why: 'it is not text in UTF-8' }
		]);
	});
});
