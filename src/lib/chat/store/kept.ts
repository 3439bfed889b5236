import { inTurn } from '../../kit/in-turn.ts';

export interface Source<T> {
	/** Reads it whole. `keep`: false: it is too large to be held until the next time. */
	read: () => Promise<{ value: T; keep: boolean }>;
	/** Reads again what changed, into the value. */
	refresh: (value: T, ids: readonly string[]) => Promise<void>;
}

/** Something drawn from all conversations that is read once, and follows what changes from then on. */
export class Kept<T> {
	/** null: not read yet. */
	#value: T | null = null;
	/** Changed since it was read. */
	readonly #changed = new Set<string>();
	readonly #turn = inTurn();
	readonly #source: Source<T>;

	constructor(source: Source<T>) {
		this.#source = source;
	}

	get(): Promise<T> {
		return this.#turn(async () => {
			const value = this.#value;
			if (value === null) return this.#read(this.#source.read);
			const changed = [...this.#changed];
			if (changed.length > 0) {
				this.#changed.clear();
				await this.#source.refresh(value, changed);
			}
			return value;
		});
	}

	/** Reads it whole in that way where `agrees` finds that it is not as it should be. Resolves with whether it did. */
	verify(
		of: T,
		agrees: (changed: readonly string[]) => Promise<boolean>,
		read: Source<T>['read']
	): Promise<boolean> {
		return this.#turn(async () => {
			if ((await agrees([...this.#changed])) || of !== this.#value) return false;
			await this.#read(read);
			return true;
		});
	}

	changed(id: string) {
		this.#changed.add(id);
	}

	forget() {
		this.#value = null;
	}

	async #read(read: Source<T>['read']): Promise<T> {
		this.#changed.clear();
		const { value, keep } = await read();
		if (keep) this.#value = value;
		return value;
	}
}
