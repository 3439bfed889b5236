import type { Failure } from '../rpc/failure.ts';

const MOST_ENTRIES = 60;
const MOST_CHARS = 400;

export interface Entry {
	at: number;
	text: string;
}

/** The last things that happened to the engine, for a report. Never holds what was said in a conversation. */
export class Journal {
	readonly #entries: Entry[] = [];

	get entries(): readonly Entry[] {
		return this.#entries;
	}

	note(text: string) {
		if (this.#entries.at(-1)?.text === text) return;
		this.#entries.push({ at: Date.now(), text: text.slice(0, MOST_CHARS) });
		if (this.#entries.length > MOST_ENTRIES) this.#entries.shift();
	}

	failure({ kind, message, detail }: Failure) {
		const details = Object.entries(detail).map(([name, value]) => `${name}: ${value}`);
		this.note([`${kind}: ${message}`, ...details].join(' | '));
	}
}
