import { createContext } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { readDevice, type DeviceReading } from './device/adapter.ts';
import { budgetOf, type Budget } from './device/budget.ts';
import { Loader, type Loaded, type LoaderHost, type Target } from './engine/loader.svelte.ts';
import type { Sampling } from './engine/sampling.ts';
import { Files } from './files/client.ts';
import type { Inspection, ModelSource } from './files/protocol.ts';
import {
	adapterKey,
	failedWindow,
	measuredOf,
	observedCeiling,
	parseHistory,
	recordFailure,
	recordMeasurement,
	type LoadKey
} from './memory/history.ts';
import { judge, maxContextWindow, type Judgement, type Knowledge } from './memory/judge.ts';
import { offers } from './memory/offers.ts';
import type { Offer, Situation } from './memory/verdict.ts';
import type { Family, Variant } from './models/catalog.ts';
import { families, familyById, variantById } from './models/catalog-data.ts';
import { absoluteUrls, engineRecord, modelBaseUrl } from './models/catalog-record.ts';
import type { Facts } from './models/facts.ts';
import { ConversationList } from './chat/conversation-list.svelte.ts';
import { create, type Conversation } from './chat/conversation.ts';
import { Session, type Answering, type SessionHost } from './chat/session.svelte.ts';
import { ConversationStore } from './storage/conversations.ts';
import { defaultSettings, parseSettings, Persisted } from './storage/settings.svelte.ts';
import { Announcer } from './ui/announcer.svelte.ts';
import { asFailure, Failure } from './worker/failure.ts';

/** What was read of a variant before its weights, or why not. */
export type Preflight =
	| { kind: 'reading' }
	| { kind: 'read'; inspection: Inspection }
	| { kind: 'failed'; failure: Failure };

/** A selection that is only passed through on the way to another should fetch nothing. */
const PREFLIGHT_DELAY_MS = 250;

/** Wires the parts together; the one place that knows them all. */
export class App {
	readonly families: readonly Family[] = families;
	readonly settings = new Persisted('settings', parseSettings);
	/** What the meter saw of earlier loads, and which ran out of memory. */
	readonly history = new Persisted('history', parseHistory);
	readonly conversations = new ConversationStore();
	readonly files = new Files();
	readonly loader = new Loader(this.files, this.#loaderHost());
	readonly session = new Session(this.#sessionHost(), this.conversations);

	readonly announcer = new Announcer();
	readonly list = new ConversationList(this.conversations, this.session);

	/** null: not asked yet. */
	reading = $state.raw<DeviceReading | null>(null);
	/** The message to show of the conversation that is opened next. */
	target: string | null = null;
	/** Settings, device and the last conversation are there. */
	ready = $state.raw(false);
	#choice = $state.raw<{ variantId: string; contextWindow: number } | null>(null);
	readonly #preflights = new SvelteMap<string, Preflight>();

	readonly #baseUrl: string;
	#preflightTimer: ReturnType<typeof setTimeout> | null = null;
	#preflightRun: AbortController | null = null;

	readonly device = $derived(this.reading?.kind === 'ready' ? this.reading.device : null);
	readonly budget: Budget | null = $derived(
		this.device &&
			budgetOf(this.device, {
				declaredBytes: this.settings.current.budgetBytes,
				declaredGpu: this.settings.current.declaredGpu,
				reserveBytes: this.settings.current.reserveBytes,
				observedCeilingBytes: observedCeiling(
					this.history.current,
					adapterKey(this.device),
					Date.now()
				)
			})
	);
	/** The page holds the outgoing model's bytes until it is let go, so they count as free for the next. */
	readonly situation: Situation = $derived({
		reading: this.reading,
		budget: this.budget,
		threshold: this.settings.current.thresholdRatio ?? 'off',
		usedBytes: this.loader.meter.liveBytes,
		outgoingBytes: this.loader.loaded ? this.loader.meter.liveBytes : 0
	});

	readonly variant: Variant = $derived(this.#chosenVariant());
	readonly family: Family = $derived(this.familyOf(this.variant));
	readonly contextWindow: number = $derived(
		Math.min(
			this.#choice?.contextWindow ?? this.variant.defaultContextWindow,
			this.maxContextWindow(this.variant)
		)
	);
	/** What answers the next message: the loaded variant, else the chosen one. */
	readonly answeringVariant: Variant = $derived(this.loader.loaded?.variant ?? this.variant);
	readonly plan: Judgement = $derived(this.planOf(this.variant, this.contextWindow));
	readonly offers: readonly Offer[] = $derived(
		offers(this.plan, this.families, (variant) => this.knownOf(variant), this.situation)
	);
	readonly preflight: Preflight | null = $derived(this.#preflights.get(this.variant.id) ?? null);
	/** The chosen variant at the chosen window is what is loaded. */
	readonly chosenIsLoaded: boolean = $derived(
		this.loader.loaded?.variant.id === this.variant.id &&
			this.loader.loaded.contextWindow === this.contextWindow
	);

	constructor(baseUrl: string) {
		this.#baseUrl = baseUrl;
	}

	/** Reads device and settings and opens the conversation that the address names, else the latest. */
	async start(conversationId: string | null) {
		const [reading] = await Promise.all([readDevice(), this.settings.ready, this.history.ready]);
		this.reading = reading;
		const stored = this.settings.current.choice;
		if (stored && variantById.has(stored.variantId)) this.#choice = stored;
		await Promise.all([this.openConversation(conversationId), this.list.start()]);
		this.ready = true;
		this.#schedulePreflight();
		if (reading.kind === 'ready') this.loader.prepareSpare();
	}

	/** `new`: an empty one. null: the latest. Shows `target` if it is set. */
	async openConversation(id: string | null) {
		if (id === 'new') {
			if (this.session.messages.length > 0) await this.newConversation();
			return;
		}
		if (id !== null && id === this.session.conversation.id) return;
		const target = this.target;
		this.target = null;
		try {
			const found =
				id === null ? await this.#latestConversation() : await this.conversations.load(id);
			if (found) await this.session.open(found);
			else if (id !== null) this.list.problem = 'That conversation is not in this browser.';
			if (found && target !== null) await this.session.reveal(target);
		} catch (error) {
			this.list.problem = error instanceof Error ? error.message : String(error);
		}
	}

	async newConversation() {
		await this.session.open(create());
	}

	/** The defaults with the conversation's own choices. */
	samplingOf(conversation: Conversation): Sampling {
		return { ...this.settings.current.sampling, ...conversation.sampling };
	}

	familyOf(variant: Variant): Family {
		const family = familyById.get(variant.familyId);
		if (!family) throw new Error(`The catalogue has no family ${variant.familyId}.`);
		return family;
	}

	facts(variant: Variant): Facts | null {
		const preflight = this.#preflights.get(variant.id);
		return preflight?.kind === 'read' ? preflight.inspection.facts : null;
	}

	maxContextWindow(variant: Variant): number {
		return maxContextWindow(variant, this.facts(variant));
	}

	/** What has been learned of a variant: its files, and what the meter saw of it here. */
	knownOf(variant: Variant): Knowledge {
		const facts = this.facts(variant);
		const key = this.#loadKey(variant);
		if (!key) return { facts, measured: [], failedWindow: null };
		return {
			facts,
			measured: measuredOf(this.history.current, key),
			failedWindow: failedWindow(this.history.current, key, Date.now())
		};
	}

	planOf(variant: Variant, contextWindow: number): Judgement {
		return judge(variant, contextWindow, this.knownOf(variant), this.situation);
	}

	chooseFamily(family: Family) {
		const same = family.variants.find(
			({ quantization }) => quantization.name === this.variant.quantization.name
		);
		const next = same ?? family.variants[0];
		if (next) this.choose(next.id, next.defaultContextWindow);
	}

	choose(variantId: string, contextWindow = this.contextWindow) {
		if (!variantById.has(variantId)) return;
		this.#choice = { variantId, contextWindow };
		void this.settings.set({ choice: this.#choice });
		this.#schedulePreflight();
	}

	/** Loads the chosen variant, or swaps to it. */
	load(anyway = false): Promise<boolean> {
		return this.loader.load(this.#target(anyway));
	}

	/** Reads the library too, so that the plan is exact. */
	checkExactly(): Promise<void> {
		return this.#readAhead(this.variant, true);
	}

	#target(anyway = false): Target {
		return {
			variant: this.variant,
			contextWindow: this.contextWindow,
			...(anyway && { anyway })
		};
	}

	#chosenVariant(): Variant {
		const chosen = this.#choice && variantById.get(this.#choice.variantId);
		const pocket = variantById.get('pocket-q4f32_1');
		const variant = chosen ?? pocket ?? this.families[0]?.variants[0];
		if (!variant) throw new Error('The catalogue is empty.');
		return variant;
	}

	#loadKey(variant: Variant): LoadKey | null {
		if (!this.device) return null;
		const { libraryUrl } = absoluteUrls(variant, this.#baseUrl);
		return { variantId: variant.id, libraryUrl, adapter: adapterKey(this.device) };
	}

	async #latestConversation() {
		const [latest] = await this.conversations.list();
		return latest ? this.conversations.load(latest.id) : null;
	}

	async #modelForAnswer(signal: AbortSignal): Promise<Loaded> {
		if (this.loader.loaded) return this.loader.loaded;
		const cancel = () => this.loader.cancel();
		signal.addEventListener('abort', cancel, { once: true });
		try {
			await this.load();
		} finally {
			signal.removeEventListener('abort', cancel);
		}
		if (signal.aborted) throw new Failure('cancelled', 'Cancelled.');
		if (this.loader.loaded) return this.loader.loaded;
		throw this.loader.problem?.failure ?? new Failure('nothing-loaded', 'No model is loaded.');
	}

	#answering(): Answering {
		const variant = this.answeringVariant;
		return {
			familyName: this.familyOf(variant).name,
			contextWindow: this.loader.loaded?.contextWindow ?? this.contextWindow,
			config: this.facts(variant)?.config ?? null,
			vision: variant.vision,
			answerer: { variant, known: this.knownOf(variant), situation: this.situation }
		};
	}

	#source(variant: Variant): ModelSource {
		const absolute = absoluteUrls(variant, this.#baseUrl);
		const baseUrl = modelBaseUrl(absolute);
		return {
			baseUrl,
			libraryUrl: absolute.libraryUrl,
			packageUrl: variant.modelManifest && baseUrl + variant.modelManifest,
			overrides: variant.overrides
		};
	}

	#sessionHost(): SessionHost {
		return {
			model: (signal) => this.#modelForAnswer(signal),
			answering: () => this.#answering(),
			enlarge: (contextWindow) => {
				this.choose(this.answeringVariant.id, contextWindow);
				return this.load();
			},
			sampling: (conversation) => this.samplingOf(conversation)
		};
	}

	#loaderHost(): LoaderHost {
		return {
			source: (variant) => this.#source(variant),
			request: ({ variant, contextWindow }) => ({
				record: engineRecord(variant, contextWindow, this.#baseUrl),
				overrides: {}
			}),
			admit: ({ variant, contextWindow, anyway }, facts) => {
				this.#setPreflight(variant, facts);
				const { verdict } = this.planOf(variant, contextWindow);
				if (verdict.kind !== 'blocked' || (anyway && verdict.overridable)) return;
				throw new Failure('blocked', verdict.reasons.map(({ sentence }) => sentence).join(' '));
			},
			fitsBeside: ({ variant, contextWindow }) =>
				judge(variant, contextWindow, this.knownOf(variant), {
					...this.situation,
					outgoingBytes: 0
				}).verdict.kind === 'fits',
			beforeRelease: () => this.session.stop(),
			loaded: ({ variant, contextWindow, result }) => {
				this.loader.prepareSpare();
				const key = this.#loadKey(variant);
				if (key)
					void this.history.update((history) =>
						recordMeasurement(history, {
							...key,
							contextWindow,
							afterLoadBytes: result.afterLoadBytes,
							peakBytes: result.peakBytes,
							at: Date.now()
						})
					);
			},
			failed: ({ target: { variant, contextWindow }, failure }) => {
				this.loader.prepareSpare();
				const key = this.#loadKey(variant);
				const neededBytes = this.planOf(variant, contextWindow).estimate?.peakBytes;
				if (key && neededBytes !== undefined)
					void this.history.update((history) =>
						recordFailure(
							history,
							{ ...key, contextWindow, neededBytes, at: Date.now() },
							failure.kind
						)
					);
			}
		};
	}

	#setPreflight(variant: Variant, facts: Facts) {
		const size = { downloadBytes: 0, cachedBytes: 0 };
		const before = this.#preflights.get(variant.id);
		const known = before?.kind === 'read' ? before.inspection : size;
		this.#note(variant, { kind: 'read', inspection: { ...known, facts } });
	}

	#note(variant: Variant, preflight: Preflight) {
		this.#preflights.set(variant.id, preflight);
	}

	#schedulePreflight() {
		if (this.#preflightTimer) clearTimeout(this.#preflightTimer);
		this.#preflightRun?.abort();
		const variant = this.variant;
		if (this.#preflights.get(variant.id)?.kind === 'read') return;
		this.#preflightTimer = setTimeout(() => {
			// What the site ships itself costs nothing to read whole.
			void this.#readAhead(variant, variant.origin === 'pocket');
		}, PREFLIGHT_DELAY_MS);
	}

	async #readAhead(variant: Variant, library: boolean) {
		const run = new AbortController();
		this.#preflightRun = run;
		const before = this.#preflights.get(variant.id);
		if (before?.kind !== 'read') this.#note(variant, { kind: 'reading' });
		try {
			const inspection = await this.files.inspect(this.#source(variant), library, run.signal);
			this.#note(variant, { kind: 'read', inspection });
		} catch (thrown) {
			const failure = asFailure(thrown, 'network');
			if (before?.kind === 'read') return;
			if (failure.kind === 'cancelled') this.#preflights.delete(variant.id);
			else this.#note(variant, { kind: 'failed', failure });
		}
	}
}

export const defaultReserveBytes = defaultSettings.reserveBytes;
export const [getApp, setApp] = createContext<App>();
