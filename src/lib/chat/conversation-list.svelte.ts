import type { ConversationStore, SetAside } from './store/conversations.ts';
import type { Summary } from './store/listing.ts';
import type { Lazily } from '../kit/lazily.ts';
import type { Answers } from './answers.svelte.ts';
import { pin, rename, type Conversation } from './conversation.ts';
import type { Import } from './exchange/import.ts';
import type { ImportReport } from './exchange/report.ts';
import type { Hit } from './search.ts';
import type { Session } from './session.svelte.ts';

interface Found {
	query: string;
	hits: readonly Hit[];
	/** null: still looking. */
	total: number | null;
}

/** The title of a file with all of them. */
const ALL = 'Headroom conversations';

const transfer = () => import('./exchange/transfer.ts');

/** The conversations of this browser, as a list that follows the other tabs. */
export class ConversationList {
	summaries = $state.raw<readonly Summary[]>([]);
	/** It was read, or could not be. */
	ready = $state.raw(false);
	/** The last one deleted, as long as it can be brought back. */
	removed = $state.raw<{ id: string; title: string } | null>(null);
	/** null: nothing is searched for. */
	found = $state.raw<Found | null>(null);
	report = $state.raw<ImportReport | null>(null);
	/** Records that could not be read; they are kept as they were. */
	setAside = $state.raw<readonly SetAside[]>([]);
	problem = $state.raw<string | null>(null);
	readonly #store: Lazily<ConversationStore>;
	readonly #session: Session;

	readonly #answers: Answers;

	constructor(store: Lazily<ConversationStore>, session: Session, answers: Answers) {
		this.#store = store;
		this.#session = session;
		this.#answers = answers;
	}

	/** Lists them, follows other tabs, and drops what was deleted long ago. */
	async start() {
		await this.#try(async () => {
			await this.#store.onChange(({ kind, ids }) => {
				// Deleted in another tab.
				if (kind === 'removed') for (const id of ids) void this.#answers.endAll(id);
				void this.refresh();
			});
		});
		await this.#list();
		this.ready = true;
		await this.#andTry(async () => {
			await this.#store.purge();
			await this.#store.adoptLate();
			this.setAside = await this.#store.setAside();
		});
	}

	async refresh() {
		this.problem = null;
		await this.#list();
	}

	async #list() {
		await this.#andTry(async () => {
			this.summaries = await this.#store.list();
		});
		if (this.found) await this.search(this.found.query);
	}

	async prepareSearch() {
		await this.#try(() => this.#store.prepareSearch());
	}

	async search(query: string) {
		if (query.trim() === '') {
			this.found = null;
			return;
		}
		// Until it is known, what was found before stays.
		this.found = { hits: [], total: null, ...this.found, query };
		await this.#try(async () => {
			const result = await this.#store.search(query);
			// A later search may have been faster.
			if (this.found?.query === query) this.found = { query, ...result };
		});
	}

	async rename(id: string, title: string) {
		await this.#change(id, (conversation) => rename(conversation, title));
	}

	async pin(id: string, pinned: boolean) {
		await this.#change(id, (conversation) => pin(conversation, pinned));
	}

	async remove(id: string) {
		const title = this.summaries.find((summary) => summary.id === id)?.title ?? '';
		await this.#try(async () => {
			await this.#answers.endAll(id);
			await this.#store.remove(id);
			this.removed = { id, title };
		});
	}

	/** Resolves with the conversation that is back; null: it is gone for good. */
	async undo(): Promise<string | null> {
		const { removed } = this;
		if (!removed) return null;
		this.removed = null;
		let back = false;
		await this.#try(async () => {
			back = await this.#store.restore(removed.id);
		});
		return back ? removed.id : null;
	}

	/** Saves one conversation, or all, as a file. */
	async export(id: string | null, format: 'json' | 'md') {
		const { saveConversations } = await transfer();
		await this.#try(async () => {
			const { conversations, unreadable } =
				id === null ? await this.#store.loadAll() : await this.#one(id);
			if (unreadable > 0)
				this.problem = `Conversations left out because they cannot be read: ${unreadable}.`;
			saveConversations(conversations, id === null ? ALL : (conversations[0]?.title ?? ''), format);
		});
	}

	/** Adds the conversations of exported files; none replaces one that is here. */
	async importFiles(files: readonly File[]) {
		const { addFiles } = await transfer();
		this.report = await addFiles(this.#store, files);
	}

	/** Adds what was read of one file already. */
	async add(name: string, read: Import) {
		const { addImport } = await transfer();
		this.report = await addImport(this.#store, name, read);
	}

	/** Hands over the records that could not be read, as they were found. */
	async saveSetAside() {
		const { saveRecords } = await transfer();
		saveRecords(this.setAside);
	}

	async #one(id: string): Promise<{ conversations: Conversation[]; unreadable: number }> {
		const conversation = this.#session.live(id)?.conversation ?? (await this.#store.load(id));
		return { conversations: conversation ? [conversation] : [], unreadable: 0 };
	}

	async #change(id: string, update: (conversation: Conversation) => Conversation) {
		await this.#try(async () => {
			const live = this.#session.live(id);
			if (live) return live.change(update);
			const conversation = await this.#store.load(id);
			if (conversation) await this.#store.save(update(conversation));
		});
	}

	async #try(work: () => Promise<void>) {
		this.problem = null;
		await this.#andTry(work);
	}

	/** What went wrong before stays said. */
	async #andTry(work: () => Promise<void>) {
		try {
			await work();
		} catch (error) {
			this.problem = error instanceof Error ? error.message : String(error);
		}
	}
}
