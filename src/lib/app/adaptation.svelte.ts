import { untrack } from 'svelte';
import { ratioOf, type Wishes } from '#plan/adapt/decide.ts';
import type { SignalKind } from '#plan/adapt/pace.ts';
import { levelsOf, sameLevel, smallerThan, type Level, type LevelKey } from '#plan/adapt/levels.ts';
import { likelyNext, parseLoadOrder, withLoad } from '#plan/adapt/next.ts';
import { parsePolicy } from '#plan/adapt/policy.ts';
import { within, wishesFor, type Wish } from '#plan/adapt/wishes.ts';
import { adapterKey } from '#plan/memory/history.ts';
import type { Situation as MemorySituation } from '#plan/memory/verdict.ts';
import type { Family, Variant } from '#plan/models/catalog.ts';
import type { Answers } from '../chat/answers.svelte.ts';
import type { Message } from '../chat/conversation.ts';
import type { Session } from '../chat/session.svelte.ts';
import type { Persisted } from '../kit/persisted.svelte.ts';
import { parseQuality } from '../quality/record.ts';
import type { Loader, LoadEnd } from '../runner/loader.svelte.ts';
import type { Loaded, Target } from '../runner/target.ts';
import { Adapting, type Situation } from '../runner/policy/adapting.svelte.ts';
import { parseLog } from '../runner/policy/decision-log.ts';
import {
	familyIn,
	handedOn,
	parseFamilies,
	withFamily,
	type FamilySettings
} from '../settings/family-settings.ts';
import type { Catalog } from './catalog.svelte.ts';
import type { Counting } from './counting.svelte.ts';
import type { Experience } from './experience.svelte.ts';
import type { Hardware } from './hardware.svelte.ts';
import type { AppParts } from './parts.ts';
import type { Planning } from './planning.svelte.ts';
import { watchProcessor } from './processor.ts';
import { Recorder } from './recorder.svelte.ts';
import type { Running } from './running.svelte.ts';
import type { Choice, Selection } from './selection.svelte.ts';

export interface AdaptationParts extends Pick<AppParts, 'files' | 'clock' | 'keep'> {
	catalog: Catalog;
	hardware: Pick<Hardware, 'device' | 'budget'>;
	experience: Pick<Experience, 'knownOf' | 'learnFromFailure'>;
	planning: Pick<Planning, 'situation' | 'planOf'>;
	selection: Selection;
	counting: Pick<Counting, 'tally'>;
	loader: Loader;
	running: Pick<Running, 'chosenIsLoaded'>;
	answers: Pick<Answers, 'queue' | 'busy' | 'thread' | 'taskOf'>;
	session: Pick<Session, 'conversation' | 'messages'>;
}

/** How often the disk is asked which variants of the family are there. */
const DISK_MS = 60_000;
/** An engine is imported ahead first. */
const PREPARE_MS = 4_000;

/** The policy of automatic swaps, and what is remembered of families. */
export class Adaptation {
	readonly policy;
	readonly log;
	readonly families;
	/** What the person loaded, one after the other. */
	readonly order;
	readonly adapting: Adapting;
	readonly recorder = new Recorder();
	/** Ids of variants of the family in view that are whole on disk. */
	#onDisk = $state.raw<readonly string[]>([]);
	readonly #quality;
	readonly #parts: AdaptationParts;
	readonly #stop: () => void;
	/** What the policy chose itself, which is no wish of the person. */
	#own: Choice | null = null;
	#processor = $state.raw<string | null>(null);

	/** The family that is loaded, else the chosen one. */
	readonly family: Family = $derived.by(() => {
		const { loader, selection, catalog } = this.#parts;
		return loader.loaded ? catalog.familyOf(loader.loaded.variant) : selection.family;
	});
	/** Its levels on this GPU, finest to coarsest, at the window that the person wants. */
	readonly levels: readonly Level[] = $derived.by(() =>
		this.levelsIn(this.#parts.planning.situation, ({ id }) => this.#onDisk.includes(id))
	);

	/** What this person is likely to load next, by what they loaded before; null: there is no telling. */
	readonly next: LevelKey | null = $derived.by(() => {
		const { loader, catalog } = this.#parts;
		const { loaded } = loader;
		return (
			loaded &&
			likelyNext(this.order.current, loaded.variant.id, (id) => catalog.variant(id) !== undefined)
		);
	});

	static async make(parts: AdaptationParts): Promise<Adaptation> {
		const { keep } = parts;
		const stores = {
			policy: keep('policy', parsePolicy, 'headroom-policy'),
			log: keep('log', parseLog, 'headroom-policy'),
			families: keep('families', parseFamilies, 'headroom-policy'),
			order: keep('order', parseLoadOrder, 'headroom-policy'),
			quality: keep('results', parseQuality, 'headroom-quality')
		};
		await Promise.all(Object.values(stores).map(({ ready }) => ready));
		const own = parts.catalog.own?.families ?? [];
		const { families } = stores;
		if (handedOn(families.current, own) !== families.current)
			await families.update((records) => handedOn(records, own));
		return new Adaptation(parts, stores);
	}

	constructor(parts: AdaptationParts, stores: Stores) {
		this.#parts = parts;
		this.policy = stores.policy;
		this.log = stores.log;
		this.families = stores.families;
		this.order = stores.order;
		this.#quality = stores.quality;
		const { answers, loader, clock } = parts;
		const waiting = () => answers.queue.waiting.length;
		this.adapting = new Adapting(
			{
				policy: () => this.policy.current,
				situation: () => this.situation(),
				waiting,
				running: () => answers.busy,
				processor: () => this.#processor,
				prepare: (level) => {
					const variant = parts.catalog.variant(level.variantId);
					if (variant) void loader.prepare({ variant, contextWindow: level.contextWindow });
				},
				load: (level) => this.#load(level),
				write: (update) => void this.log.update(update)
			},
			clock,
			this.log.current
		);
		const stopProcessor = watchProcessor((state) => (this.#processor = state));
		const stopEffects = $effect.root(() => this.#follow());
		const timer = setInterval(() => void this.readDisk(), DISK_MS);
		this.#stop = () => {
			stopProcessor();
			stopEffects();
			clearInterval(timer);
			this.adapting.dispose();
			for (const store of Object.values(stores)) store.close();
		};
	}

	dispose() {
		this.#stop();
	}

	/** Priority and floor for whatever is decided now: those of the requests to be answered, else of what is shown. */
	wishes(): Wishes {
		return wishesFor(this.policy.current, this.#asked());
	}

	ofFamily(familyId: string): FamilySettings {
		return familyIn(this.families.current, familyId);
	}

	/** The levels of the family in view as they would be in a situation. */
	levelsIn(situation: MemorySituation, onDisk: (variant: Variant) => boolean): Level[] {
		const { catalog, experience } = this.#parts;
		return levelsOf(this.family, this.#window(), smallerThan(this.family, catalog.families), {
			knownOf: (variant) => experience.knownOf(variant),
			situation,
			onDisk,
			tokensPerSecondOf: (variant) => this.#speedOf(variant),
			sameTokenOf: (variant) => this.#sameTokenOf(variant)
		});
	}

	/** All that a decision depends on but the load; null: nothing is loaded, or the loader is at something. */
	situation(): Situation | null {
		const { loader } = this.#parts;
		const { loaded } = loader;
		if (!loaded || loader.busy || loader.leaving) return null;
		const { variant, contextWindow } = loaded;
		return { ...this.standing(), current: { variantId: variant.id, contextWindow } };
	}

	/** The same for whatever is in view, loaded or not. */
	standing(): Omit<Situation, 'current'> {
		const { matrix, rules, pin, allowWindow, allowFamily } = this.policy.current;
		return {
			levels: this.levels,
			budgetBytes: this.#parts.hardware.budget?.bytes ?? null,
			othersBytes: this.#parts.planning.situation.usedBytes ?? 0,
			matrix,
			rules,
			pin,
			allowWindow,
			allowFamily,
			neededWindow: this.#neededWindow(),
			...this.wishes()
		};
	}

	/** A person takes up what is suggested, or pins a level: loaded as if they had chosen it. */
	async take(level: Level): Promise<LoadEnd | null> {
		const { catalog, loader, selection } = this.#parts;
		const variant = catalog.variant(level.variantId);
		if (!variant) return null;
		selection.choose(variant.id, level.contextWindow);
		// A smaller window is not what they want of the family from now on.
		this.#own = selection.choice;
		const end = await loader.load({ variant, contextWindow: level.contextWindow });
		this.adapting.signal('person');
		return end;
	}

	/** How many bytes less a level takes than what is loaded, and how many times as fast it is; null: not known. */
	gainOf(level: Level): { savedBytes: number | null; speedUp: number | null } {
		const situation = this.situation();
		const current = situation?.levels.find((each) => sameLevel(each, situation.current));
		const known = situation && ratioOf(level, { ...situation, waiting: 0 }) !== null;
		return {
			savedBytes: current && known ? current.peakBytes - level.peakBytes : null,
			speedUp:
				current?.tokensPerSecond != null && level.tokensPerSecond !== null
					? level.tokensPerSecond / current.tokensPerSecond
					: null
		};
	}

	/** Asks the disk which variants of the family in view are whole. */
	async readDisk() {
		const { files, catalog } = this.#parts;
		const families = [this.family, ...smallerThan(this.family, catalog.families).slice(0, 2)];
		const found = await Promise.all(
			families
				.flatMap(({ variants }) => variants)
				.map(async (variant) => {
					const whole = await Promise.resolve(files.onDisk(catalog.sourceOf(variant))).catch(
						() => null
					);
					return whole ? [variant.id] : [];
				})
		);
		this.#onDisk = found.flat();
	}

	#signal(kind: SignalKind, of: Target | null = null) {
		untrack(() => {
			const { answers } = this.#parts;
			const load = { waiting: answers.queue.waiting.length, running: answers.busy };
			if (kind !== 'person') this.recorder.see(load, kind);
			this.adapting.signal(
				kind,
				of && { variantId: of.variant.id, contextWindow: of.contextWindow }
			);
		});
	}

	#follow() {
		const { selection, loader, counting, answers } = this.#parts;
		// What is there at the start was chosen in an earlier visit, perhaps by the policy.
		const initial = selection.choice;
		let seen = initial;
		$effect(() => {
			const { choice } = selection;
			if (choice === seen) return;
			seen = choice;
			const fellBack = loader.problem?.instead === true;
			const variant = choice && this.#parts.catalog.variant(choice.variantId);
			if (!variant || choice === this.#own || fellBack) return;
			const { familyId } = variant;
			untrack(
				() => void this.families.update((records) => withFamily(records, familyId, { choice }))
			);
			this.#signal('person');
		});
		// Files come and go with loads and downloads.
		$effect(() => {
			void this.family;
			void loader.loaded;
			void this.readDisk();
		});
		$effect(() => {
			const { status } = loader;
			if (status.kind !== 'recovering' || loader.crowded) return;
			const { kind } = status.failure;
			this.#signal(kind === 'out-of-memory' ? kind : 'device-lost', status.target);
		});
		// What is not chosen was loaded by something else: a measurement, the policy, the fallback after a failure.
		$effect(() => {
			const { loaded } = loader;
			const { choice } = selection;
			if (!loaded || loaded.variant !== selection.variant || choice === this.#own) return;
			if (choice === initial || loader.problem?.instead) return;
			const { variant, contextWindow } = loaded;
			const level = { variantId: variant.id, contextWindow };
			untrack(() => void this.order.update((order) => withLoad(order, level)));
		});
		$effect(() => {
			// Only when it is switched off: a comparison keeps two for itself.
			if (!this.policy.current.keepTwo) untrack(() => void loader.letStandbyGo());
		});
		$effect(() => {
			const { next } = this;
			const idle = !loader.busy && !answers.busy && this.#parts.running.chosenIsLoaded;
			const { outcome, prepared, swapping } = this.adapting;
			// What the policy prepares is about to be loaded; this is a guess.
			const free = prepared === null && !swapping && outcome?.act !== 'swap';
			if (!this.policy.current.prepareNext || !next || !idle || !free) return;
			const wanted = new AbortController();
			const cancel = this.#parts.clock.after(
				PREPARE_MS,
				() => void this.#prepareNext(next, wanted.signal)
			);
			return () => {
				wanted.abort();
				cancel();
			};
		});
		let slower = counting.tally?.slower ?? null;
		$effect(() => {
			const next = counting.tally?.slower ?? null;
			if (next === slower) return;
			slower = next;
			if (next && next.variant === loader.loaded?.variant) this.#signal('slower', loader.loaded);
		});
		let answered = counting.tally?.last ?? null;
		$effect(() => {
			const next = counting.tally?.last ?? null;
			if (next === answered) return;
			answered = next;
			const { loaded } = loader;
			if (next?.failure !== 'out-of-memory' || next.variant !== loaded?.variant) return;
			// What was loaded beside it has gone, and it comes back.
			if (loader.crowded) return;
			// Barred for as long as a load that ran out of memory.
			untrack(() => this.#learn(loaded));
			this.#signal('out-of-memory', loaded);
		});
		$effect(() => {
			const load = { waiting: answers.queue.waiting.length, running: answers.busy };
			untrack(() => this.recorder.see(load));
		});
	}

	/** Only what is whole on disk: anything else would replace what is prepared by nothing. */
	async #prepareNext({ variantId, contextWindow }: LevelKey, signal: AbortSignal) {
		const { catalog, files, loader } = this.#parts;
		const variant = catalog.variant(variantId);
		if (!variant) return;
		const whole = await Promise.resolve(files.onDisk(catalog.sourceOf(variant))).catch(() => null);
		if (whole && !signal.aborted) void loader.prepare({ variant, contextWindow });
	}

	#learn(loaded: Loaded) {
		const { planning, experience } = this.#parts;
		const { sampling, estimate } = planning.planOf(loaded.variant, loaded.contextWindow);
		const { peakBytes } = estimate ?? loaded.result;
		experience.learnFromFailure(loaded, { kind: 'out-of-memory' }, sampling, peakBytes);
	}

	async #load(level: Level): Promise<boolean> {
		const { catalog, loader, selection, running } = this.#parts;
		const variant = catalog.variant(level.variantId);
		if (!variant) return false;
		const follows = running.chosenIsLoaded;
		const { contextWindow } = level;
		const end = await loader.load({ variant, contextWindow }, { orSmaller: false });
		if (end !== 'loaded') return false;
		// Somebody who is choosing something else goes on with it.
		if (follows) {
			selection.choose(variant.id, contextWindow);
			this.#own = selection.choice;
		}
		return true;
	}

	/** The window that the person wants: what is loaded may have a smaller one by the policy. */
	#window(): number {
		const { loader, selection } = this.#parts;
		const now = loader.loaded?.contextWindow ?? selection.contextWindow;
		const wanted = this.ofFamily(this.family.id).choice?.contextWindow ?? now;
		const steps = [wanted, Math.floor(wanted / 2), Math.floor(wanted / 4)];
		return steps.includes(now) ? wanted : now;
	}

	#asked(): Wish[] {
		const { answers, session } = this.#parts;
		const { running, waiting } = answers.queue;
		const asked = [...(running ? [running] : []), ...waiting].map(({ id, origin }) =>
			within(answers.thread(origin)?.conversation.wish, answers.taskOf(id)?.wish)
		);
		return asked.length > 0 ? asked : [within(session.conversation.wish, undefined)];
	}

	#neededWindow(): number {
		const { answers, session } = this.#parts;
		const threads = answers.queue.waiting.flatMap(({ origin }) => answers.thread(origin) ?? []);
		return Math.max(
			tokensOf(session.messages),
			...threads.map(({ messages }) => tokensOf(messages))
		);
	}

	#speedOf(variant: Variant): number | null {
		const record = this.#parts.counting.tally?.of(variant);
		return record && record.decode.count > 0 ? record.decode.mean : null;
	}

	#sameTokenOf(variant: Variant): number | null {
		const { catalog, hardware } = this.#parts;
		const adapter = hardware.device && adapterKey(hardware.device);
		const libraryUrl = catalog.libraryUrlOf(variant);
		const here = this.#quality.current.records.filter((record) => record.adapter === adapter);
		if (here.some(({ referenceId }) => referenceId === variant.id)) return 1;
		const own = here.findLast(
			(record) => record.variantId === variant.id && record.libraryUrl === libraryUrl
		);
		return own?.summary.sameToken.value ?? null;
	}
}

type Stores = {
	policy: Persisted<ReturnType<typeof parsePolicy>>;
	log: Persisted<ReturnType<typeof parseLog>>;
	families: Persisted<ReturnType<typeof parseFamilies>>;
	order: Persisted<ReturnType<typeof parseLoadOrder>>;
	quality: Persisted<ReturnType<typeof parseQuality>>;
};

/** English has about four characters a token, other languages fewer. */
const CHARS_PER_TOKEN = 3;
/** An answer that is cut off after a few words is none. */
const ANSWER_TOKENS = 256;

/** Tokens that a conversation needs to go on, by what its last answer took: a guess beyond that. */
function tokensOf(messages: readonly Message[]): number {
	const counted = messages.findLastIndex(({ answer }) => answer?.promptTokens != null);
	const answer = messages[counted]?.answer;
	const since = messages.slice(counted + 1).reduce((sum, { text }) => sum + text.length, 0);
	if (messages.length === 0) return 0;
	return (
		(answer?.promptTokens ?? 0) +
		(answer?.completionTokens ?? 0) +
		Math.ceil(since / CHARS_PER_TOKEN) +
		ANSWER_TOKENS
	);
}
