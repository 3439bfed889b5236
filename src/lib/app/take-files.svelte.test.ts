import { zipSync, strToU8 } from 'fflate';
import { expect, test } from 'vitest';
import type { App } from './app.svelte.ts';
import type { Import } from '../chat/exchange/import.ts';
import { NO_REPORT, withRefusal, type ImportReport } from '../chat/exchange/report.ts';
import { takeFiles } from './take-files.ts';

/** As much of the page as takes files. */
function page() {
	const added: [string, Import][] = [];
	const picked: File[] = [];
	const session = { draft: '', draftImages: [] as unknown[] };
	const list = {
		report: null as ImportReport | null,
		add: (name: string, read: Import) => Promise.resolve(void added.push([name, read])),
		importFiles: (files: File[]) => Promise.resolve(void picked.push(...files))
	};
	const app = { session, list } as unknown as App;
	return { session, list, added, picked, take: (...files: File[]) => takeFiles(app, files) };
}

async function picture(type: string): Promise<Blob> {
	const canvas = new OffscreenCanvas(8, 8);
	canvas.getContext('2d')?.fillRect(0, 0, 4, 8);
	return canvas.convertToBlob({ type });
}

test.each([
	['main.rs', ''],
	['Main.java', ''],
	['go.go', ''],
	['a.cpp', 'text/x-c++src'],
	['x.toml', ''],
	['run.sh', 'application/x-sh'],
	// What browsers take TypeScript for.
	['index.ts', 'video/mp2t'],
	['Makefile', ''],
	['notes.txt', 'text/plain']
])('%s (%s) is text', async (name, type) => {
	const { session, take } = page();
	expect(await take(new File(['fn main() {}\r\n// ok é'], name, { type }))).toEqual([]);
	expect(session.draft).toBe('fn main() {}\n// ok é');
});

test('a notebook is text too: JSON that is no export', async () => {
	const { session, added, take } = page();
	const text = '{"cells": [], "nbformat": 4}';
	expect(await take(new File([text], 'nb.ipynb'), new File([text], 'b.json'))).toEqual([]);
	expect(session.draft).toBe(`${text}\n\n${text}`);
	expect(added).toEqual([]);
});

test('what is no text is refused by its name', async () => {
	const { session, take } = page();
	const refused = await take(
		new File([new Uint8Array([0x49, 0x44, 0x33, 0])], 'song.mp3', { type: 'audio/mpeg' }),
		new File([new Uint8Array([0xe9, 0x20])], 'latin1.txt', { type: 'text/plain' }),
		new File(['%PDF-1.7\0'], 'paper.pdf', { type: 'application/pdf' })
	);
	expect(refused).toEqual([
		'song.mp3 is neither an image nor a text.',
		'latin1.txt is neither an image nor a text.',
		'paper.pdf is a PDF. Copy its text and paste it here.'
	]);
	expect(session.draft).toBe('');
});

test('a picture that cannot be read says what to save it as', async () => {
	const { session, take } = page();
	const bytes = new Uint8Array([0, 0, 0, 24, 0x66, 0x74, 0x79, 0x70, 0x68, 0x65, 0x69, 0x63]);
	for (const type of ['image/heic', ''])
		expect(await take(new File([bytes], 'IMG_1.heic', { type }))).toEqual([
			'IMG_1.heic could not be read as an image by this browser. Save it as a JPEG or PNG and add that.'
		]);
	expect(session.draftImages).toEqual([]);
});

test('a picture that can be read joins the message, and a drawing in text is text', async () => {
	const { session, take } = page();
	const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>';
	await take(
		new File([await picture('image/png')], 'a.png'),
		new File([svg], 'b.svg', { type: 'image/svg+xml' })
	);
	expect(session.draftImages).toHaveLength(1);
	expect(session.draft).toBe(svg);
});

test('an export is imported, also as lines', async () => {
	const { session, added, take } = page();
	const list = '[{"role":"user","content":"Hi"}]';
	const lines = `${list.slice(1, -1)}\n`.repeat(2);
	await take(new File([list], 'a.json'), new File([lines], 'b.jsonl'));
	expect(added.map(([name, { messages }]) => [name, messages])).toEqual([
		['a.json', 1],
		['b.jsonl', 2]
	]);
	expect(session.draft).toBe('');
});

test('an archive is handed on unread', async () => {
	const { picked, take } = page();
	const zip = zipSync({ 'a.jsonl': strToU8('{}') });
	expect(await take(new File([zip], 'a.zip', { type: 'application/zip' }))).toEqual([]);
	expect(picked.map(({ name }) => name)).toEqual(['a.zip']);
});

test('on a narrow page, where the report lies in a drawer, the composer tells of it', async () => {
	const { list, take } = page();
	list.report = withRefusal(NO_REPORT, 'a.zip', 'This ZIP archive is damaged.');
	expect(await take(new File(['PK'], 'a.zip'))).toEqual([
		'Nothing was imported. The list of conversations says why.'
	]);
});

/** A file of which only the beginning may be read. */
function huge(name: string, start: string, bytes: number): File {
	const file = new File([start], name);
	Object.defineProperty(file, 'size', { value: bytes });
	const fail = () => Promise.reject(new Error('The whole file was read.'));
	Object.defineProperty(file, 'text', { value: fail });
	Object.defineProperty(file, 'arrayBuffer', { value: fail });
	return file;
}

test('a file is not read whole before its size is looked at', async () => {
	const { session, take } = page();
	expect(
		await take(
			huge('a.json', '{"conv":', 500_000_000),
			huge('b.json', 'no JSON', 3_000_000),
			huge('c.rs', 'fn main', 3_000_000)
		)
	).toEqual([
		'a.json is too long to be a message.',
		'b.json is too long to be a message.',
		'c.rs is too long to be a message.'
	]);
	expect(session.draft).toBe('');
});

test.each([
	['a.txt', 'x'.repeat(2_000_000), true],
	['a.txt', 'x'.repeat(2_000_001), false],
	['a.json', `{"a":"${'x'.repeat(2_000_001)}"}`, false]
])(
	'a text of two million bytes is a message, a longer one is not: %s',
	async (name, text, taken) => {
		const { session, take } = page();
		expect(await take(new File([text], name))).toEqual(
			taken ? [] : [`${name} is too long to be a message.`]
		);
		expect(session.draft).toBe(taken ? text : '');
	}
);

test('an export of more than a message is imported', async () => {
	const { added, take } = page();
	const content = 'x'.repeat(1_500_000);
	const messages = [content, content].map((content) => ({ role: 'user', content }));
	expect(await take(new File([JSON.stringify(messages)], 'a.json'))).toEqual([]);
	expect(added).toHaveLength(1);
});

test('texts join what was written, each apart', async () => {
	const { session, take } = page();
	session.draft = 'Look:  \n';
	await take(new File(['a\r\nb\rc'], 'a.txt'), new File(['d'], 'b.txt'));
	expect(session.draft).toBe('Look:\n\na\nb\nc\n\nd');
});

test('an export that no later page wrote is imported, and one of a later page is refused by name', async () => {
	const { added, take } = page();
	const later = '{"format":"headroom","version":9,"conversations":[]}';
	expect(await take(new File([later], 'later.json'))).toEqual([
		expect.stringMatching(/^later\.json: A newer version/)
	]);
	expect(added).toEqual([]);
});

test('a message holds sixteen images', async () => {
	const { session, take } = page();
	session.draftImages = Array.from({ length: 15 }, () => ({ url: '' }));
	const file = () => picture('image/png').then((blob) => new File([blob], 'a.png'));
	expect(await take(await file())).toEqual([]);
	expect(session.draftImages).toHaveLength(16);
	expect(await take(await file())).toEqual(['a.png: one message holds 16 images.']);
	expect(session.draftImages).toHaveLength(16);
});

test('a picture that is not one is refused, and with a NUL at its end of 512 bytes too', async () => {
	const { session, take } = page();
	const begun = (bytes: number[]) =>
		new File([new Uint8Array(bytes)], 'a.svg', { type: 'image/svg+xml' });
	const text = Array.from({ length: 512 }, () => 0x61);
	for (const file of [begun([]), begun([...text.slice(1), 0]), begun([0x61, 0xff, 0x61])])
		expect(await take(file)).toHaveLength(1);
	expect(session.draft).toBe('');
	expect(await take(begun([...text, 0x61]))).toEqual([]);
	expect(session.draft).toHaveLength(513);
});

test('a dropped file is read once and parsed once', async () => {
	const { take } = page();
	const file = new File(['{"a": 1}'], 'a.json');
	let read = 0;
	const whole = file.arrayBuffer.bind(file);
	Object.defineProperty(file, 'arrayBuffer', { value: () => (read++, whole()) });
	const { parse } = JSON;
	let parsed = 0;
	JSON.parse = (...args) => (parsed++, parse(...args) as unknown);
	try {
		await take(file);
	} finally {
		JSON.parse = parse;
	}
	expect([read, parsed]).toEqual([1, 1]);
});
