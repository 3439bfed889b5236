import type { Files } from '../files/client.ts';
import type { Journal } from './journal.ts';
import type { PlannedHost } from './loader-host.ts';
import type { Spare } from './spare.ts';
import type { Standby } from './standby.svelte.ts';
import { nameOf, type Target } from './target.ts';

export interface PreparingParts {
	files: Pick<Files, 'onDisk'>;
	host: Pick<PlannedHost, 'source' | 'request' | 'within' | 'admit'>;
	spare: Pick<Spare, 'prepare' | 'forgetPrepared'>;
	standby: Pick<Standby, 'suits'>;
	journal: Journal;
	/** Something is loaded and no attempt is under way: there is something to prepare a swap from. */
	wanted: () => boolean;
}

/** Brings one target beside a loaded model so far that a swap to it only has to fill the GPU. */
export class Preparing {
	/** What was to be prepared last. */
	#target: Target | null = null;
	readonly #parts: PreparingParts;

	constructor(parts: PreparingParts) {
		this.#parts = parts;
	}

	/** What is not whole on disk, cannot run here or fails is left to the swap, which says so. */
	async prepare(target: Target) {
		const { files, host, spare, standby, journal, wanted } = this.#parts;
		// What stands by needs no preparing.
		if (!wanted() || standby.suits(target)) return;
		this.#target = target;
		const whole = await files.onDisk(host.source(target.variant)).catch(() => null);
		// Another was chosen, this one asked for, or the old one unloaded while the disk was read.
		if (this.#target !== target || !wanted()) return;
		if (!whole) {
			spare.forgetPrepared();
			return;
		}
		const within = host.within(target, whole.facts);
		try {
			host.admit(within, whole.facts);
		} catch {
			return;
		}
		if (await spare.prepare(host.request(within, whole)))
			journal.note(`Prepared ${nameOf(within)}`);
	}
}
