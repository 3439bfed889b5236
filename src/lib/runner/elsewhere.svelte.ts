import { Failure } from '../rpc/failure.ts';
import type { Tenancy, Tenant } from './tenancy.ts';

/** The tab that has the engine while this one would like it, and the wait until it lets go. */
export class Elsewhere {
	/** As far as it told; for the page alone, since it names a conversation. */
	tenant = $state.raw<Tenant | null>(null);
	#waiting: AbortController | null = null;
	readonly #tenancy: Pick<Tenancy, 'who' | 'free'>;
	readonly #free: () => void;

	constructor(tenancy: Pick<Tenancy, 'who' | 'free'>, free: () => void) {
		this.#tenancy = tenancy;
		this.#free = free;
	}

	/** Why nothing can be loaded here. Waits from now on for the engine to become free, unless aborted. */
	async refusal(signal: AbortSignal): Promise<Failure> {
		this.tenant = await this.#tenancy.who();
		if (!signal.aborted) {
			const waiting = (this.#waiting = new AbortController());
			void this.#tenancy
				.free(waiting.signal)
				.then(this.#free)
				// Another load was asked for.
				.catch(() => undefined);
		}
		return new Failure(
			'elsewhere',
			`${this.tenant?.model ?? 'A model'} runs in another tab of this page. The GPU is given to one tab at a time.`
		);
	}

	stopWaiting() {
		this.#waiting?.abort();
	}
}
