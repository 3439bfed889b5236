import type { Wish } from '#plan/adapt/wishes.ts';
import { SvelteMap } from 'svelte/reactivity';
import type { RequestOffer } from '#plan/memory/request.ts';
import type { Draft } from './store/draft-store.ts';
import type { Answers } from './answers.svelte.ts';
import {
	append,
	children,
	create,
	editAndBranch,
	find,
	leaveOut,
	parentOf,
	removeTurn,
	replaceText,
	restoreTurn,
	siblings,
	switchTo,
	type Conversation,
	type ImagePart,
	type Message
} from './conversation.ts';
import { Thread, type Task, type ThreadStatus, type ThreadStore } from './thread.svelte.ts';

export type SessionStatus =
	| ThreadStatus
	/** Its next question is in the queue; `ahead`: so many run or wait before it. */
	| { kind: 'waiting'; ahead: number };

/** The open conversation: what is shown, and the verbs that change it. */
export class Session {
	/** The message that is being written in the composer. */
	draft = $state('');
	draftImages = $state.raw<readonly ImagePart[]>([]);
	/** A message to be brought into view. */
	revealed = $state.raw<string | null>(null);
	/** The question whose words are being changed. */
	editing = $state.raw<string | null>(null);
	/** As it was before a turn was deleted, as long as that can be undone. */
	beforeRemoval = $state.raw<Conversation | null>(null);

	readonly #answers: Answers;
	readonly #store: ThreadStore;
	#thread: Thread;
	readonly status: SessionStatus = $derived.by(() => {
		const { status, conversation } = this.#thread;
		if (status.kind !== 'idle') return status;
		const [first] = this.#answers.waitingIn(conversation.id);
		if (!first) return status;
		const { waiting, running } = this.#answers.queue;
		return { kind: 'waiting', ahead: waiting.indexOf(first) + (running ? 1 : 0) };
	});
	/** Something is asked in this conversation and not answered yet. */
	readonly busy: boolean = $derived(
		this.status.kind === 'waiting' ||
			this.status.kind === 'saving' ||
			this.status.kind === 'preparing' ||
			this.status.kind === 'answering'
	);
	/** An answer is being written here, or prepared: what Stop ends. */
	readonly running: boolean = $derived(this.busy && this.status.kind !== 'waiting');
	/** What automatic choices of the model obey for the next message alone. */
	nextWish: Wish | null = $state.raw(null);
	readonly #drafts = new SvelteMap<string, Draft>();
	#keepDraft: (key: string, draft: Draft) => void = () => {};

	constructor(answers: Answers, store: ThreadStore) {
		this.#answers = answers;
		this.#store = store;
		this.#thread = $state.raw(new Thread(create(), store));
		answers.shown = this.#thread;
	}

	get conversation(): Conversation {
		return this.#thread.conversation;
	}

	get messages(): Message[] {
		return this.#thread.messages;
	}

	/** Why the conversation could not be saved, if so. */
	get storageProblem(): string | null {
		return this.#thread.storageProblem;
	}

	/** Where the draft is kept. */
	get draftKey(): string {
		return draftKey(this.conversation);
	}

	/**
	 * Shows a conversation; what is being answered in the one before goes on. `keepDraft`: what is being written was
	 * meant for whatever the page opens.
	 */
	open(conversation: Conversation, { keepDraft = false } = {}) {
		const before = this.#thread;
		// While it is being answered, this page has the newest of it.
		const next = this.live(conversation.id) ?? new Thread(conversation, this.#store);
		if (!keepDraft) this.#changeDraft(next.conversation);
		this.editing = null;
		this.beforeRemoval = null;
		this.revealed = null;
		this.nextWish = null;
		next.gather();
		this.#thread = next;
		this.#answers.shown = next;
		this.#answers.unread.delete(conversation.id);
		if (before !== next) this.#answers.left(before);
	}

	/** The conversation as this page has it, while it is shown or being answered. */
	live(conversationId: string): Thread | undefined {
		return this.conversation.id === conversationId
			? this.#thread
			: this.#answers.thread(conversationId);
	}

	/** Takes the draft out, to be sent. */
	takeDraft(): Draft {
		const draft = { text: this.draft, images: this.draftImages };
		this.draft = '';
		this.draftImages = [];
		// Sending it may change where the next draft is kept.
		this.#keepDraft(this.draftKey, { text: '', images: [] });
		return draft;
	}

	/** Hears of every draft that is left behind or sent. Returns the way to stop. */
	onDraft(listener: (key: string, draft: Draft) => void): () => void {
		this.#keepDraft = listener;
		return () => (this.#keepDraft = () => {});
	}

	#changeDraft(next: Conversation) {
		const key = draftKey(next);
		if (this.draft !== '' || this.draftImages.length > 0) {
			const left = { text: this.draft, images: this.draftImages };
			this.#drafts.set(this.draftKey, left);
			this.#keepDraft(this.draftKey, left);
		}
		const draft = this.#drafts.get(key);
		this.#drafts.delete(key);
		this.draft = draft?.text ?? '';
		this.draftImages = draft?.images ?? [];
	}

	/**
	 * Adds the question and asks for its answer, after those that were asked before. Resolves when the answer is
	 * complete, stopped or failed. false: the queue is full, and nothing was changed.
	 */
	async send(text: string, images: readonly ImagePart[] = []): Promise<boolean> {
		if (text.trim() === '' && images.length === 0) return true;
		const parent = this.messages.at(-1)?.id ?? null;
		return this.#asking((conversation) =>
			append(conversation, {
				role: 'user',
				text,
				parent,
				...(images.length > 0 && { images: [...images] })
			})
		);
	}

	/** Writes another answer to the same question, beside the old one. */
	async regenerate(answerId: string) {
		const question = parentOf(this.conversation, answerId);
		if (question !== null && !this.isAsked(question))
			await this.#ask({ questionId: question, continues: null });
	}

	/**
	 * Asks the question in other words; the old branch stays. One that still waits for its first answer is changed in
	 * its place.
	 */
	async edit(questionId: string, text: string) {
		if (text.trim() === '') return;
		const waits = this.#answers.waitingFor(questionId);
		const begun =
			this.isBeingAnswered(questionId) ||
			children(this.conversation, questionId).some(({ role }) => role === 'assistant');
		if (waits && !begun) {
			this.editing = null;
			const changed = this.change((conversation) => replaceText(conversation, questionId, text));
			// It had come to its turn, and no model could be loaded for it.
			if (this.status.kind === 'failed') void this.#answers.goOn(this.conversation.id);
			await changed;
			return;
		}
		if (waits) void this.#answers.cancel(waits.id);
		if (this.#answers.full) return;
		this.editing = null;
		await this.#asking((conversation) => editAndBranch(conversation, questionId, text), {
			order: waits?.order
		});
	}

	/** Goes on with an answer that broke off. */
	async continue(answerId: string) {
		await this.#ask({ questionId: null, continues: answerId });
	}

	/** Answers again what failed, or for the first time whatever stands unanswered at the end. */
	async retry() {
		const { unfinished } = this.#thread;
		if (unfinished) return this.#ask(unfinished.task, { order: unfinished.order });
		if (this.#answers.waitingIn(this.conversation.id).length > 0)
			return this.#answers.goOn(this.conversation.id);
		const unanswered = this.unanswered.filter(({ id }) => !this.isAsked(id));
		const last = this.messages.at(-1);
		if (unanswered.length > 0)
			await Promise.all(unanswered.map(({ id }) => this.#ask({ questionId: id, continues: null })));
		else if (last?.role === 'assistant') await this.regenerate(last.id);
	}

	/** The questions at the end of what is shown, after the last answer. */
	get unanswered(): Message[] {
		const { messages } = this;
		return messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1);
	}

	/** Lets go on what waits behind something that failed here, without trying that again. */
	skip() {
		this.#settle();
		void this.#answers.goOn(this.conversation.id);
	}

	/** Takes up what was offered for a request that is too long. */
	async accept(offer: RequestOffer) {
		const { unfinished, status } = this.#thread;
		if (status.kind !== 'too-long' || !unfinished) return;
		const { task, order } = unfinished;
		switch (offer.kind) {
			case 'leave-out':
				await this.#asking((conversation) => leaveOut(conversation, offer.turnIds), {
					task,
					order
				});
				return;
			case 'shorter-answer':
				return this.#ask({ ...task, maxTokens: offer.answerTokens }, { order });
			case 'larger-window': {
				const enlarge = { contextWindow: offer.contextWindow, refused: status.verdict };
				return this.#ask({ ...task, enlarge }, { order });
			}
			case 'shorten-message':
				this.editing = task.questionId;
				return;
		}
	}

	/** Stops the answer under way here and keeps what was written; resolves when it is saved. */
	async stop() {
		await this.#answers.stop(this.conversation.id);
	}

	/** Shows the answer or question beside this one: 1 the next, -1 the one before. */
	async step(messageId: string, by: 1 | -1) {
		const group = siblings(this.conversation, messageId);
		const next = group[group.findIndex(({ id }) => id === messageId) + by];
		if (this.busy || !next) return;
		this.#settle();
		await this.change((conversation) => switchTo(conversation, next.id));
	}

	/** Shows the branch of a message and brings it into view. */
	async reveal(messageId: string) {
		// Another tab may have deleted it since it was found.
		if (!find(this.conversation, messageId)) return;
		if (!this.messages.some(({ id }) => id === messageId)) {
			if (this.busy) return;
			this.#settle();
			const { id } = this.conversation;
			await this.change((conversation) => switchTo(conversation, messageId));
			if (this.conversation.id !== id) return;
		}
		this.revealed = messageId;
	}

	/** Takes out a question with its answers; one that waits leaves the queue too. */
	async removeTurn(messageId: string) {
		const waits = this.#answers.waitingFor(messageId);
		if (this.busy && !waits) return;
		if (waits) void this.#answers.cancel(waits.id);
		else this.#settle();
		const before = this.conversation;
		await this.change((conversation) => removeTurn(conversation, messageId));
		if (this.conversation.id === before.id) this.beforeRemoval = before;
	}

	async undoRemoval() {
		const before = this.beforeRemoval;
		if (!before) return;
		this.beforeRemoval = null;
		await this.change((conversation) => restoreTurn(conversation, before));
	}

	/** Sends again what had been left out. */
	async takeBack(messageIds: readonly string[]) {
		await this.change((conversation) => leaveOut(conversation, messageIds, false));
	}

	/** Puts words of a message into the one being written. */
	quote(text: string) {
		const quoted = text.trim().replace(/^/gm, '> ');
		const before = this.draft.trimEnd();
		this.draft = `${before === '' ? '' : `${before}\n\n`}${quoted}\n\n`;
	}

	/** Changes the conversation outside of an answer (title, system prompt, branch shown) and saves it. */
	change(update: (conversation: Conversation) => Conversation): Promise<void> {
		return this.#thread.change(update);
	}

	/** What stood in the way belongs to what was shown until now. */
	#settle() {
		const thread = this.#thread;
		thread.unfinished = null;
		if (!this.busy) thread.status = { kind: 'idle' };
	}

	/** The question is being answered, or prepared for it, or waits for its turn. */
	isAsked(questionId: string): boolean {
		return this.#answers.waitingFor(questionId) !== undefined || this.isBeingAnswered(questionId);
	}

	isBeingAnswered(questionId: string): boolean {
		return this.running && this.#answers.runningQuestion === questionId;
	}

	/** Changes the conversation, saves it, and asks for an answer to the question that is last then. */
	async #asking(
		update: (conversation: Conversation) => Conversation,
		again?: { task?: Task; order: number | undefined }
	): Promise<boolean> {
		if (this.#answers.full) return false;
		this.beforeRemoval = null;
		const thread = this.#thread;
		const saved = thread.change(update);
		const wish = this.nextWish;
		if (!again) this.nextWish = null;
		const task = again?.task ?? {
			questionId: thread.conversation.leaf,
			continues: null,
			...(wish && { wish })
		};
		await this.#answers.ask(thread, task, { saved, order: again?.order });
		return true;
	}

	async #ask(task: Task, { order }: { order?: number } = {}) {
		if (this.#answers.full) return;
		await this.#answers.ask(this.#thread, task, { order });
	}
}

/** A conversation without a message is not stored: the next new one takes up its draft. */
export const draftKey = ({ id, messages }: Conversation) => (messages.length === 0 ? 'new' : id);
