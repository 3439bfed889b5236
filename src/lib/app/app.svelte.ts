import { Resident } from '../runner/resident.ts';
import { createContext, untrack } from 'svelte';
import type { DeviceReading } from '#plan/device/adapter.ts';
import type { Budget } from '#plan/device/budget.ts';
import { browserParts, type AppParts, type Planner } from './parts.ts';
import { IdleTimer } from '../runner/idle.ts';
import { Loader, type LoadEnd, type LoaderHost } from '../runner/loader.svelte.ts';
import { cancelled } from '../runner/start.ts';
import type { Loaded, Target } from '../runner/target.ts';
import type { Sampling } from '../engine/sampling.ts';
import type { Tenant } from '../runner/tenancy.ts';
import { DownloadQueue } from '../files/download-queue.svelte.ts';
import type { ModelSource } from '../files/protocol.ts';
import { calibrationFor, NO_CALIBRATIONS, type Calibrations } from '#plan/memory/calibration.ts';
import { maxContextWindow } from '#plan/memory/context-limit.ts';
import {
	adapterKey,
	failedWindow,
	measuredOf,
	observedCeiling,
	recordFailure,
	recordLoad,
	recordMeasurement,
	withoutLibrary,
	type LoadKey
} from '#plan/memory/history.ts';
import type { Judgement, Knowledge } from '#plan/memory/judge.ts';
import type { TokenSampling } from '#plan/memory/sampling.ts';
import type { Offer, Situation, Verdict } from '#plan/memory/verdict.ts';
import type { Family, Variant } from '#plan/models/catalog.ts';
import { families, familyById, variantById } from '#plan/models/catalog-data.ts';
import { absoluteUrls, engineRecord, modelBaseUrl } from '../engine/webllm/catalog-record.ts';
import type { Facts } from '#plan/models/facts.ts';
import { keepsFiles, Preflights, type Preflight } from '../files/preflights.svelte.ts';
import type { Address } from '../chat/address.ts';
import { ConversationList } from '../chat/conversation-list.svelte.ts';
import { MemoryRecord } from './memory-record.svelte.ts';
import { create, type Conversation } from '../chat/conversation.ts';
import type { AnswerHost, Answering, RunEnding } from '../chat/answer-host.ts';
import { Answers } from '../chat/answers.svelte.ts';
import { Session } from '../chat/session.svelte.ts';
import { pathOf } from '../kit/names.ts';
import { defaultSettings } from '../settings/settings.svelte.ts';
import { Announcer } from '../ui/announcer.svelte.ts';
import { Mishaps } from '../ui/mishaps.svelte.ts';
import { Failure, fromWire } from '../rpc/failure.ts';
import { reachableHosts } from '../network/reach.ts';

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
	readonly settings: AppParts['settings'];
	/** What the meter saw of earlier loads, and which ran out of memory. */
	readonly history: AppParts['history'];
	readonly conversations: AppParts['conversations'];
	readonly files: AppParts['files'];
	/** What was read of each variant before its weights. */
	readonly preflights: Preflights;
	readonly loader: Loader;
	/** Models kept for later, downloaded without being loaded. */
	readonly queue: DownloadQueue;
	/** What is asked, in all conversations. */
	readonly answers: Answers;
	/** The conversation that is shown. */
	readonly session: Session;
	readonly list: ConversationList;
	readonly mishaps: Mishaps;

	/** GPU bytes over time. */
	readonly memory = new MemoryRecord();
	readonly announcer = new Announcer();

	/** null: not asked yet. */
	reading = $state.raw<DeviceReading | null>(null);
	/** Why this engine cannot sample on the CPU, found when it was to; null: it can, as far as is known. */
	leanProblem = $state.raw<Failure | null>(null);
	/** What a link suggests to choose, by its name; null: nothing. It does nothing until a person takes it up. */
	suggested = $state.raw<string | null>(null);
	/** Settings, device and the last conversation are there. */
	ready = $state.raw(false);
	/** null: its script has not come yet. */
	planner = $state.raw<Planner | null>(null);
	#choice = $state.raw<{ variantId: string; contextWindow: number } | null>(null);
	/** The conversation that was asked for last, while it is read: the last one wins. */
	#opening: { id: string | null } | null = null;
	#stopWatching = () => {};

	readonly #baseUrl: string;
	readonly #parts: AppParts;

	readonly device = $derived(this.reading?.kind === 'ready' ? this.reading.device : null);
	readonly budget: Budget | null = $derived.by(
		() =>
			this.device &&
			this.planner &&
			this.planner.budgetOf(this.device, {
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
	readonly calibrations: Calibrations = $derived.by(() =>
		this.device && this.planner
			? this.planner.calibrationsOf(this.history.current.loads, adapterKey(this.device))
			: NO_CALIBRATIONS
	);
	/** The page holds the outgoing model's bytes until it is let go, so they count as free for the next. */
	readonly situation: Situation = $derived.by(() => ({
		reading: this.reading,
		budget: this.budget,
		threshold: this.settings.current.thresholdRatio ?? 'off',
		usedBytes: this.loader.meter.liveBytes,
		outgoingBytes: this.loader.loaded ? this.loader.meter.liveBytes : 0
	}));

	readonly variant: Variant = $derived(this.#chosenVariant());
	readonly family: Family = $derived(this.familyOf(this.variant));
	readonly contextWindow: number = $derived(
		Math.min(
			this.#choice?.contextWindow ?? this.variant.defaultContextWindow,
			this.maxContextWindow(this.variant)
		)
	);
	/** What answers the next message: the loaded variant, else the chosen one. */
	readonly answeringVariant: Variant = $derived.by(
		() => this.loader.loaded?.variant ?? this.variant
	);
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
		this.planner?.offers(
			this.plan,
			this.families,
			(variant) => this.knownOf(variant),
			this.situation
		) ?? []
	);
	readonly preflight: Preflight | null = $derived.by(() => this.preflights.of(this.variant));
	/** The chosen variant at the chosen window is what is loaded. */
	readonly chosenIsLoaded: boolean = $derived.by(
		() =>
			this.loader.loaded?.variant.id === this.variant.id &&
			this.loader.loaded.contextWindow === this.contextWindow
	);

	readonly #idle: IdleTimer;
	#resident: Resident | null = null;

	/** `baseUrl`: where the site lies, with a trailing slash. */
	constructor(baseUrl: string, parts: AppParts = browserParts(baseUrl)) {
		this.#baseUrl = baseUrl;
		this.#parts = parts;
		this.settings = parts.settings;
		this.history = parts.history;
		this.conversations = parts.conversations;
		this.files = parts.files;
		this.preflights = new Preflights(parts.files, (variant) => this.#source(variant));
		this.queue = new DownloadQueue(
			parts.files,
			(variantId) => {
				const variant = variantById.get(variantId);
				return variant ? this.#source(variant) : null;
			},
			{ path: pathOf(baseUrl) }
		);
		this.answers = new Answers(this.#answerHost());
		this.session = new Session(this.answers, parts.conversations);
		this.list = new ConversationList(parts.conversations, this.session, this.answers);
		this.loader = new Loader({ ...parts, host: this.#loaderHost() });
		this.mishaps = new Mishaps(this.loader.journal);
		this.#idle = new IdleTimer(
			() => this.settings.current.idleUnloadMinutes,
			(minutes) => {
				if (!this.answers.busy) void this.loader.unloadIdle(minutes);
			}
		);
	}

	/** Reads device and settings and opens what the address names, else the latest conversation. */
	async start(address: Address) {
		this.#stopWatching = this.mishaps.watch(window);
		try {
			await this.#start(address);
		} catch (thrown) {
			this.mishaps.note(thrown);
		}
	}

	async #start(address: Address) {
		// What is being mounted takes messages before the scripts of the conversations come.
		const conversations = new Promise((mounted) => setTimeout(mounted)).then(() =>
			Promise.all([this.openAddress(address), this.list.start()])
		);
		const network = Promise.all([this.settings.ready, this.#parts.guarded()]).then(() =>
			this.#follow()
		);
		const [reading, planner] = await Promise.all([
			this.#parts.askDevice(),
			this.#parts.planner(),
			this.history.ready,
			network,
			conversations
		]);
		this.planner = planner;
		this.reading = reading;
		const stored = this.settings.current.choice;
		if (stored && variantById.has(stored.variantId)) this.#choice = stored;
		this.#suggest(address.model);
		await this.#tellOfCrash();
		this.ready = true;
		void this.#keepDrafts();
		this.preflights.schedule(this.variant);
		void this.#tidyPocket();
		void this.queue.restore();
		if (reading.kind === 'ready') void this.#spareWhenQuiet();
	}

	/** What must follow the settings, or what is loaded, whoever changed it: this page, another tab, an import, an undo. */
	#follow() {
		const stop = $effect.root(() => {
			$effect(() => {
				const { airplane } = this.settings.current;
				this.files.allow(reachableHosts(this.settings.current));
				untrack(() => void this.queue.hold(airplane));
			});
			$effect(() => this.#parts.tenancy.describe(this.#tenant()));
		});
		const before = this.#stopWatching;
		this.#stopWatching = () => {
			stop();
			before();
		};
	}

	/** Ends what goes on by itself. */
	dispose() {
		this.#stopWatching();
		this.#idle.stop();
		this.files.end();
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

	/** `new`: an empty one. null: the latest. `messageId`: what is to be brought into view. */
	async openConversation(id: string | null, messageId: string | null = null) {
		// The address that follows a click names what is being opened.
		if (id !== null && messageId === null && this.#opening?.id === id) return;
		const opening = { id };
		this.#opening = opening;
		try {
			if (id === 'new') {
				if (this.session.messages.length > 0) this.newConversation();
				return;
			}
			if (id === null || id !== this.session.conversation.id) {
				const found =
					id === null
						? await this.#latestConversation()
						: (this.answers.thread(id)?.conversation ?? (await this.conversations.load(id)));
				// Another one was picked while this was read.
				if (opening !== this.#opening) return;
				if (found) this.session.open(found, { keepDraft: !this.ready });
				else if (id !== null) this.list.problem = 'That conversation is not in this browser.';
			}
			if (messageId !== null) await this.session.reveal(messageId);
		} catch (error) {
			this.list.problem = error instanceof Error ? error.message : String(error);
		} finally {
			if (opening === this.#opening) this.#opening = null;
		}
	}

	newConversation() {
		this.session.open(create());
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
		situation = this.situation,
		facts = this.facts(variant)
	): Judgement {
		const known = { ...this.knownOf(variant), facts };
		return (
			this.planner?.judgeAs(sampling, variant, contextWindow, known, situation) ??
			undecided(variant, contextWindow)
		);
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
		return this.#judge(variant, contextWindow, this.knownOf(variant));
	}

	#judge(variant: Variant, contextWindow: number, known: Knowledge): Judgement {
		return (
			this.planner?.judge(variant, contextWindow, known, this.situation) ??
			undecided(variant, contextWindow)
		);
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

	/** Loads the chosen variant, or swaps to it. */
	load(anyway = false): Promise<LoadEnd> {
		return this.loader.load(this.#target(anyway));
	}

	/** What is being written stops; what waits is answered when something is loaded again. */
	async unload() {
		this.answers.hold(new Failure('nothing-loaded', 'The model was unloaded.'));
		// Before the engine leaves: what is being read for stops too.
		const stopped = this.answers.stop();
		await Promise.all([stopped, this.loader.unload()]);
	}

	/** Loads what failed, or what another tab runs, after that tab has released it. */
	takeOver(): Promise<LoadEnd> {
		return this.loader.load(this.loader.problem?.target ?? this.#target(), { takeOver: true });
	}

	/** Loads the smaller thing that is offered after a failure. */
	async loadSmaller() {
		const next = this.loader.problem?.next;
		if (!next) return;
		this.choose(next.variant.id, next.contextWindow);
		await this.loader.load(next);
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
		const { loader } = this;
		const known = loader.problem;
		let awaited = false;
		for (;;) {
			if (signal.aborted) throw cancelled();
			if (loader.loaded && !loader.leaving) return loader.loaded;
			if (loader.busy) {
				awaited = true;
				await Promise.race([loader.settled(), aborted(signal)]);
				continue;
			}
			const { problem } = loader;
			// What killed the tab, or failed just now, is loaded again only by a click on it.
			if (problem && (problem.failure.kind === 'tab-died' || (awaited && problem !== known)))
				throw problem.failure;
			awaited = true;
			const end = await this.#loadFor(signal);
			if (end === 'cancelled' || end === 'unloaded') throw cancelled();
			if (end === 'failed' && !loader.loaded)
				throw loader.problem?.failure ?? new Failure('nothing-loaded', 'No model is loaded.');
		}
	}

	/** Loads what is chosen for one answer. Stopping it ends the load, unless others wait for it. */
	#loadFor(signal: AbortSignal): Promise<LoadEnd> {
		const load = new AbortController();
		const stop = () => {
			const ending: unknown = signal.reason;
			if (ending !== ('passed-on' satisfies RunEnding)) load.abort();
		};
		signal.addEventListener('abort', stop, { once: true });
		const loading = this.loader
			.load(this.#target(), { signal: load.signal })
			.finally(() => signal.removeEventListener('abort', stop));
		return Promise.race([loading, aborted(signal).then(() => 'cancelled' as const)]);
	}

	/** The same for as long as the same load answers: what its engine still holds is told by it. */
	#residentOf(loaded: Loaded): Resident {
		if (this.#resident?.loaded !== loaded)
			this.#resident = new Resident(loaded, this.familyOf(loaded.variant).name);
		return this.#resident;
	}

	#answering(): Answering {
		const variant = this.answeringVariant;
		return {
			label: this.familyOf(variant).name,
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

	#answerHost(): AnswerHost {
		return {
			engine: async (signal) => this.#residentOf(await this.#modelForAnswer(signal)),
			answering: () => this.#answering(),
			enlarge: async (contextWindow, signal) => {
				this.choose(this.answeringVariant.id, contextWindow);
				return (await this.#loadFor(signal)) === 'loaded';
			},
			sampling: (conversation) => this.samplingOf(conversation)
		};
	}

	/** What another tab is told of this one while this one has the engine. */
	#tenant(): Tenant {
		const { loaded, status } = this.loader;
		const variant = status.kind === 'idle' ? loaded?.variant : status.target.variant;
		return {
			model: variant ? `${this.familyOf(variant).name} ${variant.quantization.name}` : 'A model',
			conversation: this.#answeredTitle()
		};
	}

	async #keepDrafts() {
		try {
			const { Drafts } = await import('../chat/drafts.svelte.ts');
			const drafts = new Drafts(this.session, this.#parts.drafts);
			const before = this.#stopWatching;
			this.#stopWatching = () => {
				void drafts.dispose();
				before();
			};
			await this.#parts.drafts.prune();
		} catch (thrown) {
			this.mishaps.note(thrown);
		}
	}

	/** Of the conversation that is being answered, else of the one that is shown. */
	#answeredTitle(): string {
		const { running } = this.answers.queue;
		return running ? this.answers.titleOf(running) : this.session.conversation.title;
	}

	/** A tab that died while it loaded left a mark; a tab that is loading just now left one too. */
	async #tellOfCrash() {
		const { marker, tenancy } = this.#parts;
		const crash = marker.read();
		const variant = crash && variantById.get(crash.variantId);
		if (!variant || (await tenancy.occupied())) return;
		marker.clear();
		this.loader.reportCrash({ variant, contextWindow: crash.contextWindow }, crash);
		// Its files lie on disk; what they say of its size is not read yet.
		const { signal } = new AbortController();
		void this.preflights
			.read(variant, { library: true, signal })
			.then(() => this.loader.reconsider());
	}

	#smaller({ variant, contextWindow }: Target): Target | null {
		const { variants } = this.familyOf(variant);
		// Whatever is loaded leaves before it.
		const situation = { ...this.situation, outgoingBytes: this.loader.meter.liveBytes };
		return (
			this.planner?.nextSmaller(
				{ variant, contextWindow },
				variants,
				(one) => this.knownOf(one),
				situation
			) ?? null
		);
	}

	#loaderHost(): LoaderHost {
		return {
			afterFailure: () => this.settings.current.afterFailure,
			smaller: (failed) => this.#smaller(failed),
			fellBack: ({ variant, contextWindow }) => this.choose(variant.id, contextWindow),
			gpuGone: () => {
				void this.#parts.askDevice().then((reading) => (this.reading = reading));
			},
			source: (variant) => this.#source(variant),
			fetching: (variant) => this.queue.giveWay(variant.id),
			request: (target, { facts, revision }) => {
				const { variant, contextWindow, tokenSampling } = target;
				return {
					record: engineRecord(variant, contextWindow, this.#baseUrl, revision, facts.config),
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
				const { variant, contextWindow } = target;
				this.preflights.learn(variant, facts);
				const known = { ...this.knownOf(variant), facts };
				const { verdict } = this.#judge(variant, contextWindow, known);
				if (!admitted(verdict, target)) throw blocked(verdict);
			},
			fitsBeside: (target, facts) => {
				// As it will be loaded, not as it might be if there were less room.
				const { sampling } = this.planOf(target.variant, target.contextWindow);
				const situation = { ...this.situation, outgoingBytes: 0 };
				return this.#judgeAs(sampling, target, situation, facts).verdict.kind === 'fits';
			},
			stopWriters: () => this.answers.stopWriting(),
			loaded: (loaded) => {
				this.#announce(loaded);
				void this.answers.goOn();
				void this.files.pinLibrary(this.#source(loaded.variant)).catch(() => undefined);
				this.#idle.used();
				void this.#spareWhenQuiet();
				const { result } = loaded;
				if (result.leanProblem) this.leanProblem = fromWire(result.leanProblem);
				this.#learnFrom(loaded);
			},
			failed: ({ target: { variant, contextWindow }, failure }) => {
				void this.#spareWhenQuiet();
				// A file in which something is found wrong must not be read again.
				if (failure.kind === 'engine' || failure.detail.part === 'library')
					void this.files.distrust(this.#source(variant)).catch(() => undefined);
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
	#learnFrom({ variant, contextWindow, facts, result }: Loaded) {
		const key = this.#loadKey(variant, result.tokenSampling);
		if (!key) return;
		const at = Date.now();
		const { afterLoadBytes, peakBytes } = result;
		const observed = { ...key, variant, contextWindow, facts, reading: result, at };
		const load = this.planner?.observe(observed) ?? null;
		void this.history.update((history) => {
			const measured = recordMeasurement(history, {
				...key,
				contextWindow,
				afterLoadBytes,
				peakBytes,
				at
			});
			return load ? recordLoad(measured, load) : measured;
		});
	}

	/** For whoever measures the page from outside: the figures of a load, to the byte and to the millisecond. */
	#announce({ variant, contextWindow, facts, result }: Loaded) {
		const sampling = result.tokenSampling;
		const { calibration } = this.#seen(variant, sampling);
		const estimate = this.planner?.estimate;
		const planned = estimate?.(variant, contextWindow, facts, [], { sampling });
		const corrected = estimate?.(variant, contextWindow, facts, [], { sampling, calibration });
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
		while (this.answers.busy || this.loader.busy);
		this.loader.prepareSpare();
	}

	/** Unless another is chosen, or loaded, before. */
	async #prepareChosen() {
		const choice = this.#choice;
		do {
			await new Promise((resolve) => setTimeout(resolve, CHOSEN_MS));
			const failed = this.loader.problem?.target.variant === this.variant;
			if (this.#choice !== choice || this.loader.busy || failed) return;
		} while (this.answers.busy);
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

/** Before the planner has come. */
const undecided = (variant: Variant, contextWindow: number): Judgement => ({
	variant,
	contextWindow,
	estimate: null,
	verdict: {
		kind: 'tight',
		reasons: [
			{ code: 'estimate-uncertain', sentence: 'How much memory it takes is not known yet.' }
		],
		warnings: [],
		overridable: false
	},
	sampling: 'engine',
	savedBytes: 0
});

const admitted = (verdict: Verdict, { anyway }: Target): boolean =>
	verdict.kind !== 'blocked' || (anyway === true && verdict.overridable);

function blocked({ reasons }: Verdict): Failure {
	const [first] = reasons;
	return new Failure('blocked', reasons.map(({ sentence }) => sentence).join(' '), {
		...(first && { reason: first.code })
	});
}

const aborted = (signal: AbortSignal) =>
	new Promise<void>((resolve) => {
		if (signal.aborted) resolve();
		signal.addEventListener('abort', () => resolve(), { once: true });
	});

export const defaultReserveBytes = defaultSettings.reserveBytes;
export const [getApp, setApp] = createContext<App>();
