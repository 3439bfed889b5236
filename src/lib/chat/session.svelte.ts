import type { ChatCompletionMessageParam } from '@mlc-ai/web-llm';
import { SvelteMap } from 'svelte/reactivity';
import type { Generator } from '../engine/engine.ts';
import type { Sampling } from '../engine/sampling.ts';
import {
	checkRequest,
	learn,
	NO_RATIO,
	promptTokensOf,
	type Answerer,
	type RequestOffer,
	type RequestQuestion,
	type RequestVerdict,
	type TokenRatio
} from '../memory/request.ts';
import type { ChatConfig } from '../models/config.ts';
import type { ConversationStore } from '../storage/conversations.ts';
import type { Lazily } from '../storage/lazily.ts';
import { asFailure, Failure } from '../worker/failure.ts';
import {
	append,
	create,
	editAndBranch,
	find,
	leaveOut,
	parentOf,
	path,
	removeTurn,
	replaceText,
	restoreTurn,
	siblings,
	switchTo,
	type AnswerInfo,
	type Conversation,
	type ImagePart,
	type Message
} from './conversation.ts';
import { CONTINUE, guessPrompt, join, learnFrom, promptOf, requestOf, sentUpTo } from './prompt.ts';
import { openedFor, partThinking, samplingFor } from './thinking.ts';

export type TooLong = Extract<RequestVerdict, { kind: 'too-long' }>;

/** A tab that is not seen has no frames; what is written there is kept all the same. */
const UNSEEN_MS = 1_000;

/** Runs at the next frame; returns the way to cancel. */
function nextFrame(run: () => void): () => void {
	const cancel = () => {
		cancelAnimationFrame(frame);
		clearTimeout(timer);
	};
	const frame = requestAnimationFrame(run);
	const timer = setTimeout(run, UNSEEN_MS);
	return cancel;
}

export type SessionStatus =
	| { kind: 'idle' }
	/** What was asked is being put on the disk. */
	| { kind: 'saving' }
	/** The model is being loaded before the message can be answered. */
	| { kind: 'preparing' }
	/** messageId is null as long as the model reads: an answer without a word leaves nothing behind. */
	| { kind: 'answering'; questionId: string | null; messageId: string | null }
	/** The engine was not asked, or refused: nothing is lost, and every offer alone makes it fit. */
	| { kind: 'too-long'; verdict: TooLong }
	| { kind: 'failed'; failure: Failure };

/** What would answer now: the loaded model, or the chosen one that would be loaded first. */
export interface Answering {
	familyName: string;
	contextWindow: number;
	config: ChatConfig | null;
	vision: boolean;
	answerer: Answerer;
}

/** What writes an answer, and the names that are kept with it. */
export interface Writer {
	engine: Generator;
	variant: { id: string; familyId: string; quantization: { name: string } };
}

/** Why a run was ended from outside: `signal.reason` of what it is given. */
export type RunEnding =
	| 'stopped'
	/** Another conversation is opened: what was begun for this one alone is not wanted any more. */
	| 'left';

export interface SessionHost {
	/** The loaded model; loads the chosen one first if there is none. Throws a Failure. */
	model(signal: AbortSignal): Promise<Writer>;
	answering(): Answering;
	/** Loads what answers again with that window; false: it could not be loaded, or was aborted. */
	enlarge(contextWindow: number, signal: AbortSignal): Promise<boolean>;
	sampling(conversation: Conversation): Sampling;
}

/** One answer to be written. */
interface Task {
	/** null: an answer that was begun is continued. */
	questionId: string | null;
	continues: string | null;
	/** For this answer alone. */
	maxTokens?: number;
}

/** Where the open conversation is kept. */
type Store = Pick<Lazily<ConversationStore>, 'save'>;

/** How often an answer under way is put on the disk, in case the tab dies. */
const SAVE_INTERVAL_MS = 2_000;

/** One open conversation: what is shown, and the verbs that change it. */
export class Session {
	conversation = $state.raw<Conversation>(create());
	status = $state.raw<SessionStatus>({ kind: 'idle' });
	/** Why the conversation could not be kept on the disk, if so. */
	storageProblem = $state.raw<string | null>(null);
	/** The message that is being written in the composer. */
	draft = $state('');
	draftImages = $state.raw<readonly ImagePart[]>([]);
	/** A message to be brought into view. */
	revealed = $state.raw<string | null>(null);
	/** The question whose words are being changed. */
	editing = $state.raw<string | null>(null);
	/** As it was before a turn was deleted, as long as that can be undone. */
	beforeRemoval = $state.raw<Conversation | null>(null);
	messages: Message[] = $derived.by(() => {
		const { status, conversation } = this;
		const reading = status.kind === 'answering' && status.messageId === null;
		return path(reading ? { ...conversation, leaf: status.questionId } : conversation);
	});
	busy = $derived(
		this.status.kind === 'answering' ||
			this.status.kind === 'preparing' ||
			this.status.kind === 'saving'
	);

	readonly #host: SessionHost;
	readonly #store: Store;
	readonly #drafts = new SvelteMap<string, { text: string; images: readonly ImagePart[] }>();
	/** By family. */
	readonly #ratios = new SvelteMap<string, TokenRatio>();
	/** null: nothing is asked, and `busy` is false. */
	#run: AbortController | null = null;
	/** Resolves when every run has ended and its last words are on the disk. */
	#finished: Promise<unknown> = Promise.resolve();
	/** Counts what was to be opened: the last one wins. */
	#opening = 0;
	#task: Task | null = null;
	/** What the engine still holds of the last answer: it counts only what it reads anew. */
	#held: { engine: Generator; history: string; tokens: number } | null = null;

	constructor(host: SessionHost, store: Store) {
		this.#host = host;
		this.#store = store;
	}

	/** `keepDraft`: what is being written was meant for whatever the page opens. */
	async open(conversation: Conversation, { keepDraft = false } = {}) {
		const opening = ++this.#opening;
		// Something may be asked while the one before is being stopped.
		do await this.#end('left');
		while (this.#run);
		if (opening !== this.#opening) return;
		if (!keepDraft) this.#changeDraft(conversation);
		this.editing = null;
		this.beforeRemoval = null;
		this.revealed = null;
		this.#task = null;
		this.conversation = conversation;
		this.status = { kind: 'idle' };
	}

	#changeDraft(next: Conversation) {
		if (this.draft !== '' || this.draftImages.length > 0)
			this.#drafts.set(draftKey(this.conversation), {
				text: this.draft,
				images: this.draftImages
			});
		const key = draftKey(next);
		const draft = this.#drafts.get(key);
		this.#drafts.delete(key);
		this.draft = draft?.text ?? '';
		this.draftImages = draft?.images ?? [];
	}

	/** Adds the question and writes the answer; resolves when the answer is complete, stopped or failed. */
	async send(text: string, images: readonly ImagePart[] = []) {
		if (text.trim() === '' && images.length === 0) return;
		await this.#asking((conversation) =>
			append(conversation, {
				role: 'user',
				text,
				...(images.length > 0 && { images: [...images] })
			})
		);
	}

	/** Writes another answer to the same question, beside the old one. */
	async regenerate(answerId: string) {
		const question = parentOf(this.conversation, answerId);
		if (question !== null) await this.#answering({ questionId: question, continues: null });
	}

	/** Asks the question anew in other words; the old branch stays. */
	async edit(questionId: string, text: string) {
		if (this.busy || text.trim() === '') return;
		this.editing = null;
		await this.#asking((conversation) => editAndBranch(conversation, questionId, text));
	}

	/** Goes on with an answer that broke off. */
	async continue(answerId: string) {
		await this.#answering({ questionId: null, continues: answerId });
	}

	/** Answers the last question again after a failure, or for the first time. */
	async retry() {
		const last = this.messages.at(-1);
		if (!last) return;
		if (this.#task) await this.#answering(this.#task);
		else if (last.role === 'user') await this.#answering({ questionId: last.id, continues: null });
		else await this.regenerate(last.id);
	}

	/** Takes up what was offered for a request that is too long. */
	async accept(offer: RequestOffer) {
		const task = this.#task;
		if (this.busy || !task) return;
		const refused = this.status;
		switch (offer.kind) {
			case 'leave-out':
				return this.#asking((conversation) => leaveOut(conversation, offer.turnIds), task);
			case 'shorter-answer':
				return this.#answering({ ...task, maxTokens: offer.answerTokens });
			case 'larger-window':
				return this.#claim({ kind: 'preparing' }, async (run) => {
					const enlarged = await this.#host.enlarge(offer.contextWindow, run.signal);
					if (enlarged && !run.signal.aborted) await this.#answer(task, run);
					else this.#settleAfter(run, refused);
				});
			case 'shorten-message':
				this.editing = task.questionId;
				return;
		}
	}

	/** Stops the answer under way and keeps what was written; resolves when it has stopped. */
	stop(): Promise<void> {
		return this.#end('stopped');
	}

	/** The same, but what waits for a model goes on waiting: for whoever is about to end the engine that writes. */
	async stopWriting() {
		if (this.status.kind === 'answering') await this.#end('stopped');
	}

	async #end(ending: RunEnding) {
		this.#run?.abort(ending);
		await this.#finished;
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

	/** Takes out a question with its answers. */
	async removeTurn(messageId: string) {
		if (this.busy) return;
		const before = this.conversation;
		this.#settle();
		await this.change((conversation) => removeTurn(conversation, messageId));
		if (this.conversation.id === before.id) this.beforeRemoval = before;
	}

	async undoRemoval() {
		const before = this.beforeRemoval;
		if (!before || this.busy) return;
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

	/** Changes the conversation outside of an answer (title, system prompt, branch shown) and keeps it. */
	async change(update: (conversation: Conversation) => Conversation) {
		this.conversation = update(this.conversation);
		await this.#save();
	}

	/** What stood in the way belongs to what was shown until now. */
	#settle() {
		this.#task = null;
		if (!this.busy) this.status = { kind: 'idle' };
	}

	/** Changes the conversation, keeps it, and answers the question that is last then. */
	async #asking(update: (conversation: Conversation) => Conversation, task?: Task) {
		await this.#claim({ kind: 'saving' }, async (run) => {
			this.beforeRemoval = null;
			await this.change(update);
			await this.#answer(task ?? { questionId: this.conversation.leaf, continues: null }, run);
		});
	}

	#answering(task: Task): Promise<void> {
		return this.#claim({ kind: 'preparing' }, (run) => this.#answer(task, run));
	}

	/**
	 * Nothing else can be asked from here on until `work` has set the status it ends with. It must ask after each `await`
	 * whether the run still stands.
	 */
	async #claim(status: SessionStatus, work: (run: AbortController) => Promise<void>) {
		if (this.busy) return;
		const run = new AbortController();
		this.#run = run;
		this.status = status;
		const working = work(run);
		this.#finished = Promise.allSettled([this.#finished, working]);
		try {
			await working;
		} finally {
			this.#settleAfter(run, { kind: 'idle' });
		}
	}

	async #answer(task: Task, run: AbortController) {
		this.#task = task;
		if (run.signal.aborted) return;
		const refused = this.#check(task);
		if (refused) return this.#settleAfter(run, { kind: 'too-long', verdict: refused });
		this.status = { kind: 'preparing' };
		try {
			const writer = await this.#host.model(run.signal);
			if (run.signal.aborted) throw new Failure('cancelled', 'Cancelled.');
			await this.#write(writer, task, run.signal);
			this.#task = null;
			this.#settleAfter(run, { kind: 'idle' });
		} catch (thrown) {
			this.#settleAfter(run, this.#statusAfter(asFailure(thrown), task));
		} finally {
			await this.#save();
		}
	}

	/** Ends a run, unless it has ended. */
	#settleAfter(run: AbortController, status: SessionStatus) {
		if (this.#run !== run) return;
		this.#run = null;
		this.status = status;
	}

	#statusAfter(failure: Failure, task: Task): SessionStatus {
		if (failure.kind === 'cancelled') return { kind: 'idle' };
		const verdict =
			failure.kind === 'context-full'
				? this.#check(task, Number(failure.detail.promptTokens ?? 0))
				: null;
		return verdict ? { kind: 'too-long', verdict } : { kind: 'failed', failure };
	}

	/**
	 * Holds a request against the window; null: it fits. `countedTokens` is what the engine counted when it refused,
	 * which outweighs every guess.
	 */
	#check({ questionId, continues, maxTokens }: Task, countedTokens?: number): TooLong | null {
		const { familyName, contextWindow, config, answerer } = this.#host.answering();
		const sampling = this.#host.sampling(this.conversation);
		const ratio = this.#ratioOf(familyName);
		const asked = requestOf(this.conversation, continues ?? questionId, {
			familyName,
			contextWindow,
			config,
			ratio,
			answerLimit: maxTokens ?? sampling.maxTokens
		});
		const request: RequestQuestion =
			continues === null
				? asked
				: { ...asked, turns: [...asked.turns, { id: CONTINUE, text: CONTINUE }] };
		const verdict = checkRequest(
			countedTokens === undefined ? request : recounted(request, countedTokens),
			answerer
		);
		if (verdict.kind === 'fits') return null;
		// An answer cannot be continued without itself.
		const offers = verdict.offers.filter(
			(offer) =>
				continues === null ||
				(offer.kind === 'leave-out'
					? !offer.turnIds.includes(continues)
					: offer.kind !== 'shorten-message')
		);
		return { ...verdict, offers };
	}

	/** What this family's answers taught of its tokens. */
	#ratioOf(familyName: string): TokenRatio {
		return this.#ratios.get(familyName) ?? learnFrom(NO_RATIO, this.conversation, familyName);
	}

	async #write(writer: Writer, task: Task, signal: AbortSignal) {
		const { familyName, vision, config } = this.#host.answering();
		const { questionId, continues } = task;
		const sampling = samplingFor(writer.variant.familyId, this.#samplingFor(task));
		const opened = openedFor(config, sampling);
		const sent = sentUpTo(this.conversation, continues ?? questionId);
		const prompt = promptOf(this.conversation.system, sent, vision, config);
		if (continues !== null) prompt.push({ role: 'user', content: CONTINUE });
		const begun = continues === null ? undefined : find(this.conversation, continues);
		let id = begun?.id ?? null;
		this.status = { kind: 'answering', questionId, messageId: id };

		const info = (finish: AnswerInfo['finish'], figures: Figures = noFigures): AnswerInfo => ({
			variantId: writer.variant.id,
			familyName,
			quantization: writer.variant.quantization.name,
			finish,
			...figures,
			...(thinkingMs !== null && { thinkingMs: Math.round(thinkingMs) }),
			...(sampling.json.mode !== 'off' && { json: true })
		});
		let raw = '';
		let cancelFrame: (() => void) | null = null;
		let savedMs = performance.now();
		let thinkingSinceMs: number | null = null;
		let thinkingMs = begun?.answer?.thinkingMs ?? null;
		const show = (answerOf: () => AnswerInfo, ended = true) => {
			// A frame that is still due would put back what it knew.
			cancelFrame?.();
			cancelFrame = null;
			const parted = partThinking(raw, { opened, ended });
			const { thinking: thoughts, thought, answer: text } = parted;
			if (thoughts !== null) {
				thinkingSinceMs ??= performance.now();
				if (!thought || thinkingMs === null) thinkingMs = performance.now() - thinkingSinceMs;
			}
			const thinking = [begun?.thinking, thoughts].filter(Boolean).join('\n\n');
			const written = {
				...(thinking !== '' && { thinking }),
				answer: answerOf()
			};
			if (id === null) {
				this.conversation = append(this.conversation, {
					role: 'assistant',
					text,
					parent: questionId,
					...written
				});
				id = this.conversation.leaf;
				this.status = { kind: 'answering', questionId, messageId: id };
			} else
				this.conversation = replaceText(
					this.conversation,
					id,
					begun ? join(begun.text, text) : text,
					written
				);
		};
		try {
			const result = await writer.engine.generate(
				{ messages: prompt, sampling },
				{
					signal,
					onText: (added) => {
						raw += added;
						cancelFrame ??= nextFrame(() => {
							show(() => info('partial'), false);
							if (performance.now() - savedMs > SAVE_INTERVAL_MS) {
								savedMs = performance.now();
								void this.#save();
							}
						});
					}
				}
			);
			const { finish, ...figures } = result;
			const history = JSON.stringify(prompt.slice(0, -1));
			const heldTokens =
				this.#held?.engine === writer.engine && this.#held.history === history
					? this.#held.tokens
					: 0;
			const promptTokens = figures.promptTokens + heldTokens;
			this.#held =
				finish === 'stop'
					? {
							engine: writer.engine,
							history: JSON.stringify([...prompt, reply(raw)]),
							tokens: promptTokens + figures.completionTokens
						}
					: null;
			if (!sent.some(({ images }) => images)) {
				const guessed = guessPrompt(this.conversation.system, sent);
				const known = this.#ratioOf(familyName);
				this.#ratios.set(familyName, learn(known, guessed, promptTokens));
			}
			// Stopped before the first word: as if it had not been asked.
			if (raw === '' && finish === 'stopped') return;
			const completionTokens = figures.completionTokens + (begun?.answer?.completionTokens ?? 0);
			const before = begun?.answer?.promptTokens ?? promptTokens;
			show(() => info(finish, { ...figures, promptTokens: before, completionTokens }));
		} catch (thrown) {
			this.#held = null;
			if (raw !== '') show(() => info('failed'));
			throw thrown;
		}
	}

	#samplingFor({ maxTokens }: Task): Sampling {
		const sampling = this.#host.sampling(this.conversation);
		return maxTokens === undefined ? sampling : { ...sampling, maxTokens };
	}

	async #save() {
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

/** A conversation without a message is not stored: the next new one takes up its draft. */
const draftKey = ({ id, messages }: Conversation) => (messages.length === 0 ? 'new' : id);

const noFigures = {
	promptTokens: null,
	completionTokens: null,
	prefillTokensPerSecond: null,
	decodeTokensPerSecond: null,
	timeToFirstTokenMs: null
} satisfies Partial<AnswerInfo>;

type Figures = Pick<AnswerInfo, keyof typeof noFigures>;

const reply = (content: string): ChatCompletionMessageParam => ({ role: 'assistant', content });

/** The same request with every turn scaled so that the sum is what the engine counted. */
function recounted(request: RequestQuestion, countedTokens: number): RequestQuestion {
	// Where it still held the beginning, the engine names only the rest.
	const atLeast = Math.max(countedTokens, request.contextWindow + 1);
	const factor = Math.max(1, atLeast / promptTokensOf(request));
	const turns = request.turns.map((turn) => ({
		...turn,
		tokens: Math.ceil(promptTokensOf({ ...request, system: '', turns: [turn] }) * factor)
	}));
	return { ...request, turns };
}
