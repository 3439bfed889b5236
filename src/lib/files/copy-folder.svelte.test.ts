import { md5 } from '@noble/hashes/legacy.js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { contentHash } from '#plan/own/content-hash.ts';
import { Failure } from '../rpc/failure.ts';
import { cachedFiles, openCache } from './cache.ts';
import { copyFolder } from './copy-folder.ts';
import { list, removeAll, verify } from './disk.ts';
import { HostedModel } from './hosted-model.fixture.ts';
import type { FolderProgress } from './protocol.ts';

beforeEach(async () => {
	await removeAll();
});
afterEach(() => {
	vi.restoreAllMocks();
});

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const hex = (bytes: Uint8Array) =>
	[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** A model of two shards as it lies in a folder, with the MD5 of each in its manifest if `summed`. */
async function aFolder(
	change: (files: Map<string, Uint8Array<ArrayBuffer>>) => void = () => {},
	summed = true
) {
	const model = await HostedModel.make([8 * 1024, 4 * 1024]);
	const names = ['mlc-chat-config.json', 'tokenizer.json', ...model.shards];
	const bodies = new Map(names.map((name) => [name, model.body(name).slice()]));
	const manifest = JSON.parse(text(model.body('tensor-cache.json'))) as {
		records: { dataPath: string; md5sum?: string }[];
	};
	if (summed)
		for (const shard of manifest.records) shard.md5sum = hex(md5(model.body(shard.dataPath)));
	bodies.set('tensor-cache.json', new TextEncoder().encode(JSON.stringify(manifest)));
	const read = (name: string) => text(bodies.get(name) ?? new Uint8Array());
	const hash = await contentHash(read('mlc-chat-config.json'), read('tensor-cache.json'));
	change(bodies);
	return {
		baseUrl: `https://headroom-folder.invalid/resolve/${hash}/`,
		libraryUrl: model.source.libraryUrl,
		bodies,
		files: [...bodies].map(([path, body]) => ({ path, file: new File([body], path) }))
	};
}
type Folder = Awaited<ReturnType<typeof aFolder>>;

const copy = (
	{ baseUrl, libraryUrl, files }: Pick<Folder, 'baseUrl' | 'libraryUrl' | 'files'>,
	onProgress: (progress: FolderProgress) => void = () => {}
) => copyFolder(baseUrl, libraryUrl, files, new AbortController().signal, onProgress);
const failureOf = (copied: Promise<void>): Promise<Failure> =>
	copied.then(
		() => Promise.reject(new Error('Expected a Failure.')),
		(thrown: unknown) => thrown as Failure
	);

test('a folder is copied to where the engine reads it, and can be verified', async () => {
	const folder = await aFolder();
	let last = 0;
	await copy(folder, ({ doneBytes, totalBytes }) => (last = doneBytes / totalBytes));
	expect(last).toBe(1);
	const kept = await cachedFiles(folder.baseUrl);
	expect(kept.map(({ url }) => url.slice(folder.baseUrl.length)).sort()).toEqual(
		[...folder.bodies.keys()].sort()
	);
	expect(await verify(folder.baseUrl, new AbortController().signal, () => {})).toEqual({
		checked: 5,
		unknown: [],
		bad: []
	});
	expect(await list()).toMatchObject([{ askedUrl: folder.baseUrl, libraryUrl: folder.libraryUrl }]);
});

const flip = (bytes: Uint8Array | undefined, at: number) => {
	if (bytes) bytes[at] = (bytes[at] ?? 0) ^ 1;
};
test.each([
	[
		'a flipped byte in a shard',
		(files: Map<string, Uint8Array<ArrayBuffer>>) => flip(files.get('params_shard_1.bin'), 100),
		'params_shard_1.bin is damaged'
	],
	[
		'a missing shard',
		(files: Map<string, Uint8Array<ArrayBuffer>>) => files.delete('params_shard_1.bin'),
		'params_shard_1.bin: expected a file in the folder, found none'
	],
	[
		'a shard that was cut',
		(files: Map<string, Uint8Array<ArrayBuffer>>) =>
			files.set('params_shard_0.bin', new Uint8Array(7)),
		'expected 8192 bytes, as the manifest says, found 7 bytes'
	],
	[
		'a configuration that was changed since it was looked at',
		(files: Map<string, Uint8Array<ArrayBuffer>>) => flip(files.get('mlc-chat-config.json'), 20),
		'was changed or moved while the folder was read'
	],
	[
		'a tokenizer that is none',
		(files: Map<string, Uint8Array<ArrayBuffer>>) =>
			files.set('tokenizer.json', new TextEncoder().encode('{"model":1}')),
		'tokenizer.json'
	]
])('nothing is kept of a folder with %s', async (_, change, words) => {
	const folder = await aFolder(change);
	const failure = await failureOf(copy(folder));
	expect(failure).toMatchObject({ name: 'Failure', kind: 'bad-file' });
	expect(failure.message).toContain(words);
	expect(await cachedFiles(folder.baseUrl)).toEqual([]);
});

test('a file that is changed on the disk while the folder is read fails clearly', async () => {
	const folder = await aFolder();
	const root = await navigator.storage.getDirectory();
	const handle = await root.getFileHandle(`changing-${crypto.randomUUID()}`, { create: true });
	const write = async (body: Uint8Array<ArrayBuffer>) => {
		const stream = await handle.createWritable();
		await stream.write(body);
		await stream.close();
	};
	const shard = folder.bodies.get('params_shard_1.bin') ?? new Uint8Array();
	await write(shard);
	const file = await handle.getFile();
	const files = folder.files.map((each) =>
		each.path === 'params_shard_1.bin' ? { ...each, file } : each
	);
	await write(new Uint8Array(shard.length));
	const failure = await failureOf(copy({ ...folder, files }));
	expect(failure.kind).toBe('bad-file');
	expect(failure.message).toMatch(/^params_shard_1\.bin (?:was changed|is damaged)/);
	expect(await cachedFiles(folder.baseUrl)).toEqual([]);
});

test('there is no copy without room for all of it', async () => {
	const folder = await aFolder();
	vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ quota: 1000, usage: 0 });
	expect((await failureOf(copy(folder))).kind).toBe('quota');
	expect(await cachedFiles(folder.baseUrl)).toEqual([]);
});

test('a copy that fails leaves an earlier one alone', async () => {
	const folder = await aFolder();
	await copy(folder);
	const broken = folder.files.map(({ path, file }) =>
		path === 'params_shard_1.bin'
			? { path, file: new File([new Uint8Array(file.size)], path) }
			: { path, file }
	);
	await failureOf(copy({ ...folder, files: broken }));
	expect(await cachedFiles(folder.baseUrl)).toHaveLength(5);
});

test('weights that differ take the place of those of an equal configuration and manifest', async () => {
	await copy(await aFolder(undefined, false));
	const other = await aFolder((files) => flip(files.get('params_shard_1.bin'), 100), false);
	await copy(other);
	const url = `${other.baseUrl}params_shard_1.bin`;
	const kept = await (await openCache('weights')).match(url);
	expect(new Uint8Array(await kept!.arrayBuffer())).toEqual(other.bodies.get('params_shard_1.bin'));
	expect((await verify(other.baseUrl, new AbortController().signal, () => {})).bad).toEqual([]);
});

test('nothing is kept of a folder when it is cancelled at its last file', async () => {
	const { baseUrl, libraryUrl, files } = await aFolder();
	const run = new AbortController();
	const copied = copyFolder(baseUrl, libraryUrl, files, run.signal, ({ doneBytes, totalBytes }) => {
		if (doneBytes === totalBytes) run.abort();
	});
	expect((await failureOf(copied)).kind).toBe('cancelled');
	expect(await cachedFiles(baseUrl)).toEqual([]);
});
