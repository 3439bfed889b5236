import { SvelteMap } from 'svelte/reactivity';
import type { Files } from '../files/client.ts';
import type { Inspection, ModelSource } from '../files/protocol.ts';
import { asFailure, type Failure } from '../worker/failure.ts';
import type { Variant } from './catalog.ts';
import type { Facts } from './facts.ts';

/** What was read of a variant before its weights, or why not. */
export type Preflight =
	| { kind: 'reading' }
	| {
			kind: 'read';
			inspection: Pick<Inspection, 'facts' | 'downloadBytes' | 'cachedBytes'>;
			/** Why nothing more could be read when that was last asked for; null: it could. */
			failure: Failure | null;
	  }
	| { kind: 'failed'; failure: Failure };

/** A selection that is only passed through on the way to another should fetch nothing. */
const DELAY_MS = 120;

/** Without https the browser keeps no files, and nothing could be loaded. */
export const keepsFiles = () => 'caches' in globalThis;

/** What has been read of each variant ahead of its weights, and the reading of it. */
export class Preflights {
	readonly #read = new SvelteMap<string, Preflight>();
	readonly #files: Files;
	readonly #source: (variant: Variant) => ModelSource;
	#timer: ReturnType<typeof setTimeout> | null = null;
	#run: AbortController | null = null;
	/** What was scheduled last: choosing it once more must not fetch it anew. */
	#scheduled: string | null = null;

	constructor(files: Files, source: (variant: Variant) => ModelSource) {
		this.#files = files;
		this.#source = source;
	}

	of(variant: Variant): Preflight | null {
		return this.#read.get(variant.id) ?? null;
	}

	facts(variant: Variant): Facts | null {
		const preflight = this.of(variant);
		return preflight?.kind === 'read' ? preflight.inspection.facts : null;
	}

	/** Reads the variant that was just chosen, unless another is chosen before. */
	schedule(variant: Variant) {
		const underWay =
			this.#scheduled === variant.id && (this.#timer ?? this.of(variant)?.kind === 'reading');
		if (underWay) return;
		this.#scheduled = variant.id;
		if (this.#timer) clearTimeout(this.#timer);
		this.#timer = null;
		this.#run?.abort();
		if (!keepsFiles() || this.of(variant)?.kind === 'read') return;
		this.#timer = setTimeout(() => {
			this.#timer = null;
			// What the site ships itself costs nothing to read whole.
			void this.readAhead(variant, { library: variant.origin === 'pocket' });
		}, DELAY_MS);
	}

	/** The same at once; the library makes the plan exact. */
	async readAhead(variant: Variant, { library }: { library: boolean }) {
		const run = new AbortController();
		this.#run = run;
		await this.read(variant, { library, signal: run.signal });
	}

	/** Resolves with why it could not be read, or null. Several may run at once. */
	async read(
		variant: Variant,
		{ library, signal }: { library: boolean; signal: AbortSignal }
	): Promise<Failure | null> {
		const before = this.of(variant);
		if (before?.kind !== 'read') this.#note(variant, { kind: 'reading' });
		try {
			const inspection = await this.#files.inspect(this.#source(variant), library, signal);
			this.#note(variant, { kind: 'read', inspection, failure: null });
			return null;
		} catch (thrown) {
			const failure = asFailure(thrown, 'network');
			if (before?.kind === 'read') {
				if (failure.kind !== 'cancelled') this.#note(variant, { ...before, failure });
			} else if (failure.kind === 'cancelled') this.#read.delete(variant.id);
			else this.#note(variant, { kind: 'failed', failure });
			return failure;
		}
	}

	/** What a load read of the variant. */
	learn(variant: Variant, facts: Facts) {
		const before = this.of(variant);
		const size = before?.kind === 'read' ? before.inspection : { downloadBytes: 0, cachedBytes: 0 };
		this.#note(variant, { kind: 'read', inspection: { ...size, facts }, failure: null });
	}

	/** Forgets what was read of all variants with this library. */
	forgetLibrary(libraryUrl: string, variants: readonly Variant[]) {
		for (const variant of variants)
			if (variant.libraryUrl === libraryUrl) this.#read.delete(variant.id);
	}

	#note(variant: Variant, preflight: Preflight) {
		this.#read.set(variant.id, preflight);
	}
}
