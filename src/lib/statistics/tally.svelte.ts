import type { Estimate } from '#plan/memory/estimate.ts';
import type { Speeds } from '#plan/memory/request.ts';
import type { Variant } from '#plan/models/catalog.ts';
import type { Persisted } from '../kit/persisted.svelte.ts';
import type { FailureKind } from '../rpc/failure.ts';
import { fallen, fellJustNow, type Fall } from './falling.ts';
import { fill, observeAnswer, observeLoad, type ObservedAnswer } from './observe.ts';
import type { Ending } from './outcomes.ts';
import {
	mergeStatistics,
	NO_STATISTICS,
	recordOf,
	type RecordKey,
	type Statistics,
	type VariantRecord
} from './record.ts';
import {
	bandwidthOf,
	estimateSpeed,
	measuredSpeed,
	readingOf,
	speedsOf,
	type Bandwidth,
	type Experience,
	type Speed
} from './speed.ts';
import { shortSpeed } from './words.ts';
import { thumbsByVariant, vote, type Thumbs, type Vote } from './votes.ts';

/** What the tally needs from the page. */
export interface TallyWorld {
	variantOf(id: string): Variant | undefined;
	/** null: no GPU. */
	keyOf(variant: Variant): RecordKey | null;
	/** Memory estimate at the default window; null: unknown. */
	estimateOf(variant: Variant): Estimate | null;
}

/** An answer of a conversation stored before counting began. */
export interface KeptAnswer {
	variantId: string;
	answer: ObservedAnswer;
}

/** Refused before loading began, or released after loading succeeded. */
const NO_LOAD: readonly FailureKind[] = ['blocked', 'elsewhere', 'taken-over'];

/** Lifetime statistics of answers and loads. */
export class Tally {
	/** Answers of this variant became slow; null: none did, or the notice was dismissed. */
	slower = $state.raw<{ variant: Variant; fall: Fall } | null>(null);
	/** The answer that was counted last; null: none in this visit. */
	last = $state.raw<{ variant: Variant; failure: string | null } | null>(null);
	/** The cleared statistics, while clearing can be undone. */
	cleared = $state.raw<Statistics | null>(null);

	readonly #kept: Pick<Persisted<Statistics>, 'current' | 'update'>;
	readonly #world: TallyWorld;
	readonly current: Statistics = $derived.by(() => this.#kept.current);
	/** Records for this adapter and the catalogue's current libraries. */
	readonly records: readonly VariantRecord[] = $derived.by(() =>
		this.current.records.filter((record) => {
			const variant = this.#world.variantOf(record.variantId);
			const key = variant && this.#world.keyOf(variant);
			return key?.libraryUrl === record.libraryUrl && key.adapter === record.adapter;
		})
	);
	readonly thumbs: ReadonlyMap<string, Thumbs> = $derived(thumbsByVariant(this.current.votes));
	readonly #bandwidths: readonly Bandwidth[] = $derived(
		this.records.flatMap((record) => {
			const variant = this.#world.variantOf(record.variantId);
			const estimate = variant && this.#world.estimateOf(variant);
			return (estimate && bandwidthOf(record, readingOf(estimate))) ?? [];
		})
	);

	constructor(kept: Pick<Persisted<Statistics>, 'current' | 'update'>, world: TallyWorld) {
		this.#kept = kept;
		this.#world = world;
	}

	/** null: nothing counted on this device. */
	of(variant: Variant): VariantRecord | null {
		return this.records.find(({ variantId }) => variantId === variant.id) ?? null;
	}

	/** Measured, else estimated from other variants. `estimate`: its memory estimate. */
	speedOf(variant: Variant, estimate: Estimate | null): Speed | null {
		return (
			measuredSpeed(this.of(variant)) ??
			(estimate && estimateSpeed(readingOf(estimate), this.#bandwidths))
		);
	}

	experienceOf(variant: Variant, estimate: Estimate | null): Experience {
		const record = this.of(variant);
		return {
			speed: this.speedOf(variant, estimate),
			firstTokenMs: record && record.firstTokenMs.count > 0 ? record.firstTokenMs.mean : null,
			answers: record?.answers.begun ?? 0
		};
	}

	/** "31.4 tokens/s", "≈ 28.0 tokens/s", "not measured yet". */
	speedWords(variant: Variant, estimate: Estimate | null): string {
		return shortSpeed(this.speedOf(variant, estimate));
	}

	/** "≈ 28.0 tok/s", for narrow lists; null: unknown. */
	speedInShort(variant: Variant, estimate: Estimate | null): string | null {
		const speed = this.speedOf(variant, estimate);
		return speed && shortSpeed(speed).replace('tokens/s', 'tok/s');
	}

	/** For predictions; null: not measured. */
	speedsOf(variant: Variant): Speeds | null {
		return speedsOf(this.of(variant));
	}

	/** Counts an answer; ignores engines outside the catalogue. Resolves when stored. */
	async answered(engineId: string, answer: ObservedAnswer) {
		const variant = this.#world.variantOf(engineId);
		const key = variant && this.#world.keyOf(variant);
		if (!key) return;
		const { ending } = answer;
		this.last = { variant, failure: ending.kind === 'failed' ? ending.failure : null };
		const kept = this.#kept.update((statistics) => observeAnswer(statistics, key, answer));
		// `update` changes the value before it is stored.
		const recent = recordOf(this.current, key)?.recent ?? [];
		const fall = recent.at(-1)?.at === answer.at ? fellJustNow(recent) : null;
		if (fall) this.slower = { variant, fall };
		else if (this.slower?.variant === variant && !fallen(recent)) this.slower = null;
		await kept;
	}

	/** Counts a successful load. */
	loaded(variant: Variant, loadMs: number): Promise<void> {
		return this.#countLoad(variant, { kind: 'complete' }, loadMs);
	}

	/** Counts a failed or cancelled load. */
	async failedToLoad(variant: Variant, failure: FailureKind): Promise<void> {
		if (NO_LOAD.includes(failure)) return;
		await this.#countLoad(
			variant,
			failure === 'cancelled' ? { kind: 'stopped' } : { kind: 'failed', failure },
			null
		);
	}

	/** Counts answers of stored conversations, once; not after clearing. */
	async fill(read: () => Promise<readonly KeptAnswer[]>) {
		if (this.current.filled) return;
		const answers = (await read()).flatMap(({ variantId, answer }) => {
			const variant = this.#world.variantOf(variantId);
			const key = variant && this.#world.keyOf(variant);
			return key ? [{ key, answer }] : [];
		});
		await this.#kept.update((statistics) => fill(statistics, answers, Date.now()));
	}

	/** Stores the current ratings of the answers to a question. */
	async rated(questionId: string, votes: readonly Vote[]) {
		await this.#kept.update((statistics) => ({
			...statistics,
			votes: vote(statistics.votes, questionId, votes)
		}));
	}

	/** Clears everything; stored conversations are not counted again. */
	async clear() {
		let before: Statistics | null = null;
		await this.#kept.update((statistics) => {
			before = statistics;
			return { ...NO_STATISTICS, filled: { at: Date.now(), answers: 0 } };
		});
		this.slower = null;
		this.cleared = before;
	}

	/** Restores the cleared statistics and keeps what was counted since. */
	async undoClear() {
		const before = this.cleared;
		if (!before) return;
		this.cleared = null;
		await this.#kept.update((statistics) => mergeStatistics(before, statistics));
	}

	async #countLoad(variant: Variant, ending: Ending, loadMs: number | null) {
		const key = this.#world.keyOf(variant);
		if (!key) return;
		const load = { ending, loadMs, at: Date.now() };
		await this.#kept.update((statistics) => observeLoad(statistics, key, load));
	}
}
