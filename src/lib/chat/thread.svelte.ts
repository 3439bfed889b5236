import type { ConversationStore } from './store/conversations.ts';
import type { Lazily } from '../kit/lazily.ts';
import type { Wish } from '#plan/adapt/wishes.ts';
import type { RequestVerdict } from '#plan/memory/request.ts';
import type { Failure } from '../rpc/failure.ts';
import { path, type Conversation, type Message } from './conversation.ts';

export type TooLong = Extract<RequestVerdict, { kind: 'too-long' }>;

export type ThreadStatus =
	| { kind: 'idle' }
	/** The question is being saved. */
	| { kind: 'saving' }
	/** The model is being loaded before the message can be answered. */
	| { kind: 'preparing' }
	/** messageId is null as long as the model reads: an answer without a word leaves nothing behind. */
	| { kind: 'answering'; questionId: string | null; messageId: string | null }
	/** The engine was not asked, or refused: nothing is lost, and every offer alone makes it fit. */
	| { kind: 'too-long'; verdict: TooLong }
	| { kind: 'failed'; failure: Failure };

/** One answer to be written. */
export interface Task {
	/** null: an answer that was begun is continued. */
	questionId: string | null;
	continues: string | null;
	/** For this answer alone. */
	maxTokens?: number;
	/** What automatic choices of the model obey for this answer alone. */
	wish?: Wish;
	/** The model is first loaded with this window; if that fails, the verdict stands. */
	enlarge?: { contextWindow: number; refused: TooLong };
}

/** Where conversations are kept. */
export type ThreadStore = Pick<Lazily<ConversationStore>, 'save'>;

/** A conversation that is shown or being answered, and how far its answer is. */
export class Thread {
	conversation: Conversation;
	status = $state.raw<ThreadStatus>({ kind: 'idle' });
	/** Why the conversation could not be saved, if so. */
	storageProblem = $state.raw<string | null>(null);
	/** What failed, or was too long, and can be tried again: with the place that it had. */
	unfinished: { task: Task; order: number } | null = null;
	/** Puts into the conversation what was written since it was last shown or saved. */
	gather: () => void = () => {};
	readonly messages: Message[] = $derived.by(() => {
		const line = path(this.conversation);
		const { status } = this;
		if (status.kind !== 'answering' || status.messageId !== null) return line;
		// While another answer to the question is read for, the old one is not shown in its place.
		const asked = line.findIndex(({ id }) => id === status.questionId);
		return asked >= 0 && line[asked + 1]?.role === 'assistant' ? line.slice(0, asked + 1) : line;
	});

	readonly #store: ThreadStore;

	constructor(conversation: Conversation, store: ThreadStore) {
		this.conversation = $state.raw(conversation);
		this.#store = store;
	}

	/** Changes the conversation and saves it. */
	async change(update: (conversation: Conversation) => Conversation) {
		this.conversation = update(this.conversation);
		await this.save();
	}

	/** Never rejects: see `storageProblem`. */
	async save() {
		this.gather();
		try {
			const written = this.conversation;
			const kept = await this.#store.save(written);
			// Another tab may have added to it; what was changed here meanwhile is saved the next time.
			if (this.conversation === written) this.conversation = kept;
			this.storageProblem = null;
		} catch (error) {
			this.storageProblem = error instanceof Error ? error.message : String(error);
		}
	}
}
