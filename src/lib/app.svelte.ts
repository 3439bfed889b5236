import { createContext } from 'svelte';
import type { DeviceReading } from './device/adapter.ts';
import { budgetOf, type Budget } from './device/budget.ts';
import { clearMarker, readMarker } from './engine/crash-marker.ts';
import { IdleTimer } from './engine/idle.ts';
import { Loader, type Loaded, type LoaderHost, type Target } from './engine/loader.svelte.ts';
import { someTabHasEngine } from './engine/tenancy.ts';
import type { Sampling } from './engine/sampling.ts';
import { Files } from './files/client.ts';
import { DownloadQueue } from './files/download-queue.svelte.ts';
import type { ModelSource } from './files/protocol.ts';
import { calibrationFor, NO_CALIBRATIONS, type Calibrations } from './memory/calibration.ts';
import { estimate } from './memory/estimate.ts';
import {
	adapterKey,
	failedWindow,
	measuredOf,
	observedCeiling,
	parseHistory,
	recordFailure,
	recordLoad,
	recordMeasurement,
	withoutLibrary,
	type LoadKey
} from './memory/history.ts';
import {
	judge,
	judgeAs,
	maxContextWindow,
	type Judgement,
	type Knowledge
} from './memory/judge.ts';
import { offers } from './memory/offers.ts';
import type { TokenSampling } from './memory/sampling.ts';
import { nextSmaller } from './memory/smaller.ts';
import type { Offer, Situation, Verdict } from './memory/verdict.ts';
import type { Family, Variant } from './models/catalog.ts';
import { families, familyById, variantById } from './models/catalog-data.ts';
import { absoluteUrls, engineRecord, modelBaseUrl } from './models/catalog-record.ts';
import type { Facts } from './models/facts.ts';
import { keepsFiles, Preflights, type Preflight } from './models/preflights.svelte.ts';
import type { Address } from './chat/address.ts';
import { ConversationList } from './chat/conversation-list.svelte.ts';
import { MemoryRecord } from './panel/memory-record.svelte.ts';
import { create, type Conversation } from './chat/conversation.ts';
import { Session, type Answering, type SessionHost } from './chat/session.svelte.ts';
import { lazily } from './storage/lazily.ts';
import { defaultSettings, parseSettings, Persisted } from './storage/settings.svelte.ts';
import { Announcer } from './ui/announcer.svelte.ts';
import { Failure, fromWire } from './worker/failure.ts';
import { MODEL_HOSTS } from './worker/policy.ts';
import { guarded } from './worker/guard.ts';

/**
 * The detail of the window's `headroom:loaded` event. Planned: from the files alone, without what was measured here.
 * Corrected: with what loads of other variants said before this one.
 */
export interface LoadedDetail {
	variantId: string;
	contextWindow: number;
	plannedAfterLoadBytes: number | null;
	plannedPeakBytes: number | null;
	/** Part of the planned peak: buffers for choosing tokens. */
	plannedSamplingBytes: number | null;
	correctedPeakBytes: number | null;
	afterLoadBytes: number;
	peakBytes: number;
	loadMs: number;
	firstTokenMs: number;
	swapGapMs: number | null;
	/** Who chooses the tokens. */
	tokenSampling: TokenSampling;
}

/** Importing the engine takes a core for a second. */
const QUIET_MS = 2_000;
/** What was chosen for so long is not only passed through. */
const CHOSEN_MS = 400;

/** Wires the parts together; the one place that knows them all. */
export class App {
	readonly families: readonly Family[] = families;
	readonly settings = new Persisted('settings', parseSettings);
	/** What the meter saw of earlier loads, and which ran out of memory. */
	readonly history = new Persisted('history', parseHistory);
	readonly conversations = lazily(async () => {
		const { ConversationStore } = await import('./storage/conversations.ts');
		return new ConversationStore();
	});
	readonly files = new Files(async () => {
		// Before the settings are read nobody knows that airplane mode is on.
		await Promise.all([this.settings.ready, guarded()]);
		const { airplane, extraHosts } = this.settings.current;
		return airplane ? [] : [...MODEL_HOSTS, ...extraHosts];
	});
	/** What was read of each variant before its weights. */
	readonly preflights = new Preflights(this.files, (variant) => this.#source(variant));
	readonly loader = new Loader(this.files, this.#loaderHost());
	/** Models kept for later, downloaded without being loaded. */
	readonly queue = new DownloadQueue(this.files, (variantId) => {
		const variant = variantById.get(variantId);
		return variant ? this.#source(variant) : null;
	});
	readonly session = new Session(this.#sessionHost(), this.conversations);

	/** GPU bytes over time. */
	readonly memory = new MemoryRecord();
	readonly announcer = new Announcer();
	readonly list = new ConversationList(this.conversations, this.session);

	/** null: not asked yet. */
	reading = $state.raw<DeviceReading | null>(null);
	/** The message to show of the conversation that is opened next. */
	target: string | null = null;
	/** Why this engine cannot sample on the CPU, found when it was to; null: it can, as far as is known. */
	leanProblem = $state.raw<Failure | null>(null);
	/** What a link suggests to choose, by its name; null: nothing. It does nothing until a person takes it up. */
	suggested = $state.raw<string | null>(null);
	/** Settings, device and the last conversation are there. */
	ready = $state.raw(false);
	/** Fetched where there are loads to learn from, and with the first one. */
	#calibrating = $state.raw<typeof import('./memory/calibrate.ts') | null>(null);
	#choice = $state.raw<{ variantId: string; contextWindow: number } | null>(null);
	/** Counts the conversations that were asked for: the last one wins. */
	#opening = 0;

	readonly #baseUrl: string;

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
	/** What the loads on this adapter say of the plans of their kinds of library. */
	readonly calibrations: Calibrations = $derived(
		this.device && this.#calibrating
			? this.#calibrating.calibrationsOf(this.history.current.loads, adapterKey(this.device))
			: NO_CALIBRATIONS
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
	/** Loaded, or being loaded. */
	readonly variantsInUse: readonly Variant[] = $derived.by(() => {
		const { loaded, status } = this.loader;
		return [
			...(loaded ? [loaded.variant] : []),
			...(status.kind === 'idle' ? [] : [status.target.variant])
		];
	});
	readonly plan: Judgement = $derived(this.planOf(this.variant, this.contextWindow));
	readonly offers: readonly Offer[] = $derived(
		offers(this.plan, this.families, (variant) => this.knownOf(variant), this.situation)
	);
	readonly preflight: Preflight | null = $derived(this.preflights.of(this.variant));
	/** The chosen variant at the chosen window is what is loaded. */
	readonly chosenIsLoaded: boolean = $derived(
		this.loader.loaded?.variant.id === this.variant.id &&
			this.loader.loaded.contextWindow === this.contextWindow
	);

	readonly #idle = new IdleTimer(
		() => this.settings.current.idleUnloadMinutes,
		(minutes) => {
			if (!this.session.busy) void this.loader.unloadIdle(minutes);
		}
	);

	constructor(baseUrl: string) {
		this.#baseUrl = baseUrl;
	}

	/** Reads device and settings and opens what the address names, else the latest conversation. */
	async start(address: Address) {
		// What is being mounted takes messages before the scripts of the conversations come.
		const conversations = new Promise((mounted) => setTimeout(mounted)).then(() =>
			Promise.all([this.openAddress(address), this.list.start()])
		);
		const [reading] = await Promise.all([
			askDevice(),
			this.settings.ready,
			this.history.ready,
			guarded()
		]);
		this.reading = reading;
		const stored = this.settings.current.choice;
		if (stored && variantById.has(stored.variantId)) this.#choice = stored;
		this.#suggest(address.model);
		await conversations;
		if (this.history.current.loads.length > 0) await this.#fetchCalibrating();
		await this.#tellOfCrash();
		this.ready = true;
		this.preflights.schedule(this.variant);
		void this.#tidyPocket();
		void this.queue.hold(this.settings.current.airplane);
		void this.queue.restore();
		if (reading.kind === 'ready') void this.#spareWhenQuiet();
	}

	/** A shared text is put into the message of a new conversation, where nothing sends it but a click. */
	async openAddress({ conversation, model, shared }: Address) {
		this.#suggest(model);
		if (shared !== null) {
			await this.openConversation('new');
			this.session.draft = shared;
		} else if (conversation !== null || !this.ready) await this.openConversation(conversation);
	}

	#suggest(model: string | null) {
		if (model !== null) this.suggested = model === this.variant.id ? null : model;
	}

	/** `new`: an empty one. null: the latest. Shows `target` if it is set. */
	async openConversation(id: string | null) {
		const opening = ++this.#opening;
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
			// Another one was picked while this was read.
			if (opening !== this.#opening) return;
			if (found) await this.session.open(found, { keepDraft: !this.ready });
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
		return this.preflights.facts(variant);
	}

	maxContextWindow(variant: Variant): number {
		return maxContextWindow(variant, this.facts(variant));
	}

	#judgeAs(
		sampling: TokenSampling,
		{ variant, contextWindow }: Target,
		situation = this.situation
	): Judgement {
		return judgeAs(sampling, variant, contextWindow, this.knownOf(variant), situation);
	}

	/** What has been learned of a variant: its files, what the meter saw of it here, and of others of its kind. */
	knownOf(variant: Variant): Knowledge {
		// What this engine cannot do is not planned with.
		const setting = this.leanProblem ? 'never' : this.settings.current.leanSampling;
		return {
			facts: this.facts(variant),
			...this.#seen(variant, 'engine'),
			...(setting !== 'never' && { lean: { setting, ...this.#seen(variant, 'lean') } })
		};
	}

	#seen(variant: Variant, sampling: TokenSampling) {
		const key = this.#loadKey(variant, sampling);
		if (!key) return { measured: [], failedWindow: null, calibration: null };
		return {
			measured: measuredOf(this.history.current, key),
			failedWindow: failedWindow(this.history.current, key, Date.now()),
			calibration: calibrationFor(this.calibrations, sampling, {
				url: key.libraryUrl,
				fingerprint: this.facts(variant)?.library?.fingerprint ?? null
			})
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
		this.preflights.schedule(this.variant);
		void this.#prepareChosen();
	}

	/** In airplane mode no worker may reach any host but the page's own. */
	async setAirplane(airplane: boolean) {
		await this.settings.set({ airplane });
		if (airplane) await this.queue.hold(true);
		this.files.restart();
		if (!airplane) await this.queue.hold(false);
	}

	/** Hosts that models may come from beside the catalogue's own. */
	async setExtraHosts(hosts: readonly string[]) {
		await this.settings.set({ extraHosts: [...hosts] });
		this.files.restart();
	}

	/** Loads the chosen variant, or swaps to it. */
	load(anyway = false): Promise<boolean> {
		return this.loader.load(this.#target(anyway));
	}

	/** Loads what failed, or what another tab runs, after that tab has let it go. */
	takeOver(): Promise<boolean> {
		return this.loader.load(this.loader.problem?.target ?? this.#target(), { takeOver: true });
	}

	/** Loads the smaller thing that is offered after a failure. */
	loadSmaller(): Promise<boolean> {
		const next = this.loader.problem?.next;
		if (!next) return Promise.resolve(false);
		this.choose(next.variant.id, next.contextWindow);
		return this.loader.load(next);
	}

	/** Reads the library too, so that the plan is exact. */
	checkExactly(): Promise<void> {
		return this.preflights.readAhead(this.variant, { library: true });
	}

	/** Takes the library that its host has now in place of the one that was loaded here, and reads it. */
	async acceptLibrary(variant: Variant) {
		const source = this.#source(variant);
		await this.files.acceptLibrary(source);
		await this.history.update((history) => withoutLibrary(history, source.libraryUrl));
		this.preflights.forgetLibrary(
			variant.libraryUrl,
			this.families.flatMap(({ variants }) => variants)
		);
		if (this.loader.problem?.failure.detail.reason === 'changed') this.loader.dismissProblem();
		await this.preflights.readAhead(variant, { library: true });
	}

	/** Where the files of a variant lie, by the URLs that are the keys of the caches. */
	sourceOf(variant: Variant): ModelSource {
		return this.#source(variant);
	}

	/** Until the model's config was read nobody knows how large its window may be: then what was chosen is asked for. */
	#target(anyway = false): Target {
		const { variant } = this;
		const unread = this.facts(variant)?.config == null;
		return {
			variant,
			contextWindow: (unread ? this.#choice?.contextWindow : null) ?? this.contextWindow,
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

	#loadKey(variant: Variant, sampling: TokenSampling): LoadKey | null {
		if (!this.device) return null;
		const { libraryUrl } = absoluteUrls(variant, this.#baseUrl);
		return { variantId: variant.id, libraryUrl, adapter: adapterKey(this.device), sampling };
	}

	async #latestConversation() {
		const [latest] = await this.conversations.list();
		return latest ? this.conversations.load(latest.id) : null;
	}

	async #modelForAnswer(signal: AbortSignal): Promise<Loaded> {
		this.#idle.used();
		const awaited = this.loader.busy && !this.loader.loaded;
		if (awaited) await Promise.race([this.loader.settled(), aborted(signal)]);
		if (signal.aborted) throw new Failure('cancelled', 'Cancelled.');
		if (this.loader.loaded) return this.loader.loaded;
		// What killed the tab, or failed just now, is loaded again only by a click on it.
		const { problem } = this.loader;
		if (problem && (awaited || problem.failure.kind === 'tab-died')) throw problem.failure;
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

	/** A tab that died while it loaded left a mark; a tab that is loading just now left one too. */
	async #tellOfCrash() {
		const marker = readMarker();
		const variant = marker && variantById.get(marker.variantId);
		if (!variant || (await someTabHasEngine())) return;
		clearMarker();
		this.loader.reportCrash({ variant, contextWindow: marker.contextWindow }, marker);
		// Its files lie on disk; what they say of its size is not read yet.
		const { signal } = new AbortController();
		void this.preflights
			.read(variant, { library: true, signal })
			.then(() => this.loader.reconsider());
	}

	#smaller({ variant, contextWindow }: Target): Target | null {
		const { variants } = this.familyOf(variant);
		return nextSmaller({ variant, contextWindow }, variants, (one) => this.knownOf(one), {
			...this.situation,
			// Whatever is loaded leaves before it.
			outgoingBytes: this.loader.meter.liveBytes
		});
	}

	#loaderHost(): LoaderHost {
		return {
			afterFailure: () => this.settings.current.afterFailure,
			smaller: (failed) => this.#smaller(failed),
			fellBack: ({ variant, contextWindow }) => this.choose(variant.id, contextWindow),
			gpuGone: () => {
				void askDevice().then((reading) => (this.reading = reading));
			},
			describe: () => {
				const { loaded } = this.loader;
				return {
					model: loaded
						? `${this.familyOf(loaded.variant).name} ${loaded.variant.quantization.name}`
						: 'A model',
					conversation: this.session.conversation.title
				};
			},
			source: (variant) => this.#source(variant),
			request: (target) => {
				const { variant, contextWindow, tokenSampling } = target;
				return {
					record: engineRecord(
						variant,
						contextWindow,
						this.#baseUrl,
						this.files.revision(this.#source(variant)) ?? 'main',
						this.facts(variant)?.config
					),
					overrides: {},
					tokenSampling: tokenSampling ?? this.planOf(variant, contextWindow).sampling,
					mayFallBack: admitted(this.#judgeAs('engine', target).verdict, target)
				};
			},
			withoutLean: (target, problem) => {
				this.leanProblem = problem;
				const { verdict } = this.#judgeAs('engine', target);
				return admitted(verdict, target) ? problem : blocked(verdict);
			},
			within: (target, facts) => ({
				...target,
				contextWindow: Math.min(target.contextWindow, maxContextWindow(target.variant, facts))
			}),
			admit: (target, facts) => {
				this.preflights.learn(target.variant, facts);
				const { verdict } = this.planOf(target.variant, target.contextWindow);
				if (!admitted(verdict, target)) throw blocked(verdict);
			},
			fitsBeside: (target) => {
				// As it will be loaded, not as it might be if there were less room.
				const { sampling } = this.planOf(target.variant, target.contextWindow);
				return (
					this.#judgeAs(sampling, target, { ...this.situation, outgoingBytes: 0 }).verdict.kind ===
					'fits'
				);
			},
			beforeRelease: () => this.session.stop(),
			loaded: (loaded) => {
				this.#announce(loaded);
				void this.files.pinLibrary(this.#source(loaded.variant)).catch(() => undefined);
				this.#idle.used();
				void this.#spareWhenQuiet();
				const { result } = loaded;
				if (result.leanProblem) this.leanProblem = fromWire(result.leanProblem);
				void this.#learnFrom(loaded).catch(() => undefined);
			},
			failed: ({ target: { variant, contextWindow }, failure }) => {
				void this.#spareWhenQuiet();
				// What the engine could not use must not be read again.
				if (failure.kind === 'engine') void this.files.distrust(this.#source(variant));
				const { sampling, estimate } = this.planOf(variant, contextWindow);
				const key = this.#loadKey(variant, sampling);
				const neededBytes = estimate?.peakBytes;
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

	/** Keeps what a load took: for the next time, and for other variants with the same kind of library. */
	async #learnFrom({ variant, contextWindow, facts, result }: Loaded) {
		const key = this.#loadKey(variant, result.tokenSampling);
		if (!key) return;
		const at = Date.now();
		const { afterLoadBytes, peakBytes } = result;
		const measured = { ...key, contextWindow, afterLoadBytes, peakBytes, at };
		void this.history.update((history) => recordMeasurement(history, measured));
		await this.#fetchCalibrating();
		const { observe } = await import('./memory/observe.ts');
		const load = observe({ ...key, variant, contextWindow, facts, reading: result, at });
		if (load) void this.history.update((history) => recordLoad(history, load));
	}

	/** Without it plans are what they were before anything was loaded. */
	async #fetchCalibrating() {
		this.#calibrating ??= await import('./memory/calibrate.ts').catch(() => null);
	}

	/** For whoever measures the page from outside: the figures of a load, to the byte and to the millisecond. */
	#announce({ variant, contextWindow, facts, result }: Loaded) {
		const sampling = result.tokenSampling;
		const { calibration } = this.#seen(variant, sampling);
		const planned = estimate(variant, contextWindow, facts, [], { sampling });
		const corrected = estimate(variant, contextWindow, facts, [], { sampling, calibration });
		const detail: LoadedDetail = {
			variantId: variant.id,
			contextWindow,
			plannedAfterLoadBytes: planned?.afterLoadBytes ?? null,
			plannedPeakBytes: planned?.peakBytes ?? null,
			plannedSamplingBytes: planned?.samplingBytes ?? null,
			correctedPeakBytes: corrected?.peakBytes ?? null,
			afterLoadBytes: result.afterLoadBytes,
			peakBytes: result.peakBytes,
			loadMs: result.loadMs,
			firstTokenMs: result.firstTokenMs,
			swapGapMs: this.loader.swapGapMs,
			tokenSampling: result.tokenSampling
		};
		window.dispatchEvent(new CustomEvent('headroom:loaded', { detail }));
	}

	/** The next load starts from an engine imported ahead; what is waited for now goes first. */
	async #spareWhenQuiet() {
		do await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
		while (this.session.busy || this.loader.busy);
		this.loader.prepareSpare();
	}

	/** Unless another is chosen, or loaded, before. */
	async #prepareChosen() {
		const choice = this.#choice;
		do {
			await new Promise((resolve) => setTimeout(resolve, CHOSEN_MS));
			const failed = this.loader.problem?.target.variant === this.variant;
			if (this.#choice !== choice || this.loader.busy || failed) return;
		} while (this.session.busy);
		if (!this.chosenIsLoaded) await this.loader.prepare(this.#target());
	}

	/** Older builds of the site left their own pocket on the disk. */
	async #tidyPocket() {
		if (!keepsFiles()) return;
		const pocket = this.families.find(({ id }) => id === 'pocket')?.variants[0];
		if (!pocket) return;
		await this.files.tidyBeside(absoluteUrls(pocket, this.#baseUrl).modelUrl);
	}
}

const admitted = (verdict: Verdict, { anyway }: Target): boolean =>
	verdict.kind !== 'blocked' || (anyway === true && verdict.overridable);

function blocked({ reasons }: Verdict): Failure {
	const [first] = reasons;
	return new Failure('blocked', reasons.map(({ sentence }) => sentence).join(' '), {
		...(first && { reason: first.code })
	});
}

/** The GPU is asked beside what the page needs to take a message, not before it. */
async function askDevice(): Promise<DeviceReading> {
	const { readDevice } = await import('./device/adapter.ts');
	return readDevice();
}

const aborted = (signal: AbortSignal) =>
	new Promise<void>((resolve) => {
		signal.addEventListener('abort', () => resolve(), { once: true });
	});

export const defaultReserveBytes = defaultSettings.reserveBytes;
export const [getApp, setApp] = createContext<App>();
