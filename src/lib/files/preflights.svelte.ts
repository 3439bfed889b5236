import { SvelteMap } from 'svelte/reactivity';
import type { Files } from './client.ts';
import type { Inspection, ModelSource } from './protocol.ts';
import { asFailure, type Failure } from '../rpc/failure.ts';
import type { Variant } from '#plan/models/catalog.ts';
import type { Facts } from '#plan/models/facts.ts';

type Read = Pick<Inspection, 'facts' | 'downloadBytes' | 'cachedBytes'>;

/** What was read of a variant before its weights, or why not. */
export type Preflight =
	| { kind: 'reading' }
	| {
			kind: 'read';
			inspection: Read;
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
	/**
	 * Of those that are read. Set apart, and only when they change: plans of the whole catalogue look at all, and would be
	 * made again whenever one is read again.
	 */
	readonly #facts = new SvelteMap<string, Facts>();
	readonly #files: Pick<Files, 'inspect'>;
	readonly #source: (variant: Variant) => ModelSource;
	#timer: ReturnType<typeof setTimeout> | null = null;
	#run: AbortController | null = null;
	/** Counts readings; of each variant, the one that was accepted last. */
	#begun = 0;
	readonly #acceptedAt = new SvelteMap<string, number>();
	/** What was scheduled last: choosing it once more must not fetch it again. */
	#scheduled: string | null = null;

	constructor(files: Pick<Files, 'inspect'>, source: (variant: Variant) => ModelSource) {
		this.#files = files;
		this.#source = source;
	}

	of(variant: Variant): Preflight | null {
		return this.#read.get(variant.id) ?? null;
	}

	facts(variant: Variant): Facts | null {
		return this.#facts.get(variant.id) ?? null;
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
			const order = ++this.#begun;
			const inspection = await this.#files.inspect(this.#source(variant), library, signal);
			this.#accept(variant, inspection, order);
			return null;
		} catch (thrown) {
			const failure = asFailure(thrown, 'network');
			if (before?.kind === 'read') {
				if (failure.kind !== 'cancelled') this.#note(variant, { ...before, failure });
			} else if (failure.kind === 'cancelled') this.#forget(variant);
			else this.#note(variant, { kind: 'failed', failure });
			return failure;
		}
	}

	/** What a load read of the variant. */
	learn(variant: Variant, facts: Facts) {
		const before = this.of(variant);
		const size = before?.kind === 'read' ? before.inspection : { downloadBytes: 0, cachedBytes: 0 };
		this.#accept(variant, { ...size, facts }, ++this.#begun);
	}

	/** Several readings may run at once, and end in any order: none takes away what another one has found since. */
	#accept(variant: Variant, read: Read, order: number) {
		const before = this.of(variant);
		const known = before?.kind === 'read' ? before.inspection.facts : null;
		const knowsMore = Boolean(read.facts.library) && !known?.library;
		const knowsLess = !read.facts.library && Boolean(known?.library);
		const late = order < (this.#acceptedAt.get(variant.id) ?? 0);
		if (known && (knowsLess || (late && !knowsMore))) return;
		this.#acceptedAt.set(variant.id, order);
		this.#note(variant, { kind: 'read', inspection: read, failure: null });
	}

	/** Forgets what was read of all variants with this library. */
	forgetLibrary(libraryUrl: string, variants: readonly Variant[]) {
		for (const variant of variants) if (variant.libraryUrl === libraryUrl) this.#forget(variant);
	}

	#note({ id }: Variant, preflight: Preflight) {
		this.#read.set(id, preflight);
		if (preflight.kind !== 'read') return void this.#facts.delete(id);
		const { facts } = preflight.inspection;
		if (JSON.stringify(this.#facts.get(id)) !== JSON.stringify(facts)) this.#facts.set(id, facts);
	}

	#forget({ id }: Variant) {
		this.#read.delete(id);
		this.#facts.delete(id);
	}
}
