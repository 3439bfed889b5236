import type { Channel } from './tenancy.ts';

interface FakeLock {
	name: string;
	mode: LockMode;
	clientId: string;
	end: (error?: DOMException) => void;
}
interface Waiting {
	lock: Omit<FakeLock, 'end'>;
	grant: () => void;
	drop: () => void;
}

/**
 * A fake of the browser's locks and of one broadcast channel, shared by several "tabs", for Node 20, which has neither.
 * As the real one: shared and exclusive modes, first come first served, `ifAvailable`, `signal`, `steal`, and nothing
 * is granted within the call itself.
 */
export class FakeTabs {
	#held: FakeLock[] = [];
	#waiting: Waiting[] = [];
	readonly #listeners = new Map<string, ((event: { data: unknown }) => void)[]>();
	#count = 0;
	#cleared = 0;

	/** What the browser keeps for the site is cleared: tabs opened from now on see no lock of those before, and hear them. */
	clear() {
		this.#cleared++;
	}

	/** The locks and the channel of one more tab. */
	tab(): {
		id: string;
		locks: Pick<LockManager, 'request' | 'query'>;
		channel: Channel;
		close: () => void;
	} {
		const clientId = `tab ${++this.#count}`;
		this.#listeners.set(clientId, []);
		const own = this.#cleared === 0 ? '' : `cleared ${this.#cleared}: `;
		const isOwn = ({ name }: { name: string }) =>
			own === '' ? !name.startsWith('cleared ') : name.startsWith(own);
		const request = (name: string, options: LockOptions, run: (lock: Lock | null) => unknown) =>
			this.#request(clientId, own + name, options, run);
		return {
			id: clientId,
			locks: {
				request: request as LockManager['request'],
				query: async () => {
					await soon();
					const info = ({ name, mode, clientId }: Omit<FakeLock, 'end'>) => ({
						name: name.slice(own.length),
						mode,
						clientId
					});
					return {
						held: this.#held.filter(isOwn).map(info),
						pending: this.#waiting
							.map(({ lock }) => lock)
							.filter(isOwn)
							.map(info)
					};
				}
			},
			channel: {
				postMessage: (data) => {
					for (const [id, listeners] of this.#listeners)
						if (id !== clientId)
							for (const listener of listeners) void soon().then(() => listener({ data }));
				},
				addEventListener: (_, listener) => this.#listeners.get(clientId)?.push(listener)
			},
			close: () => {
				this.#listeners.delete(clientId);
				for (const waiting of this.#waiting.filter(({ lock }) => lock.clientId === clientId))
					waiting.drop();
				for (const lock of this.#held.filter((lock) => lock.clientId === clientId))
					this.#free(lock);
			}
		};
	}

	/** Names of the locks held, by all or by one, with their modes. */
	held(id?: string): string[] {
		return this.#held
			.filter(({ clientId }) => id === undefined || clientId === id)
			.map(({ name, mode }) => `${mode} ${name}`);
	}

	async #request(
		clientId: string,
		name: string,
		{ mode = 'exclusive', ifAvailable = false, steal = false, signal }: LockOptions,
		run: (lock: Lock | null) => unknown
	): Promise<unknown> {
		await soon();
		const aborted = () => new DOMException('Aborted.', 'AbortError');
		if (signal?.aborted) throw aborted();
		if (steal)
			for (const lock of this.#held.filter((each) => each.name === name))
				lock.end(new DOMException('Stolen.', 'AbortError'));
		const wish = { name, mode, clientId };
		if (ifAvailable && !this.#grantable(wish, this.#waiting)) return run(null);
		if (!steal && !this.#grantable(wish, this.#waiting))
			await new Promise<void>((resolve, reject) => {
				const drop = () => {
					this.#waiting = this.#waiting.filter((each) => each !== waiting);
					reject(aborted());
					this.#serve();
				};
				const grant = () => {
					signal?.removeEventListener('abort', drop);
					resolve();
				};
				const waiting: Waiting = { lock: wish, grant, drop };
				this.#waiting.push(waiting);
				signal?.addEventListener('abort', drop, { once: true });
			});
		return new Promise((resolve, reject) => {
			const lock: FakeLock = {
				...wish,
				end: (error) => {
					this.#held = this.#held.filter((each) => each !== lock);
					if (error) reject(error);
				}
			};
			this.#held.push(lock);
			void Promise.resolve(run({ name, mode })).then(
				(value) => {
					this.#free(lock);
					resolve(value);
				},
				(error: unknown) => {
					this.#free(lock);
					reject(error instanceof Error ? error : new Error(String(error)));
				}
			);
		});
	}

	#grantable({ name, mode }: Waiting['lock'], before: readonly Waiting[]): boolean {
		const conflicts = (other: { name: string; mode: LockMode }) =>
			other.name === name && (mode === 'exclusive' || other.mode === 'exclusive');
		return !this.#held.some(conflicts) && !before.some(({ lock }) => conflicts(lock));
	}

	#free(lock: FakeLock) {
		lock.end();
		this.#serve();
	}

	#serve() {
		for (let i = 0; i < this.#waiting.length; i++) {
			const waiting = this.#waiting[i];
			if (!waiting || !this.#grantable(waiting.lock, this.#waiting.slice(0, i))) continue;
			this.#waiting.splice(i--, 1);
			waiting.grant();
		}
	}
}

const soon = () => Promise.resolve();
