import type { ChatCompletionMessageParam } from '@mlc-ai/web-llm';
import type { Loaded } from '../engine/loader.svelte.ts';
import type { Sampling } from '../engine/sampling.ts';
import type { ConversationStore } from '../storage/conversations.ts';
import { asFailure, Failure } from '../worker/failure.ts';
import {
	append,
	create,
	editAndBranch,
	find,
	parentOf,
	path,
	replaceText,
	type AnswerInfo,
	type Conversation,
	type Message
} from './conversation.ts';
import { partThinking } from './thinking.ts';

export type SessionStatus =
	| { kind: 'idle' }
	/** The model is being loaded before the message can be answered. */
	| { kind: 'preparing' }
	| { kind: 'answering'; messageId: string; written: boolean }
	| { kind: 'failed'; failure: Failure };

export interface SessionHost {
	/** The loaded model; loads the chosen one first if there is none. Throws a Failure. */
	model(signal: AbortSignal): Promise<Loaded>;
	familyName(loaded: Loaded): string;
	sampling(conversation: Conversation): Sampling;
}

/** How often an answer under way is put on the disk, in case the tab dies. */
const SAVE_INTERVAL_MS = 2_000;

/** One open conversation: what is shown, and the verbs that change it. */
export class Session {
	conversation = $state.raw<Conversation>(create());
	status = $state.raw<SessionStatus>({ kind: 'idle' });
	/** Why the conversation could not be kept on the disk, if so. */
	storageProblem = $state.raw<string | null>(null);
	messages: Message[] = $derived(path(this.conversation));
	busy = $derived(this.status.kind === 'answering' || this.status.kind === 'preparing');

	readonly #host: SessionHost;
	readonly #store: ConversationStore;
	#run: AbortController | null = null;
	#finished: Promise<void> = Promise.resolve();

	constructor(host: SessionHost, store: ConversationStore) {
		this.#host = host;
		this.#store = store;
	}

	async open(conversation: Conversation) {
		await this.stop();
		this.conversation = conversation;
		this.status = { kind: 'idle' };
	}

	/** Adds the question and writes the answer; resolves when the answer is complete, stopped or failed. */
	async send(text: string) {
		if (this.busy || text.trim() === '') return;
		this.conversation = append(this.conversation, { role: 'user', text });
		await this.#save();
		await this.#answer();
	}

	/** Writes another answer to the same question, beside the old one. */
	async regenerate(answerId: string) {
		if (this.busy) return;
		const question = parentOf(this.conversation, answerId);
		if (question !== null) await this.#answer(question);
	}

	/** Asks the question anew in other words; the old branch stays. */
	async edit(questionId: string, text: string) {
		if (this.busy || text.trim() === '') return;
		this.conversation = editAndBranch(this.conversation, questionId, text);
		await this.#save();
		await this.#answer();
	}

	/** Answers the last question again after a failure. */
	async retry() {
		const last = this.messages.at(-1);
		if (this.busy || !last) return;
		if (last.role === 'user') await this.#answer();
		else await this.regenerate(last.id);
	}

	/** Stops the answer under way and keeps what was written; resolves when it has stopped. */
	async stop() {
		this.#run?.abort();
		await this.#finished;
	}

	/** Changes the conversation outside of an answer (title, system prompt, branch shown) and keeps it. */
	async change(update: (conversation: Conversation) => Conversation) {
		this.conversation = update(this.conversation);
		await this.#save();
	}

	async #answer(question: string | null = this.conversation.leaf) {
		const run = new AbortController();
		this.#run = run;
		let over = () => {};
		this.#finished = new Promise((resolve) => (over = resolve));
		this.status = { kind: 'preparing' };
		try {
			const loaded = await this.#host.model(run.signal);
			await this.#write(loaded, question, run.signal);
			this.status = { kind: 'idle' };
		} catch (thrown) {
			const failure = asFailure(thrown);
			this.status = failure.kind === 'cancelled' ? { kind: 'idle' } : { kind: 'failed', failure };
		} finally {
			if (this.#run === run) this.#run = null;
			await this.#save();
			over();
		}
	}

	async #write(loaded: Loaded, question: string | null, signal: AbortSignal) {
		const prompt = this.#prompt(question);
		this.conversation = append(this.conversation, {
			role: 'assistant',
			text: '',
			parent: question,
			answer: this.#info(loaded, 'partial')
		});
		const id = this.conversation.leaf;
		if (id === null) throw new Failure('engine', 'The answer has no place in the conversation.');
		this.status = { kind: 'answering', messageId: id, written: false };

		let raw = '';
		let frame: number | null = null;
		let savedMs = performance.now();
		const show = (info: AnswerInfo) => {
			// A frame that is still due would put back what it knew.
			if (frame !== null) cancelAnimationFrame(frame);
			frame = null;
			const { thinking, answer } = partThinking(raw);
			this.conversation = replaceText(this.conversation, id, answer, {
				...(thinking !== null && { thinking }),
				answer: info
			});
		};
		try {
			const result = await loaded.engine.generate(
				{ messages: prompt, sampling: this.#host.sampling(this.conversation) },
				{
					signal,
					onText: (added) => {
						if (raw === '') this.status = { kind: 'answering', messageId: id, written: true };
						raw += added;
						frame ??= requestAnimationFrame(() => {
							show(this.#info(loaded, 'partial'));
							if (performance.now() - savedMs > SAVE_INTERVAL_MS) {
								savedMs = performance.now();
								void this.#save();
							}
						});
					}
				}
			);
			const { finish, ...figures } = result;
			show({ ...this.#info(loaded, finish), ...figures });
		} catch (thrown) {
			show(this.#info(loaded, 'failed'));
			throw thrown;
		}
	}

	/** What the engine is sent: the branch that leads to the question. */
	#prompt(question: string | null): ChatCompletionMessageParam[] {
		const upTo: ChatCompletionMessageParam[] = [];
		for (let id = question; id !== null; id = parentOf(this.conversation, id)) {
			const message = find(this.conversation, id);
			if (message) upTo.unshift({ role: message.role, content: message.text });
		}
		const { system } = this.conversation;
		return system === '' ? upTo : [{ role: 'system', content: system }, ...upTo];
	}

	#info(loaded: Loaded, finish: AnswerInfo['finish']): AnswerInfo {
		return {
			variantId: loaded.variant.id,
			familyName: this.#host.familyName(loaded),
			quantization: loaded.variant.quantization.name,
			finish,
			promptTokens: null,
			completionTokens: null,
			prefillTokensPerSecond: null,
			decodeTokensPerSecond: null,
			timeToFirstTokenMs: null
		};
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
