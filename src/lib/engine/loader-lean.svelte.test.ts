import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Files } from '../files/client.ts';
import { qwenVariant } from '../memory/worked-example.ts';
import { Failure } from '../worker/failure.ts';
import type { Engine } from './client.ts';
import { Loader, type LoaderHost, type Target } from './loader.svelte.ts';
import type { LoadRequest, LoadResult } from './protocol.ts';

const first: Target = { variant: qwenVariant('q4f16_1'), contextWindow: 1024 };
const second: Target = { variant: qwenVariant('q4f32_1'), contextWindow: 1024 };

const result: LoadResult = {
	afterLoadBytes: 1,
	afterFirstTokenBytes: 2,
	peakBytes: 2,
	buffers: 1,
	sizes: { afterLoad: [], afterFirstToken: [] },
	loadMs: 1,
	firstTokenMs: 1,
	tokenSampling: 'lean',
	leanProblem: null
};

/** A loader whose engines load what `load` says; everything is on disk and fits. */
function loaderWith(
	load: (request: LoadRequest) => Promise<LoadResult>,
	host: Partial<LoaderHost>
) {
	const files = {
		inspect: () => Promise.resolve({ facts: {} }),
		download: () => Promise.resolve({ facts: {} })
	} as unknown as Files;
	const makeEngine = () =>
		({
			failure: null,
			suits: () => true,
			watch: () => {},
			warm: () => Promise.resolve(null),
			load: async (
				request: LoadRequest,
				{ beforeWeights }: { beforeWeights?: () => Promise<void> }
			) => {
				await beforeWeights?.();
				return load(request);
			},
			end: () => {},
			dispose: () => Promise.resolve(null)
		}) as unknown as Engine;
	const whole: LoaderHost = {
		source: () => ({ baseUrl: '', libraryUrl: '', packageUrl: null, overrides: {} }),
		request: ({ variant, tokenSampling }) => ({
			record: { model: '', model_id: variant.id, model_lib: '' },
			overrides: {},
			tokenSampling: tokenSampling ?? 'lean',
			mayFallBack: false
		}),
		within: (target) => target,
		admit: () => {},
		withoutLean: (_, problem) => problem,
		fitsBeside: () => false,
		beforeRelease: () => Promise.resolve(),
		loaded: () => {},
		failed: () => {},
		afterFailure: () => 'stop',
		smaller: () => null,
		fellBack: () => {},
		gpuGone: () => {},
		describe: () => ({ model: 'A model', conversation: '' }),
		...host
	};
	return new Loader(files, whole, makeEngine);
}

/** A lock is free some time after it was released, and the next loader asks once. */
const locksFree = () =>
	expect.poll(async () => (await navigator.locks.query()).held?.length).toBe(0);

const unavailable = new Failure('lean-unavailable', 'Not this engine.', { field: 'fargsortProbs' });

describe('an engine that cannot sample on the CPU', () => {
	let loader: Loader;
	afterEach(async () => {
		await loader.unload();
		await locksFree();
	});

	test('stops the load with the verdict where its own sampling does not fit', async () => {
		const withoutLean = vi.fn(() => new Failure('blocked', 'It needs 900 MiB.'));
		loader = loaderWith(() => Promise.reject(unavailable), { withoutLean });
		expect(await loader.load(first)).toBe(false);
		expect(withoutLean).toHaveBeenCalledExactlyOnceWith(first, unavailable);
		expect(loader.problem).toMatchObject({
			target: first,
			failure: { kind: 'blocked' },
			kept: null
		});
		expect(loader.loaded).toBeNull();
	});
	test('leaves a note of why, where it samples itself', async () => {
		const { kind, message, detail } = unavailable;
		loader = loaderWith(
			() =>
				Promise.resolve({
					...result,
					tokenSampling: 'engine',
					leanProblem: { kind, message, detail }
				}),
			{}
		);
		expect(await loader.load(first)).toBe(true);
		const notes = loader.journal.entries.map(({ text }) => text).join('\n');
		expect(notes).toContain('Not this engine.');
		expect(notes).not.toContain('sampling on the CPU');
	});
});

test('what a failed swap released comes back with the way of sampling that it had', async () => {
	const asked: [string, string][] = [];
	let way: LoadResult['tokenSampling'] = 'lean';
	const loader = loaderWith(
		({ record, tokenSampling }) => {
			asked.push([record.model_id, tokenSampling]);
			return record.model_id === second.variant.id
				? Promise.reject(new Failure('out-of-memory', 'The GPU ran out of memory.'))
				: Promise.resolve({ ...result, tokenSampling });
		},
		{
			request: ({ variant, tokenSampling }) => ({
				record: { model: '', model_id: variant.id, model_lib: '' },
				overrides: {},
				tokenSampling: tokenSampling ?? way,
				mayFallBack: true
			})
		}
	);
	await loader.load(first);
	// Meanwhile the plan would have it otherwise.
	way = 'engine';
	await loader.load(second);
	expect(asked).toEqual([
		[first.variant.id, 'lean'],
		[second.variant.id, 'engine'],
		[first.variant.id, 'lean']
	]);
	expect(loader.loaded).toMatchObject({ contextWindow: 1024, result: { tokenSampling: 'lean' } });
	await loader.unload();
});
