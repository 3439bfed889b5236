import { calibrationFor, NO_CALIBRATIONS, type Calibrations } from '#plan/memory/calibration.ts';
import { adapterKey, failedWindow, measuredOf, type LoadKey } from '#plan/memory/history.ts';
import type { Knowledge } from '#plan/memory/judge.ts';
import type { TokenSampling } from '#plan/memory/sampling.ts';
import type { Variant } from '#plan/models/catalog.ts';
import type { Preflights } from '../files/preflights.svelte.ts';
import type { Failure } from '../rpc/failure.ts';
import type { Loaded, Target } from '../runner/target.ts';
import type { Catalog } from './catalog.svelte.ts';
import type { Hardware } from './hardware.svelte.ts';
import type { AppParts, Planner } from './parts.ts';

export interface ExperienceParts extends Pick<AppParts, 'settings' | 'history'> {
	catalog: Pick<Catalog, 'libraryUrlOf'>;
	hardware: Pick<Hardware, 'device'>;
	preflights: Pick<Preflights, 'facts'>;
	planner: () => Planner | null;
}

/** What is known of the variants: what their files say, and what earlier loads on this adapter took. */
export class Experience {
	/** Why this engine cannot sample on the CPU, found when it was to; null: it can, as far as is known. */
	leanProblem = $state.raw<Failure | null>(null);
	readonly #parts: ExperienceParts;

	/** What the loads on this adapter say of the plans of their kinds of library. */
	readonly calibrations: Calibrations = $derived.by(() => {
		const { history, hardware, planner } = this.#parts;
		const { device } = hardware;
		return (
			(device && planner()?.calibrationsOf(history.current.loads, adapterKey(device))) ??
			NO_CALIBRATIONS
		);
	});

	constructor(parts: ExperienceParts) {
		this.#parts = parts;
	}

	/** What has been learned of a variant: its files, what the meter saw of it here, and of others of its kind. */
	knownOf(variant: Variant): Knowledge {
		const { settings, preflights } = this.#parts;
		// What this engine cannot do is not planned with.
		const setting = this.leanProblem ? 'never' : settings.current.leanSampling;
		return {
			facts: preflights.facts(variant),
			...this.seen(variant, 'engine'),
			...(setting !== 'never' && { lean: { setting, ...this.seen(variant, 'lean') } })
		};
	}

	/** What loads said of a variant when its tokens were chosen that way. */
	seen(variant: Variant, sampling: TokenSampling) {
		const { history, preflights } = this.#parts;
		const key = this.#loadKey(variant, sampling);
		if (!key) return { measured: [], failedWindow: null, calibration: null };
		return {
			measured: measuredOf(history.current, key),
			failedWindow: failedWindow(history.current, key, Date.now()),
			calibration: calibrationFor(this.calibrations, sampling, {
				url: key.libraryUrl,
				fingerprint: preflights.facts(variant)?.library?.fingerprint ?? null
			})
		};
	}

	/** Keeps what a load took: for the next time, and for other variants with the same kind of library. */
	learnFrom({ variant, contextWindow, facts, result }: Loaded) {
		const { history } = this.#parts;
		const planner = this.#parts.planner();
		const key = this.#loadKey(variant, result.tokenSampling);
		if (!key || !planner) return;
		const at = Date.now();
		const { afterLoadBytes, peakBytes } = result;
		const observed = { ...key, variant, contextWindow, facts, reading: result, at };
		const load = planner.observe(observed);
		void history.update((known) => {
			const measured = planner.recordMeasurement(known, {
				...key,
				contextWindow,
				afterLoadBytes,
				peakBytes,
				at
			});
			return load ? planner.recordLoad(measured, load) : measured;
		});
	}

	/** Keeps that a load failed which was planned to take so many bytes. */
	learnFromFailure(
		{ variant, contextWindow }: Target,
		{ kind }: Pick<Failure, 'kind'>,
		sampling: TokenSampling,
		neededBytes: number
	) {
		const planner = this.#parts.planner();
		const key = this.#loadKey(variant, sampling);
		if (!key || !planner) return;
		const failed = { ...key, contextWindow, neededBytes, at: Date.now() };
		void this.#parts.history.update((known) => planner.recordFailure(known, failed, kind));
	}

	/** What was seen of a library says nothing of the one that takes its place. */
	async forgetLibrary(libraryUrl: string) {
		const planner = this.#parts.planner();
		if (!planner) return;
		await this.#parts.history.update((known) => planner.withoutLibrary(known, libraryUrl));
	}

	#loadKey(variant: Variant, sampling: TokenSampling): LoadKey | null {
		const { catalog, hardware } = this.#parts;
		if (!hardware.device) return null;
		return {
			variantId: variant.id,
			libraryUrl: catalog.libraryUrlOf(variant),
			adapter: adapterKey(hardware.device),
			sampling
		};
	}
}
