import { createContext, untrack } from 'svelte';
import type { Adaptation } from './adaptation.svelte.ts';
import { AnswerHost } from './answer-host.ts';
import { Catalog } from './catalog.svelte.ts';
import { Counting } from './counting.svelte.ts';
import { Experience } from './experience.svelte.ts';
import { Hardware } from './hardware.svelte.ts';
import { loaderHost } from './loader-host.ts';
import { MemoryRecord } from './memory-record.svelte.ts';
import { Opening } from './opening.ts';
import type { OwnServers } from './own-servers.svelte.ts';
import { browserParts, type AppParts, type Planner } from './parts.ts';
import { Planning } from './planning.svelte.ts';
import { Running, tenantOf } from './running.svelte.ts';
import { Selection } from './selection.svelte.ts';
import type { Address } from '../chat/address.ts';
import { Answers } from '../chat/answers.svelte.ts';
import { ConversationList } from '../chat/conversation-list.svelte.ts';
import { Session } from '../chat/session.svelte.ts';
import { DownloadQueue } from '../files/download-queue.svelte.ts';
import { Preflights } from '../files/preflights.svelte.ts';
import { pathOf } from '../kit/names.ts';
import { reachableHosts } from '../network/reach.ts';
import { Failure } from '../rpc/failure.ts';
import { Loader, type LoadEnd } from '../runner/loader.svelte.ts';
import { Ahead } from '../runner/policy/ahead.ts';
import { IdleTimer } from '../runner/policy/idle.ts';
import { Announcer } from '../ui/announcer.svelte.ts';
import { Mishaps } from '../ui/mishaps.svelte.ts';

/** Builds the parts and wires them together; the one place that knows them all. */
export class App {
	readonly settings: AppParts['settings'];
	/** What the meter saw of earlier loads, and which ran out of memory. */
	readonly history: AppParts['history'];
	/** For what is fetched later and keeps something of its own. */
	readonly keep: AppParts['keep'];
	readonly conversations: AppParts['conversations'];
	readonly files: AppParts['files'];
	readonly catalog: Catalog;
	readonly hardware: Hardware;
	/** What was read of each variant before its weights. */
	readonly preflights: Preflights;
	readonly experience: Experience;
	readonly counting: Counting;
	readonly planning: Planning;
	readonly selection: Selection;
	readonly loader: Loader;
	readonly running: Running;
	/** Models kept for later, downloaded without being loaded. */
	readonly queue: DownloadQueue;
	/** What answers, and how. */
	readonly answering: AnswerHost;
	/** What is asked, in all conversations. */
	readonly answers: Answers;
	/** The conversation that is shown. */
	readonly session: Session;
	readonly list: ConversationList;
	readonly opening: Opening;
	readonly mishaps: Mishaps;
	/** GPU bytes over time. */
	readonly memory = new MemoryRecord();
	readonly announcer = new Announcer();

	/** Settings, device and the last conversation are there. */
	ready = $state.raw(false);
	/** The person's own servers; null: their script has not come yet. */
	servers = $state.raw<OwnServers | null>(null);
	/** Automatic swaps, and what is remembered of families; null: its script has not come yet. */
	adaptation = $state.raw<Adaptation | null>(null);
	/** null: its script has not come yet. */
	#planner = $state.raw<Planner | null>(null);
	readonly #parts: AppParts;
	readonly #idle: IdleTimer;
	readonly #ahead: Ahead;
	#stopWatching = () => {};
	#ended = false;

	/** `baseUrl`: where the site lies, with a trailing slash. */
	constructor(baseUrl: string, parts: AppParts = browserParts(baseUrl)) {
		this.#parts = parts;
		const { settings, history, conversations, files } = parts;
		this.settings = settings;
		this.history = history;
		this.keep = parts.keep;
		this.conversations = conversations;
		this.files = files;

		const planner = () => this.#planner;
		const adaptation = () => this.adaptation;
		const catalog = (this.catalog = new Catalog(baseUrl));
		const hardware = (this.hardware = new Hardware(parts, planner));
		const preflights = (this.preflights = new Preflights(files, (one) => catalog.sourceOf(one)));
		const known = { settings, history, catalog, hardware, preflights, planner };
		const experience = (this.experience = new Experience(known));
		const counting = (this.counting = new Counting({
			...parts,
			...known,
			mishaps: () => this.mishaps
		}));
		const planning = (this.planning = new Planning({
			...known,
			experience,
			heldBytes: () => this.loader.meter.liveBytes,
			leaves: () => this.loader.loaded !== null || this.loader.busy
		}));
		const selection = (this.selection = new Selection({
			...known,
			planning,
			remembered: (id) => this.adaptation?.ofFamily(id).choice ?? null,
			chosen: () => this.#ahead.chosen()
		}));
		const queue = (this.queue = new DownloadQueue(
			files,
			(variantId) => {
				const variant = catalog.variant(variantId);
				return variant ? catalog.sourceOf(variant) : null;
			},
			{ path: pathOf(baseUrl) }
		));

		const planned = { ...known, files, experience, counting, planning, selection };
		const late = () => ({
			loader: this.loader,
			answers: this.answers,
			ahead: this.#ahead,
			idle: this.#idle
		});
		const loader = (this.loader = new Loader({
			...parts,
			host: loaderHost({ ...planned, queue, adaptation, late })
		}));
		this.mishaps = new Mishaps(loader.journal);
		const running = (this.running = new Running(selection, loader));

		const used = () => this.#idle.used();
		this.answering = new AnswerHost({ ...planned, loader, running, used, adaptation });
		const answers = (this.answers = new Answers(this.answering));
		const session = (this.session = new Session(answers, conversations));
		const list = (this.list = new ConversationList(conversations, session, answers));
		this.opening = new Opening({
			session,
			conversations,
			answers,
			list,
			suggest: (model) => selection.suggest(model),
			ready: () => this.ready
		});

		this.#ahead = new Ahead({
			choice: () => selection.choice,
			see: () => ({
				loading: loader.busy,
				failed: loader.problem?.target.variant === selection.variant,
				writing: answers.busy,
				loaded: running.chosenIsLoaded
			}),
			target: () => selection.target(),
			prepareSpare: () => loader.prepareSpare(),
			prepare: (target) => loader.prepare(target)
		});
		this.#idle = new IdleTimer(
			() => settings.current.idleUnloadMinutes,
			(minutes) => {
				if (!answers.busy) void loader.unloadIdle(minutes);
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
		const { settings, history, catalog, hardware, preflights, selection, loader } = this;
		// What is being mounted takes messages before the scripts of the conversations come.
		const conversations = new Promise((mounted) => setTimeout(mounted)).then(() =>
			Promise.all([this.opening.openAddress(address), this.list.start()])
		);
		const network = Promise.all([settings.ready, this.#parts.guarded()]).then(() => this.#follow());
		const [reading, planner, unfollow] = await Promise.all([
			this.#parts.askDevice(),
			this.#parts.planner(),
			this.#parts.own().then((own) => own.follow(this)),
			history.ready,
			network,
			conversations
		]);
		this.#planner = planner;
		this.#beforeEnd(unfollow);
		hardware.reading = reading;
		selection.restore();
		selection.suggest(address.model);
		if (this.#parts.marker.read()) {
			const { tellOfCrash } = await import('./crash-report.ts');
			await tellOfCrash({ ...this.#parts, catalog, preflights, loader });
		}
		this.ready = true;
		void this.#later(() => this.#adapt());
		void this.#later(() => this.#keepDrafts());
		preflights.schedule(selection.variant);
		void this.#later(async () => (await import('./tidy.ts')).tidyBuilds(this));
		void this.queue.restore();
		this.counting.count();
		if (reading.kind === 'ready') this.#ahead.spare();
	}

	/** Ends what goes on by itself. */
	dispose() {
		this.#ended = true;
		this.#stopWatching();
		this.#idle.stop();
		this.#ahead.stop();
		this.files.end();
	}

	/** Loads the chosen variant, or swaps to it. */
	load(anyway = false): Promise<LoadEnd> {
		return this.loader.load(this.selection.target(anyway));
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
		const { loader, selection } = this;
		return loader.load(loader.problem?.target ?? selection.target(), { takeOver: true });
	}

	/** Loads the smaller thing that is offered after a failure. */
	async loadSmaller() {
		const next = this.loader.problem?.next;
		if (!next) return;
		this.selection.choose(next.variant.id, next.contextWindow);
		await this.loader.load(next);
	}

	/** What must follow the settings, or what is loaded, whoever changed it: this page, another tab, an import, an undo. */
	#follow() {
		const stop = $effect.root(() => {
			$effect(() => {
				const { airplane } = this.settings.current;
				this.files.allow(reachableHosts(this.settings.current));
				untrack(() => void this.queue.hold(airplane));
			});
			$effect(() => this.#parts.tenancy.describe(tenantOf(this)));
		});
		this.#beforeEnd(stop);
	}

	/** What is built after the end ends at once. */
	#beforeEnd(stop: () => void) {
		if (this.#ended) return stop();
		const before = this.#stopWatching;
		this.#stopWatching = () => {
			stop();
			before();
		};
	}

	/** What the page can do without. */
	async #later(work: () => Promise<unknown>) {
		try {
			await work();
		} catch (thrown) {
			this.mishaps.note(thrown);
		}
	}

	async #keepDrafts() {
		const { Drafts } = await import('../chat/drafts.svelte.ts');
		const drafts = new Drafts(this.session, this.#parts.drafts);
		this.#beforeEnd(() => void drafts.dispose());
		await this.#parts.drafts.prune();
	}

	async #adapt() {
		const { Adaptation } = await import('./adaptation.svelte.ts');
		const made = await Adaptation.make({ ...this.#parts, ...this });
		this.adaptation = made;
		this.#beforeEnd(() => made.dispose());
	}
}

export const [getApp, setApp] = createContext<App>();
