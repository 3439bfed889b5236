import type { ConversationStore, Summary } from '../storage/conversations.ts';

/** The conversations of this browser, as a list that follows the other tabs. */
export class ConversationList {
	summaries = $state.raw<readonly Summary[]>([]);
	/** The last one deleted, as long as it can be brought back. */
	removed = $state.raw<string | null>(null);
	problem = $state.raw<string | null>(null);
	readonly #store: ConversationStore;

	constructor(store: ConversationStore) {
		this.#store = store;
		store.onChange(() => void this.refresh());
	}

	async refresh() {
		try {
			this.summaries = await this.#store.list();
			this.problem = null;
		} catch (error) {
			this.problem = error instanceof Error ? error.message : String(error);
		}
	}

	async remove(id: string) {
		await this.#store.remove(id);
		this.removed = id;
		await this.refresh();
	}

	async undo() {
		if (this.removed === null) return;
		await this.#store.restore(this.removed);
		this.removed = null;
		await this.refresh();
	}
}
