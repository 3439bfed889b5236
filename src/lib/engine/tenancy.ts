import * as v from 'valibot';

const NAME = 'headroom-engine';

/** A tab that is asked to let go has this long before it is taken from it. */
const LET_GO_LIMIT_MS = 8_000;
/** A tab in the background answers late. */
const WHO_LIMIT_MS = 600;

const Text = v.pipe(v.string(), v.maxLength(300));
const Note = v.variant('type', [
	v.object({ type: v.literal('who') }),
	v.object({ type: v.literal('here'), model: Text, conversation: Text }),
	v.object({ type: v.literal('let-go') })
]);
type Note = v.InferOutput<typeof Note>;

/** What the tab that has the engine says of itself. */
export interface Tenant {
	model: string;
	conversation: string;
}

export interface TenancyHost {
	describe(): Tenant;
	/** Another tab asks for the engine, or has taken it. Resolves when this one holds nothing any more. */
	letGo(): Promise<void>;
}

/** One engine at a time in all tabs of this site: two would not fit where one was planned for. */
export class Tenancy {
	readonly #host: TenancyHost;
	readonly #channel = new BroadcastChannel(NAME);
	#release: (() => void) | null = null;

	constructor(host: TenancyHost) {
		this.#host = host;
		this.#channel.addEventListener('message', ({ data }) => {
			const note = v.safeParse(Note, data);
			if (!note.success || !this.#release) return;
			if (note.output.type === 'who') this.#tell({ type: 'here', ...host.describe() });
			if (note.output.type === 'let-go') void this.#letGo();
		});
	}

	/** True when this tab has the engine now. */
	claim(): Promise<boolean> {
		return this.#request({ ifAvailable: true });
	}

	/** Asks the other tab to let go; takes the engine from one that does not answer. */
	async takeOver(): Promise<void> {
		this.#tell({ type: 'let-go' });
		const limit = AbortSignal.timeout(LET_GO_LIMIT_MS);
		if (!(await this.#request({ signal: limit }))) await this.#request({ steal: true });
	}

	release() {
		this.#release?.();
		this.#release = null;
	}

	/** Who has the engine; null: nobody answers. */
	async who(): Promise<Tenant | null> {
		return new Promise((resolve) => {
			const heard = ({ data }: MessageEvent) => {
				const note = v.safeParse(Note, data);
				if (note.success && note.output.type === 'here') done(note.output);
			};
			const done = (tenant: Tenant | null) => {
				this.#channel.removeEventListener('message', heard);
				resolve(tenant);
			};
			this.#channel.addEventListener('message', heard);
			setTimeout(() => done(null), WHO_LIMIT_MS);
			this.#tell({ type: 'who' });
		});
	}

	/** Resolves when no tab has the engine any more. */
	async free(signal: AbortSignal): Promise<void> {
		await locks()?.request(NAME, { signal, mode: 'shared' }, () => undefined);
	}

	#tell(note: Note) {
		this.#channel.postMessage(note);
	}

	async #letGo() {
		await this.#host.letGo();
		this.release();
	}

	#request(options: LockOptions): Promise<boolean> {
		const manager = locks();
		if (this.#release || !manager) return Promise.resolve(true);
		return new Promise((resolve) => {
			let mine = () => {};
			manager
				.request(NAME, options, (lock) => {
					resolve(lock !== null);
					if (!lock) return;
					return new Promise<void>((release) => {
						mine = release;
						this.#release = release;
					});
				})
				.catch(() => {
					// Stolen, or the wait was aborted.
					resolve(false);
					if (this.#release !== mine) return;
					this.#release = null;
					void this.#host.letGo();
				});
		});
	}
}

/** True while any tab has the engine. */
export async function someTabHasEngine(): Promise<boolean> {
	const { held } = (await locks()?.query()) ?? {};
	return held?.some(({ name, mode }) => name === NAME && mode === 'exclusive') ?? false;
}

/** Absent where the page was not opened over https: there is no WebGPU then either. */
const locks = () => (navigator as { locks?: LockManager }).locks;
