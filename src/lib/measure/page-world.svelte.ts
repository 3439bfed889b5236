import type { App } from '../app/app.svelte.ts';
import { fitsBeside } from '../app/fits-beside.ts';
import { defaultSampling } from '../engine/sampling.ts';
import { ownName } from '../kit/names.ts';
import { Persisted } from '../kit/persisted.svelte.ts';
import { uuid } from '../kit/uuid.ts';
import { asFailure, Failure } from '../rpc/failure.ts';
import type { LoadEnd } from '../runner/loader.svelte.ts';
import { Resident } from '../runner/resident.ts';
import type { Loaded, Target } from '../runner/target.ts';
import type { Variant } from '#plan/models/catalog.ts';
import { keepAwake, readConditions } from './conditions.ts';
import { parseMeasurements, type DeviceInfo } from './record.ts';
import type { Hold, MeasureWorld, PageWorld, RunRecord, Subject } from './world.ts';

/** One question for all, answered to the same length. */
const QUESTION = 'What does a graphics card do, and why do language models run on it?';
const ANSWER_TOKENS = 64;

/** That a device was lost, or another tab takes the engine, reaches the page after calls have failed of it. */
const TOLD_WITHIN_MS = 2_000;

const LOCK = 'headroom-measure';

/** The real page, for speed tests. `baseUrl`: where the site lies. */
export function measureWorld(
	app: App,
	baseUrl: string,
	conditions: MeasureWorld['conditions'] = readConditions
): MeasureWorld {
	const kept = new Persisted('run', parseMeasurements, ownName('headroom-measure', baseUrl));
	return {
		...pageWorld(app, baseUrl),
		record: recordOf(kept),
		device: () => deviceOf(app),
		conditions
	};
}

/** The run in what is persisted. */
export function recordOf<R, T extends { run: R | null }>(
	kept: Persisted<T & { run: R | null }>
): RunRecord<R> {
	return {
		get run() {
			return kept.current.run;
		},
		ready: kept.ready,
		get problem() {
			return kept.problem;
		},
		change: (change) => kept.update((value) => ({ ...value, run: change(value.run) }))
	};
}

/** The real page. `baseUrl`: where the site lies. */
export function pageWorld(app: App, baseUrl: string): PageWorld {
	const { loader } = app;

	function known(variantId: string): Variant {
		const variant = app.catalog.variant(variantId);
		if (!variant)
			throw new Failure('bad-file', 'The catalogue does not have this variant any more.');
		return variant;
	}

	function targetOf(variantId: string, asked: number): Target {
		const variant = known(variantId);
		return { variant, contextWindow: Math.min(asked, app.planning.maxContextWindow(variant)) };
	}

	async function load(
		target: Target,
		{ signal, onStep }: Parameters<PageWorld['load']>[2]
	): Promise<Subject> {
		const { variant, contextWindow } = target;
		const plannedPeakBytes =
			app.planning.planOf(variant, contextWindow).estimate?.peakBytes ?? null;
		const stop = $effect.root(() => {
			$effect(() => {
				const { kind } = loader.status;
				if (kind === 'loading') onStep('loading');
			});
		});
		try {
			const end = await loader.load(target, { signal, orSmaller: false });
			const { loaded } = loader;
			if (end !== 'loaded' || loaded?.variant !== variant)
				throw notLoaded(end, loader.problem?.failure ?? null);
			return subjectOf(app, loaded, plannedPeakBytes);
		} finally {
			stop();
		}
	}

	return {
		variant(variantId) {
			const variant = app.catalog.variant(variantId);
			if (!variant) return null;
			const { name, parametersBillion } = app.catalog.familyOf(variant);
			return { label: name, quantization: variant.quantization.name, parametersBillion };
		},

		async inspect(variantId, asked, signal) {
			const variant = known(variantId);
			const failure = await app.preflights.read(variant, { library: true, signal });
			const whole = await app.files.onDisk(app.catalog.sourceOf(variant)).catch(() => null);
			const preflight = app.preflights.of(variant);
			const read = preflight?.kind === 'read' ? preflight.inspection : null;
			const contextWindow = Math.min(asked, app.planning.maxContextWindow(variant));
			const kind = app.queue.status(variantId)?.kind;
			return {
				variantId,
				contextWindow,
				verdict: app.planning.planOf(variant, contextWindow).verdict,
				missingBytes: whole
					? 0
					: read && read.downloadBytes > read.cachedBytes
						? read.downloadBytes - read.cachedBytes
						: null,
				wantedAnyway: kind !== undefined,
				problem: failure && !whole ? failure.message : null
			};
		},

		loaded: () =>
			loader.loaded && {
				variantId: loader.loaded.variant.id,
				contextWindow: loader.loaded.contextWindow
			},

		hold: (signal) => hold(app, ownName(LOCK, baseUrl), signal),

		async load(variantId, asked, options) {
			// Two models at once would measure neither.
			await loader.unload();
			return load(targetOf(variantId, asked), options);
		},

		async loadBeside(variantId, asked, options) {
			const target = targetOf(variantId, asked);
			return fitsBeside(app.planning, target) ? load({ ...target, beside: true }, options) : null;
		},

		async restore(before) {
			const now = loader.loaded;
			if (before === null) return loader.unload();
			const { variantId, contextWindow } = before;
			if (now?.variant.id === variantId && now.contextWindow === contextWindow) return;
			// It was admitted before, perhaps by a person who loaded it anyway.
			const end = await loader.load({ variant: known(variantId), contextWindow, anyway: true });
			// What was fetched for the run alone is to be deleted.
			await loader.letStandbyGo();
			if (end === 'failed')
				throw (
					loader.problem?.failure ?? new Failure('nothing-loaded', 'The model could not be loaded.')
				);
		},

		hidden: () => document.visibilityState === 'hidden',
		onHidden(tell) {
			const look = () => {
				if (document.visibilityState === 'hidden') tell();
			};
			document.addEventListener('visibilitychange', look);
			return () => document.removeEventListener('visibilitychange', look);
		},
		keepAwake,

		async remove(variantIds) {
			const cached = await app.files.list();
			const gone: string[] = [];
			for (const variantId of variantIds) {
				const variant = app.catalog.variant(variantId);
				if (variant && isWanted(app, variant)) continue;
				const askedUrl = variant && app.catalog.sourceOf(variant).baseUrl;
				try {
					for (const model of cached.filter((each) => each.askedUrl === askedUrl))
						await app.files.remove(model.baseUrl);
					gone.push(variantId);
				} catch (thrown) {
					if (!(thrown instanceof Failure) || thrown.kind !== 'in-use') throw thrown;
				}
			}
			return gone;
		},

		now: () => Date.now(),
		newId: uuid
	};
}

/** Chosen since, loaded, or downloaded for later. */
function isWanted(app: App, variant: Variant): boolean {
	const { loaded, status } = app.loader;
	return (
		app.selection.variant === variant ||
		loaded?.variant === variant ||
		(status.kind !== 'idle' && status.target.variant === variant) ||
		app.queue.status(variant.id) !== null
	);
}

function deviceOf(app: App): DeviceInfo | null {
	const { device } = app.hardware;
	if (!device) return null;
	const told = [device.vendor, device.architecture, device.description].filter(Boolean).join(', ');
	return {
		name: device.gpuName ?? (told === '' ? 'Unnamed GPU' : told),
		software: device.software,
		platform: device.platform,
		browser: navigator.userAgent
	};
}

function subjectOf(app: App, loaded: Loaded, plannedPeakBytes: number | null): Subject {
	const { engine, facts, result, variant, contextWindow } = loaded;
	const weights = app.planning.planOf(variant, contextWindow).estimate;
	const resident = new Resident(loaded, app.catalog.familyOf(variant).name);
	const stands = () =>
		[app.loader.loaded, app.loader.standby].includes(loaded) && engine.failure === null;
	/** What ended the engine ended the call, which does not know why, and may fail before the page is told. */
	const told = async <T>(call: Promise<T>, signal: AbortSignal): Promise<T> => {
		try {
			return await call;
		} catch (thrown) {
			const failure = asFailure(thrown);
			if (signal.aborted || (failure.kind !== 'cancelled' && failure.kind !== 'engine'))
				throw failure;
			const lastMs = performance.now() + TOLD_WITHIN_MS;
			while (failure.kind === 'engine' && stands() && performance.now() < lastMs)
				await new Promise((resolve) => setTimeout(resolve, 50));
			const why = engine.failure;
			if (why && why.kind !== 'cancelled') throw why;
			if (failure.kind === 'engine' && stands()) throw failure;
			throw new Failure(
				'cancelled',
				'The variant was unloaded meanwhile: another model was loaded, or another tab uses the GPU.'
			);
		}
	};
	return {
		contextWindow,
		tokenSampling: result.tokenSampling,
		loadMs: result.loadMs,
		weightsBytes: weights?.exactParts ? weights.weightsBytes : null,
		prefillChunkTokens: facts.library?.prefillChunkSize ?? null,
		plannedPeakBytes,
		peakBytes: result.peakBytes,
		stands,
		can: resident.can,
		config: facts.config ?? null,
		generate: (request, options) => told(resident.generate(request, options), options.signal),
		keepAnswer: (request, options) => told(engine.keepAnswer(request, options), options.signal),
		compareAnswer: (request, options) =>
			told(engine.compareAnswer(request, options), options.signal),
		measure: (test, signal) => told(engine.measure(test, { signal }), signal),
		answer: (signal) =>
			told(
				engine.generate(
					{
						messages: [{ role: 'user', content: QUESTION }],
						sampling: { ...defaultSampling, seed: 1, maxTokens: ANSWER_TOKENS },
						ignoreEos: true
					},
					{ signal, onText: () => {} }
				),
				signal
			)
	};
}

function notLoaded(end: LoadEnd, failure: Failure | null): Failure {
	switch (end) {
		case 'failed':
			return failure ?? new Failure('nothing-loaded', 'The model could not be loaded.');
		case 'loaded':
		case 'superseded':
			return new Failure('cancelled', 'Another model was loaded meanwhile.');
		case 'unloaded':
			return new Failure('cancelled', 'The model was unloaded meanwhile.');
		case 'taken-over':
			return new Failure('taken-over', 'Another tab uses the GPU now.');
		case 'cancelled':
			return new Failure('cancelled', 'Loading the model was cancelled.');
	}
}

/** The queue of this tab, and the right of one tab alone to measure. */
async function hold(app: App, lock: string, signal: AbortSignal): Promise<Hold> {
	const letGo = await alone(lock);
	try {
		const lease = await app.answers.lease('A measurement', signal);
		return {
			stopped: lease.stopped,
			release() {
				lease.release();
				letGo();
			}
		};
	} catch (thrown) {
		letGo();
		throw thrown;
	}
}

function alone(name: string): Promise<() => void> {
	const { locks } = navigator as { locks?: LockManager };
	if (!locks) return Promise.resolve(() => {});
	return new Promise((resolve, reject) => {
		locks
			.request(name, { ifAvailable: true }, (lock) => {
				if (!lock)
					throw new Failure('elsewhere', 'A measurement runs in another tab of this page.');
				return new Promise<void>((release) => resolve(release));
			})
			.catch(reject);
	});
}
