import { beforeEach, describe, expect, test } from 'vitest';
import type { Failure } from '../rpc/failure.ts';
import { openCache } from './cache.ts';
import { remove, removeAll } from './disk.ts';
import { download, inspect, onDisk, Sums } from './download.ts';
import { HostedModel, libraryWith } from './hosted-model.fixture.ts';
import { acceptLibrary, libraryHash, pinLibrary } from './library-pin.ts';
import { libraries } from './records.ts';

const OTHER = { model_type: 'llama', params: [], max_batch_size: 9 };

beforeEach(async () => {
	await removeAll();
});

const look = ({ source }: HostedModel) => inspect(source, true, new AbortController().signal);
const fetchModel = ({ source }: HostedModel) =>
	download(source, 'load', new AbortController().signal, () => undefined);
const failureOf = (promise: Promise<unknown>) =>
	promise.then(
		() => null,
		(thrown: unknown) => thrown as Failure
	);

/** A model that was loaded once. */
async function loaded(): Promise<HostedModel> {
	const model = await HostedModel.make([1024]);
	await fetchModel(model);
	await pinLibrary(model.source);
	return model;
}

const cachedLibrary = async ({ source }: HostedModel) =>
	(await (await openCache('library')).match(source.libraryUrl))?.arrayBuffer();

describe('the library that was first loaded', () => {
	test('is the only one taken from its host from then on', async () => {
		const model = await loaded();
		await remove(model.source.baseUrl);
		await model.replaceLibrary(libraryWith(OTHER));
		for (const read of [look, fetchModel]) {
			const failure = await failureOf(read(model));
			expect(failure?.kind).toBe('bad-file');
			expect(failure?.message).toMatch(/library\.wasm: expected the library that was first loaded/);
			expect(failure?.detail).toMatchObject({ file: 'library.wasm', reason: 'changed' });
		}
		expect(await cachedLibrary(model)).toBeUndefined();
	});

	test('takes the place of one that has changed on the disk', async () => {
		const model = await loaded();
		const cache = await openCache('library');
		await cache.put(model.source.libraryUrl, new Response(libraryWith(OTHER)));
		expect((await fetchModel(model)).facts.library?.maxBatchSize).toBeNull();
		expect(new Uint8Array((await cachedLibrary(model)) ?? new ArrayBuffer())).toEqual(
			libraryWith({ model_type: 'llama', params: [] })
		);
	});

	test('is not the one a plan was stored for, when that is another one', async () => {
		const model = await HostedModel.make([1024]);
		await model.replaceLibrary(libraryWith(OTHER));
		expect((await look(model)).facts.library?.maxBatchSize).toBe(9);
		const { source } = model;
		await libraries.set(source.libraryUrl, { version: 1, sha256: 'a'.repeat(64), at: 1 });
		expect((await failureOf(look(model)))?.detail['reason']).toBe('changed');
	});

	test('stays the one that was loaded first, whatever is loaded later', async () => {
		const model = await loaded();
		const before = await libraries.get(model.source.libraryUrl);
		await pinLibrary(model.source);
		expect(await libraries.get(model.source.libraryUrl)).toEqual(before);
	});

	test('is forgotten when a person takes the new one, which is then read', async () => {
		const model = await loaded();
		await model.replaceLibrary(libraryWith(OTHER));
		await acceptLibrary(model.source);
		expect((await look(model)).facts.library?.maxBatchSize).toBe(9);
		await pinLibrary(model.source);
		expect((await fetchModel(model)).facts.library?.maxBatchSize).toBe(9);
	});
});

describe('a stranger’s library', () => {
	/** As long as `OTHER` makes it. */
	const third = libraryWith({ ...OTHER, max_batch_size: 8 });

	test('is held to what was added, not to what came from there before', async () => {
		const model = await loaded();
		const body = libraryWith(OTHER);
		await model.replaceLibrary(body);
		const source = { ...model.source, librarySha256: await libraryHash(body) };
		const { signal } = new AbortController();
		expect((await inspect(source, true, signal)).facts.library?.maxBatchSize).toBe(9);
		await download(source, 'load', signal, () => undefined);
		expect((await onDisk(source))?.facts.library?.maxBatchSize).toBe(9);

		// As long, and not the same.
		await (await openCache('library')).put(model.source.libraryUrl, new Response(third));
		expect(await onDisk(source)).toBeNull();
		await download(source, 'load', signal, () => undefined);
		expect(await onDisk(source)).not.toBeNull();

		await remove(source.baseUrl);
		await model.replaceLibrary(third);
		expect((await failureOf(download(source, 'load', signal, () => undefined)))?.message).toMatch(
			/library\.wasm: expected the library that you added/
		);
		expect(await cachedLibrary(model)).toBeUndefined();
	});

	test('that is replaced while the weights are fetched is not taken', async () => {
		const model = await HostedModel.make([1024]);
		const body = libraryWith(OTHER);
		await model.replaceLibrary(body);
		const hash = await libraryHash(body);
		const sums = new Sums(model.source.baseUrl, { ...model.source, librarySha256: hash });
		await sums.check(model.source.libraryUrl, body);
		await expect(sums.check(model.source.libraryUrl, third)).rejects.toMatchObject({
			kind: 'bad-file'
		});
	});
});

test('a library whose code no browser could run is refused before the weights', async () => {
	const model = await HostedModel.make([1024]);
	// A code section of one function, although the module declares none.
	const broken = new Uint8Array([...libraryWith(OTHER), 10, 4, 1, 2, 0, 0x0b]);
	await model.replaceLibrary(broken);
	const failure = await failureOf(fetchModel(model));
	expect(failure?.kind).toBe('bad-file');
	expect(failure?.message).toContain('library.wasm');
	expect((await model.stats()).asked['params_shard_0.bin']).toBe(0);
});

test('a library of another engine is refused before the weights', async () => {
	const model = await HostedModel.make([1024]);
	await model.replaceLibrary(libraryWith(OTHER, ['TVMWasmPackedCFunc']));
	const failure = await failureOf(fetchModel(model));
	expect(failure?.kind).toBe('unsupported');
	expect(failure?.message).toContain('env.TVMWasmPackedCFunc');
	expect((await model.stats()).asked['params_shard_0.bin']).toBe(0);
});
