import { expect, vi } from 'vitest';
import type { InUse } from '../files/in-use.ts';
import type { Inspection } from '../files/protocol.ts';
import type { Variant } from '#plan/models/catalog.ts';
import type { TokenSampling } from '#plan/memory/sampling.ts';
import { Failure, type FailureKind } from '../rpc/failure.ts';
import { FakeTabs } from './tabs.fixture.ts';
import { FakeEngines } from '../engine/engine.fixture.ts';
import { Loader, type LoaderParts } from './loader.svelte.ts';
import type { LoaderHost, TargetPlan } from './loader-host.ts';
import type { LoadRequest } from '../engine/protocol.ts';
import type { Target } from './target.ts';
import { Tenancy } from './tenancy.ts';

/** A variant with no more than what the loader itself looks at. */
export const fakeVariant = (id: string) => ({ id }) as Variant;
export const targetOf = (id: string, contextWindow = 1024): Target => ({
	variant: variantNamed(id),
	contextWindow
});
const variants = new Map<string, Variant>();
export function variantNamed(id: string): Variant {
	const known = variants.get(id) ?? fakeVariant(id);
	variants.set(id, known);
	return known;
}

const libraryOf = ({ id }: Pick<Variant, 'id'>) => `https://h/${id}.wasm`;

/** A failure of that kind, and a step that fails with it. */
export const failure = (kind: FailureKind, detail = {}) => new Failure(kind, `${kind}!`, detail);
export const failing = (kind: FailureKind) => () => Promise.reject(failure(kind));

export const inspection = (baseUrl: string, missing: Inspection['missing'] = []): Inspection => ({
	facts: {},
	downloadBytes: 10,
	cachedBytes: 10,
	missing,
	baseUrl,
	revision: 'main',
	unpinned: null
});

/** A loader in one of several "tabs", with every part of its world faked. */
export function loaderIn(
	tabs = new FakeTabs(),
	{
		letGoLimitMs = 50,
		scriptComes = () => Promise.resolve(),
		...change
	}: Partial<LoaderParts> & { letGoLimitMs?: number; scriptComes?: () => Promise<void> } = {}
) {
	const engines = new FakeEngines();
	const { id, locks, channel, close } = tabs.tab();
	const tenancy = new Tenancy({ name: 'engine', locks, channel, letGoLimitMs });
	const said: string[] = [];
	const world = {
		/** Both fit at once. */
		beside: false,
		afterFailure: 'ask' as ReturnType<LoaderHost['afterFailure']>,
		smaller: (() => null) as (failed: Target) => Target | null,
		admit: (() => undefined) as (target: Target) => void,
		/** Who chooses the tokens, by the plan. */
		tokenSampling: 'engine' as TokenSampling,
		withoutLean: (_: Target, problem: Failure): Failure => problem,
		keepsTwo: false,
		stopWriters: () => Promise.resolve(),
		gpuIsBack: () => Promise.resolve(true),
		onDisk: true,
		/** Weights still have to be fetched. */
		missing: false,
		inspect: () => Promise.resolve(),
		download: () => Promise.resolve(),
		held: [] as string[]
	};
	const plan: TargetPlan = {
		request: ({ variant, contextWindow, tokenSampling }) =>
			({
				record: { model_id: variant.id, model_lib: libraryOf(variant), contextWindow },
				overrides: {},
				tokenSampling: tokenSampling ?? world.tokenSampling,
				mayFallBack: true
			}) as unknown as LoadRequest,
		within: (target) => target,
		admit: (target) => world.admit(target),
		withoutLean: (target, problem) => world.withoutLean(target, problem),
		fitsBeside: () => world.beside,
		keepsTwo: () => world.keepsTwo,
		switched: () => void said.push('switched')
	};
	const host: LoaderHost = {
		source: ({ id }) => ({
			baseUrl: `https://h/${id}/`,
			libraryUrl: libraryOf({ id }),
			packageUrl: null,
			overrides: {}
		}),
		plan: () => Promise.resolve(plan),
		fetching: ({ id }) => {
			said.push(`fetching ${id}`);
			return Promise.resolve(() => void said.push(`fetched ${id}`));
		},
		stopWriters: () => {
			said.push('stop writers');
			return world.stopWriters();
		},
		loaded: ({ variant }) => void said.push(`loaded ${variant.id}`),
		failed: ({ target, failure }) => void said.push(`failed ${target.variant.id}: ${failure.kind}`),
		afterFailure: () => world.afterFailure,
		smaller: (failed) => world.smaller(failed),
		fellBack: ({ variant }) => void said.push(`fell back to ${variant.id}`),
		gpuGone: () => void said.push('gpu gone')
	};
	const inUse: Pick<InUse, 'hold' | 'keepOnly'> = {
		hold: (url) => {
			if (!world.held.includes(url)) world.held.push(url);
			return Promise.resolve();
		},
		keepOnly: (urls) => {
			world.held = world.held.filter((url) => urls.includes(url));
		}
	};
	const marks: string[] = [];
	const timers: (() => void)[] = [];
	let now = 0;
	const loader = new Loader({
		files: {
			inspect: async ({ baseUrl }, _, signal) => {
				await abortable(world.inspect(), signal);
				const shard = { url: `${baseUrl}params_shard_0.bin`, bytes: null };
				return inspection(baseUrl, world.missing ? [shard] : []);
			},
			onDisk: ({ baseUrl }) => Promise.resolve(world.onDisk ? inspection(baseUrl) : null),
			download: async ({ baseUrl }, { signal } = {}) => {
				await abortable(world.download(), signal);
				return inspection(baseUrl);
			}
		},
		inUse,
		host,
		tenancy,
		marker: {
			write: ({ variantId, phase }) => void marks.push(`${variantId} ${phase}`),
			clear: () => void marks.push('clear')
		},
		gpuIsBack: () => world.gpuIsBack(),
		clock: {
			now: () => now++,
			after: (_, run) => {
				timers.push(run);
				return () => void timers.splice(timers.indexOf(run), 1);
			}
		},
		machinery: async () => {
			await scriptComes();
			const { buildMachinery } = await import('./machinery.ts');
			return { buildMachinery, makeEngine: engines.make };
		},
		...change
	});
	const locksHeld = () => tabs.held(id);
	return { loader, engines, tenancy, world, said, marks, timers, locksHeld, close };
}

/** As the bridge to a worker does: an aborted call is rejected. */
async function abortable(work: Promise<void>, signal?: AbortSignal): Promise<void> {
	const cancelled = () => new Failure('cancelled', 'Cancelled.');
	if (signal?.aborted) throw cancelled();
	await Promise.race([
		work,
		new Promise<never>((_, reject) =>
			signal?.addEventListener('abort', () => reject(cancelled()), { once: true })
		)
	]);
}

export type Rig = ReturnType<typeof loaderIn>;
/** What is loaded, who holds GPU memory, and that nothing is left behind. */
export function atRest({ loader, engines, tenancy, world, locksHeld }: Rig, id: string | null) {
	expect(loader.status).toEqual({ kind: 'idle' });
	expect(loader.loaded?.variant.id ?? null).toBe(id);
	expect(engines.holding).toHaveLength(id === null ? 0 : 1);
	expect(engines.holding[0] ?? null).toBe(loader.loaded?.engine ?? null);
	expect(tenancy.held).toBe(id !== null);
	expect(world.held).toEqual(id === null ? [] : [`https://h/${id}/`]);
	expect(loader.meter.liveBytes).toBe(id === null ? 0 : 100);
	return vi.waitFor(() => expect(locksHeld().includes('exclusive engine')).toBe(id !== null));
}
