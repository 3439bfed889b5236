import * as v from 'valibot';
import { uuid } from '../kit/uuid.ts';

/** A tab that is asked for the engine has this long before it is taken from it. */
const LET_GO_LIMIT_MS = 8_000;
const MOST_CHARS = 300;

const LET_GO = 'let-go';

const Text = v.pipe(v.string(), v.maxLength(MOST_CHARS));
const TenantSchema = v.object({ model: Text, conversation: Text });

/** Said by a tab whenever it gets the engine, with a name for this time. */
const ClaimedSchema = v.object({ claimed: Text });
/** The answer of a tab that has the engine, too. */
const HeldSchema = v.object({ held: Text });

/** What the tab that has the engine says of itself. */
export type Tenant = v.InferOutput<typeof TenantSchema>;

/** The part of a BroadcastChannel that is needed here. */
export interface Channel {
	postMessage(message: unknown): void;
	addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

export interface TenancyParts {
	/** The same in all tabs of one deployment, and in no other. */
	name: string;
	/** null: the page was not opened over https, and there is no WebGPU either. */
	locks: Pick<LockManager, 'request' | 'query'> | null;
	channel: Channel;
	letGoLimitMs?: number;
}

/**
 * One engine at a time in all tabs of this site: two would not fit where one was planned for. The tab that has it holds
 * a lock. Where the browser cleared what it keeps for the site, tabs opened before and after see different locks, while
 * the channel still joins them: a tab that gets the lock says so, and gives it up if another one has it still. What each tab says of itself is the name of another lock: any tab can read it although this one is busy or
 * throttled, and it goes with the tab.
 */
export class Tenancy {
	readonly #name: string;
	readonly #locks: TenancyParts['locks'];
	readonly #channel: Channel;
	readonly #letGoLimitMs: number;
	#release: (() => void) | null = null;
	/** The name of this time that the engine is held; null: it was taken over, from whoever has it. */
	#claim: string | null = null;
	#card: { name: string; drop: () => void } | null = null;
	#asked: () => void = () => {};

	constructor({ name, locks, channel, letGoLimitMs = LET_GO_LIMIT_MS }: TenancyParts) {
		this.#name = name;
		this.#locks = locks;
		this.#channel = channel;
		this.#letGoLimitMs = letGoLimitMs;
		channel.addEventListener('message', ({ data }) => {
			if (!this.#release) return;
			if (data === LET_GO) return this.#asked();
			const claimed = v.safeParse(ClaimedSchema, data);
			if (claimed.success) return this.#channel.postMessage({ held: claimed.output.claimed });
			const held = v.safeParse(HeldSchema, data);
			if (!held.success || held.output.held !== this.#claim) return;
			this.release();
			this.#asked();
		});
	}

	/** Called when another tab asks for the engine, or has taken it: whoever holds it must `release`. */
	onAsked(listener: () => void) {
		this.#asked = listener;
	}

	get held(): boolean {
		return this.#release !== null;
	}

	/** True when this tab has the engine now. */
	async claim(): Promise<boolean> {
		while (!(await this.#request({ ifAvailable: true }, uuid())))
			// A tab that waits until the engine is free holds the lock for a moment, too.
			if (await this.occupied()) return false;
		return true;
	}

	/** Asks the other tab for the engine; takes it from one that does not answer. False: it was aborted. */
	async takeOver(signal: AbortSignal): Promise<boolean> {
		if (this.held) return true;
		this.#channel.postMessage(LET_GO);
		// Not AbortSignal.timeout: some engines collect it within AbortSignal.any, and it never fires.
		const wait = new AbortController();
		const end = () => wait.abort();
		const timer = setTimeout(end, this.#letGoLimitMs);
		signal.addEventListener('abort', end, { once: true });
		if (signal.aborted) end();
		const granted = await this.#request({ signal: wait.signal });
		clearTimeout(timer);
		signal.removeEventListener('abort', end);
		if (granted) return true;
		return signal.aborted ? false : this.#request({ steal: true });
	}

	release() {
		this.#release?.();
		this.#release = null;
	}

	/** What other tabs read of this one while it has the engine. */
	describe({ model, conversation }: Tenant) {
		const tenant = {
			model: model.slice(0, MOST_CHARS),
			conversation: conversation.slice(0, MOST_CHARS)
		};
		const name = this.#cardPrefix + JSON.stringify(tenant);
		if (!this.#locks || this.#card?.name === name) return;
		const before = this.#card;
		let drop = () => {};
		const dropped = new Promise<void>((resolve) => (drop = resolve));
		this.#card = { name, drop };
		void this.#locks.request(name, { mode: 'shared' }, () => {
			before?.drop();
			return dropped;
		});
	}

	/** Who has the engine; null: nobody, or one that says nothing of itself. */
	async who(): Promise<Tenant | null> {
		const held = await this.#held();
		const holder = held.find((lock) => this.#isEngine(lock));
		if (!holder) return null;
		for (const { name, clientId } of held) {
			if (clientId !== holder.clientId || !name?.startsWith(this.#cardPrefix)) continue;
			const tenant = v.safeParse(TenantSchema, jsonOf(name.slice(this.#cardPrefix.length)));
			if (tenant.success) return tenant.output;
		}
		return null;
	}

	/** True while any tab has the engine. */
	async occupied(): Promise<boolean> {
		return (await this.#held()).some((lock) => this.#isEngine(lock));
	}

	/** Resolves when no tab has the engine any more. */
	async free(signal: AbortSignal): Promise<void> {
		await this.#locks?.request(this.#name, { signal, mode: 'shared' }, () => undefined);
	}

	/** Who asked before this tab had the engine was not heard. */
	async #askedMeanwhile(mine: () => void) {
		const { pending = [] } = (await this.#locks?.query()) ?? {};
		if (this.#release === mine && pending.some((lock) => this.#isEngine(lock))) this.#asked();
	}

	get #cardPrefix(): string {
		return `${this.#name} tab `;
	}

	#isEngine({ name, mode }: LockInfo): boolean {
		return name === this.#name && mode === 'exclusive';
	}

	async #held(): Promise<LockInfo[]> {
		return (await this.#locks?.query())?.held ?? [];
	}

	#request(options: LockOptions, claim: string | null = null): Promise<boolean> {
		const locks = this.#locks;
		if (this.#release) return Promise.resolve(true);
		if (!locks) {
			this.#release = () => {};
			return Promise.resolve(true);
		}
		return new Promise((resolve) => {
			let mine: (() => void) | null = null;
			locks
				.request(this.#name, options, (lock) => {
					if (!lock) return resolve(false);
					return new Promise<void>((release) => {
						mine = release;
						this.#release = release;
						this.#claim = claim;
						if (claim !== null) this.#channel.postMessage({ claimed: claim });
						resolve(true);
						void this.#askedMeanwhile(release);
					});
				})
				.catch(() => {
					// Stolen, or the wait was aborted.
					resolve(false);
					if (mine === null || this.#release !== mine) return;
					this.#release = null;
					this.#asked();
				});
		});
	}
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
