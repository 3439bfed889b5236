import { deflateSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { archiveOf, bytes, end, header, joined, type MadeEntry } from './zip.fixture.ts';
import { readDirectory } from './zip-directory.ts';
import { LIMITS, readEntries } from './zip.ts';

const text = (words: string) => new TextEncoder().encode(words);
const ELSEWHERE = 0xffff_ffff;
const damaged = (found: string) => ({ kind: 'damaged-archive', detail: { found } });
const tooMany = { kind: 'archive-limit', detail: { expected: 'at most 100000 files' } };
const one = { name: 'a.json', data: text('1') };

describe('the directory of an archive', () => {
	test('lists what it says, in its order', async () => {
		const entries = await readDirectory(
			archiveOf([
				{ name: 'a.json', data: text('12') },
				{ name: '', data: text('345'), method: 8, flags: 0b1000_0000_0110 },
				{ name: 'ö', data: text(''), method: 99, flags: 1 }
			])
		);
		expect(entries).toMatchObject([
			{ method: 0, encrypted: false, packedBytes: 2, headerAt: 0, name: 'a.json' },
			{ method: 8, encrypted: false, packedBytes: 3, headerAt: 38, name: '' },
			{ method: 99, encrypted: true, packedBytes: 0, headerAt: 71 }
		]);
	});

	test('may be empty', async () => {
		expect(await readDirectory(new Blob([end(0, 0, 0)]))).toEqual([]);
	});

	test('may have an entry without a name as its last', async () => {
		expect(await readDirectory(archiveOf([{}]))).toMatchObject([{ name: '' }]);
	});

	test('is read past what an entry has behind its name', async () => {
		const entries = await readDirectory(
			archiveOf([{ ...one, extra: bytes([2, 0x5455], [2, 0]), comment: text('mine') }, one])
		);
		expect(entries.map(({ name }) => name)).toEqual(['a.json', 'a.json']);
		const cut = archiveOf([{ ...one, comment: text('mine') }], { size: 55 });
		await expect(readDirectory(cut)).rejects.toMatchObject(damaged('0'));
	});

	test('is found before a comment of any length that one may have, and no further off', async () => {
		const comment = new Uint8Array(0xffff);
		expect(await readDirectory(archiveOf([one], { comment }))).toHaveLength(1);
		const far = new Blob([archiveOf([one], { comment }), 'x']);
		await expect(readDirectory(far)).rejects.toMatchObject(
			damaged('none: the file was cut off, or is no ZIP')
		);
	});

	test.each([
		['more entries than are listed', { count: 2 }, '1'],
		['one that is not listed whole', { size: 51 }, '0'],
		['one that is listed by less than its fixed part', { size: 45 }, '0'],
		['a place that is none', { start: 1 }, '0'],
		['a place behind the file', { start: 2000 }, 'one at 2000']
	])('is damaged if it says %s', async (_, made, found) => {
		await expect(readDirectory(archiveOf([one], made))).rejects.toMatchObject(damaged(found));
	});

	test('may claim to reach to the end of the file, and no further', async () => {
		expect(await readDirectory(archiveOf([one], { size: 52 + 22 }))).toHaveLength(1);
		await expect(readDirectory(archiveOf([one], { size: 52 + 23 }))).rejects.toMatchObject(
			damaged('one at 37')
		);
	});

	test('of more than 64 MiB is not read', async () => {
		const size = 64 * 2 ** 20;
		await expect(readDirectory(archiveOf([one], { size }))).rejects.toMatchObject(
			damaged('one at 37')
		);
		await expect(readDirectory(archiveOf([one], { size: size + 1 }))).rejects.toMatchObject(
			tooMany
		);
	});
});

describe('an archive with numbers of 64 bits', () => {
	const locator = (endAt: number) => bytes([4, 0x07064b50], [4, 0], [8, endAt], [4, 1]);
	const end64 = (count: number, size: number, start: number, mark = 0x06064b50) =>
		bytes(
			[4, mark],
			[8, 44],
			[2, 45],
			[2, 45],
			[4, 0],
			[4, 0],
			[8, count],
			[8, count],
			[8, size],
			[8, start]
		);
	const before = (mark?: number) => (at: number) => joined(end64(1, 52, 37, mark), locator(at));
	const unsaid = { count: 0xffff, size: ELSEWHERE, start: ELSEWHERE };

	test('says at its end where its directory lies', async () => {
		expect(await readDirectory(archiveOf([one], { ...unsaid, before: before() }))).toMatchObject([
			{ name: 'a.json', headerAt: 0 }
		]);
	});

	test('whose own end is not where it says is read as one of 32 bits', async () => {
		expect(await readDirectory(archiveOf([one], { before: before(0x06064b51) }))).toHaveLength(1);
		const behind = () => locator(2 ** 30);
		expect(await readDirectory(archiveOf([one], { before: behind }))).toHaveLength(1);
	});

	test('may begin with the mark of its end', async () => {
		const blob = new Blob([locator(42), end(7, 7, 7, 56), end64(0, 0, 0)]);
		expect(await readDirectory(blob)).toEqual([]);
	});

	test('of more files than any export is not listed', async () => {
		const listing = (count: number) =>
			readDirectory(archiveOf([], { before: (at) => joined(end64(count, 0, 0), locator(at)) }));
		await expect(listing(100_001)).rejects.toMatchObject(tooMany);
		await expect(listing(100_000)).rejects.toMatchObject(damaged('0'));
		await expect(listing(2 ** 40)).rejects.toMatchObject({ detail: { found: `${2 ** 40}` } });
	});

	const other = bytes([2, 0x5455], [2, 5], [1, 1], [4, 1]);
	const field = (...values: number[]) =>
		joined(bytes([2, 1], [2, 8 * values.length]), ...values.map((value) => bytes([8, value])));
	const all = { unpackedBytes: ELSEWHERE, packedBytes: ELSEWHERE, headerAt: ELSEWHERE };
	const [packedBytes, headerAt] = [2 ** 33 + 5, 2 ** 34 + 7];

	test.each<[string, MadeEntry, object]>([
		['all', { ...all, extra: field(1, packedBytes, headerAt) }, { packedBytes, headerAt }],
		[
			'behind other fields',
			{ ...all, extra: joined(other, field(1, packedBytes, headerAt), other) },
			{ packedBytes, headerAt }
		],
		[
			'all but the unpacked size',
			{ ...all, unpackedBytes: 3, extra: field(packedBytes, headerAt) },
			{ packedBytes, headerAt }
		],
		[
			'the place alone',
			{ headerAt: ELSEWHERE, packedBytes: 9, extra: field(headerAt) },
			{ packedBytes: 9, headerAt }
		],
		[
			'the packed size alone',
			{ packedBytes: ELSEWHERE, headerAt: 9, extra: field(packedBytes) },
			{ packedBytes, headerAt: 9 }
		],
		[
			'none, whatever stands there',
			{ packedBytes: 8, headerAt: 9, extra: field(1, 2) },
			{ packedBytes: 8, headerAt: 9 }
		],
		[
			'less than it should',
			{ ...all, extra: field(1) },
			{ packedBytes: ELSEWHERE, headerAt: ELSEWHERE }
		],
		[
			'the packed size, and no place',
			{ ...all, extra: field(1, packedBytes) },
			{ packedBytes, headerAt: ELSEWHERE }
		],
		[
			'numbers that were cut off',
			{ ...all, extra: field(1, packedBytes, headerAt).slice(0, -1) },
			{ packedBytes: ELSEWHERE, headerAt: ELSEWHERE }
		],
		[
			'a stray byte',
			{ ...all, extra: joined(field(1, packedBytes, headerAt), bytes([1, 1])) },
			{ packedBytes, headerAt }
		]
	])('keeps beside an entry %s', async (_, entry, said) => {
		expect(await readDirectory(archiveOf([entry]))).toMatchObject([said]);
	});
});

describe('an entry', () => {
	const read = async (entry: MadeEntry, limits = LIMITS, comment = new Uint8Array()) => {
		const archive = archiveOf([{ name: 'a', ...entry }], { comment });
		const [first] = await readEntries(archive, () => true, limits);
		return first?.text ?? first?.damage;
	};
	const packed = (words: Uint8Array) => ({ data: deflateSync(words, { level: 9 }), method: 8 });
	const blank = (count: number) => new Uint8Array(count).fill(0x20);

	test.each<[string, MadeEntry]>([
		['it is packed in a way that is not known here', { method: 9 }],
		['it is packed in a way that is not known here', { method: 1 }],
		['it is not where the archive says', { headerAt: 1 }],
		['it is not where the archive says', { headerAt: 5000 }],
		['it is damaged', { method: 8 }],
		['it is damaged', { method: 8, data: text('7777') }],
		['it is not text in UTF-8', { data: new Uint8Array([0x61, 0xff, 0x62]) }],
		['it is not text in UTF-8', { data: new Uint8Array([0x61, 0xc3]) }],
		['it is encrypted', { flags: 1, data: text('x') }]
	])('is named as %s: %o', async (damage, entry) => {
		expect(await read(entry)).toBe(damage);
	});

	test('that was cut off before it was packed is damaged, and not read in part', async () => {
		const whole = packed(text('Which bird sings at night? '.repeat(20)));
		expect(await read({ ...whole, data: whole.data.slice(0, -8) })).toBe('it is damaged');
	});

	test('may lie in the last bytes of the archive, and must lie in it whole', async () => {
		const size = archiveOf([{ name: 'a' }]).size;
		expect(await read({ headerAt: size }, LIMITS, header())).toBe('');
		expect(await read({ headerAt: size }, LIMITS, header().slice(0, -1))).toBe(
			'it is not where the archive says'
		);
		expect(await read({ packedBytes: size })).toBe('the archive was cut off');
		await expect(read({ packedBytes: size + 1 })).rejects.toMatchObject({
			kind: 'archive-limit',
			detail: {
				expected: 'at most the archive itself',
				found: `${size + 1} bytes of entries in it`
			}
		});
	});

	test('is read whole, however long, packed or not', async () => {
		const words = Array.from({ length: 120_000 }, (_, index) => `wörd ${index * 7919}`).join('\n');
		expect(await read({ data: text(words) })).toBe(words);
		expect(await read(packed(text(words)))).toBe(words);
	});

	test('may unpack to a MiB whatever its size, and from there on to 120 times', async () => {
		expect(await read(packed(blank(2 ** 20)))).toHaveLength(2 ** 20);
		await expect(read(packed(blank(2 ** 20 + 1)))).rejects.toMatchObject({
			kind: 'archive-limit',
			detail: { expected: 'at most 120 times the packed size' }
		});
		expect(await read({ data: blank(2 ** 20 + 1) }, { ...LIMITS, ratio: 1 })).toHaveLength(
			2 ** 20 + 1
		);
	});

	test('takes from the 400 million bytes that all may have together', async () => {
		const limits = { ...LIMITS, bytes: 10 };
		expect(await read({ data: blank(10) }, limits)).toHaveLength(10);
		await expect(read({ data: blank(11) }, limits)).rejects.toMatchObject({
			detail: { expected: 'at most 400000000 bytes in all' }
		});
		const all = (...entries: MadeEntry[]) => readEntries(archiveOf(entries), () => true, limits);
		const five = { data: blank(5) };
		expect(await all(five, { flags: 1, data: blank(5) }, five)).toHaveLength(3);
		await expect(all(five, five, { data: blank(1) })).rejects.toMatchObject({
			kind: 'archive-limit'
		});
	});
});
