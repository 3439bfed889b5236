import type { ChatCompletionMessageParam } from '@mlc-ai/web-llm';
import type { Engine } from '../engine/engine.ts';
import type { Sampling } from '../engine/sampling.ts';
import {
	checkRequest,
	learn,
	NO_RATIO,
	promptTokensOf,
	type RequestQuestion,
	type TokenRatio
} from '#plan/memory/request.ts';
import type { AnswerHost, RunEnding } from './answer-host.ts';
import {
	appendAnswer,
	find,
	replaceText,
	type AnswerInfo,
	type Conversation
} from './conversation.ts';
import { CONTINUE, guessPrompt, join, learnFrom, promptOf, requestOf, sentUpTo } from './prompt.ts';
import { asFailure } from '../rpc/failure.ts';
import type { Ending } from '../statistics/outcomes.ts';
import { openedFor, partThinking, samplingFor } from './thinking.ts';
import type { Task, Thread, TooLong } from './thread.svelte.ts';
import { uuid } from '../kit/uuid.ts';

/** A tab that is not seen has no frames; its text is shown and saved too. */
const UNSEEN_MS = 1_000;

/** With the time that saving takes, the death of the tab costs less than two seconds of an answer. */
const SAVE_INTERVAL_MS = 1_500;

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

export interface WriteOptions {
	signal: AbortSignal;
	/** Whether the conversation is on screen: of others no frame is drawn. */
	shown: () => boolean;
}

/** Writes answers into their conversations, and keeps what the next one profits from. */
export class AnswerWriter {
	readonly #host: AnswerHost;
	/** By label. */
	readonly #ratios = new Map<string, TokenRatio>();
	/** What the engine still holds of the last answer: it counts only what it reads beyond that. */
	#held: { engine: Engine; history: string; tokens: number } | null = null;

	constructor(host: AnswerHost) {
		this.#host = host;
	}

	/**
	 * Compares a request with the window; null: it fits. `countedTokens` is what the engine counted when it refused,
	 * which outweighs every guess.
	 */
	check(
		thread: Thread,
		{ questionId, continues, maxTokens }: Task,
		countedTokens?: number
	): TooLong | null {
		const { conversation } = thread;
		const { label, contextWindow, config, answerer, speeds } = this.#host.answering();
		if (contextWindow === null || answerer === null) return null;
		const sampling = this.#host.sampling(conversation);
		const asked = requestOf(conversation, continues ?? questionId, {
			label,
			contextWindow,
			config,
			ratio: this.#ratioOf(thread, label),
			answerLimit: maxTokens ?? sampling.maxTokens
		});
		const request: RequestQuestion =
			continues === null
				? asked
				: { ...asked, turns: [...asked.turns, { id: CONTINUE, text: CONTINUE }] };
		const verdict = checkRequest(
			countedTokens === undefined ? request : recounted(request, countedTokens),
			answerer,
			speeds
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

	/** What answers under this label taught of its tokens. */
	#ratioOf({ conversation }: Thread, label: string): TokenRatio {
		return this.#ratios.get(label) ?? learnFrom(NO_RATIO, conversation, label);
	}

	#samplingOf({ conversation }: Thread, { maxTokens }: Task): Sampling {
		const sampling = this.#host.sampling(conversation);
		return maxTokens === undefined ? sampling : { ...sampling, maxTokens };
	}

	/**
	 * Resolves with whether a word was written. Rejects with the engine's Failure, after what was written is in the
	 * conversation.
	 */
	async write(thread: Thread, task: Task, engine: Engine, options: WriteOptions): Promise<boolean> {
		const { signal, shown } = options;
		const leaves = () => signal.reason === ('engine-leaves' satisfies RunEnding);
		const { config } = this.#host.answering();
		const { label, can } = engine;
		const { questionId, continues } = task;
		const refusal = engine.refuses?.(thread.conversation.id, answeredBy(thread.conversation));
		if (refusal) throw refusal;
		const sampling = samplingFor(can, this.#samplingOf(thread, task));
		const opened = openedFor(config, sampling);
		const { system } = thread.conversation;
		const sent = sentUpTo(thread.conversation, continues ?? questionId);
		const prompt = promptOf(system, sent, can.images, config);
		if (continues !== null) prompt.push({ role: 'user', content: CONTINUE });
		const begun = continues === null ? undefined : find(thread.conversation, continues);
		let id = begun?.id ?? null;
		thread.status = { kind: 'answering', questionId, messageId: id };

		const info = (finish: AnswerInfo['finish'], figures: Figures = noFigures): AnswerInfo => ({
			engineId: engine.id,
			label,
			...(engine.quantization !== null && { quantization: engine.quantization }),
			finish,
			...figures,
			...(thinkingMs !== null && { thinkingMs: Math.round(thinkingMs) }),
			...(sampling.json.mode !== 'off' && { json: true })
		});
		let raw = '';
		/** How much of it is in the conversation. */
		let gatheredChars = 0;
		let cancelFrame: (() => void) | null = null;
		let saveTimer: ReturnType<typeof setTimeout> | undefined;
		let savedAtMs = performance.now();
		let thinkingSinceMs: number | null = null;
		let thinkingMs = begun?.answer?.thinkingMs ?? null;
		const put = (answerOf: () => AnswerInfo, ended = true) => {
			// A frame that is still due would put back what it knew.
			cancelFrame?.();
			cancelFrame = null;
			gatheredChars = raw.length;
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
				const before = thread.conversation;
				id = uuid();
				thread.conversation = appendAnswer(before, questionId, { id, text, ...written });
				thread.status = { kind: 'answering', questionId, messageId: id };
			} else
				thread.conversation = replaceText(
					thread.conversation,
					id,
					begun ? join(begun.text, text) : text,
					written
				);
		};
		const gather = () => {
			if (raw.length > gatheredChars) put(() => info('partial'), false);
		};
		const save = () => {
			clearTimeout(saveTimer);
			saveTimer = undefined;
			savedAtMs = performance.now();
			void thread.save();
		};
		const end = () => {
			clearTimeout(saveTimer);
			cancelFrame?.();
			thread.gather = () => {};
		};
		thread.gather = gather;
		const beganMs = performance.now();
		const tell = (ending: Ending, figures: Figures = noFigures) =>
			this.#host.answered(engine.id, {
				ending,
				...figures,
				answerMs: performance.now() - beganMs,
				at: Date.now()
			});
		try {
			const result = await engine.generate(
				{ messages: prompt, sampling },
				{
					signal,
					onText: (added) => {
						// An engine that is stopped while it reads makes one token more.
						if (raw === '' && leaves()) return;
						raw += added;
						if (shown()) cancelFrame ??= nextFrame(gather);
						// The timers of a tab that is not seen may sleep for a minute.
						if (performance.now() - savedAtMs > SAVE_INTERVAL_MS) save();
						else saveTimer ??= setTimeout(save, SAVE_INTERVAL_MS);
					}
				}
			);
			end();
			const { finish, ...figures } = result;
			const history = JSON.stringify(prompt.slice(0, -1));
			const heldTokens =
				this.#held?.engine === engine && this.#held.history === history ? this.#held.tokens : 0;
			const promptTokens = figures.promptTokens + heldTokens;
			this.#held =
				finish === 'stop'
					? {
							engine,
							history: JSON.stringify([...prompt, reply(raw)]),
							tokens: promptTokens + figures.completionTokens
						}
					: null;
			if (!sent.some(({ images }) => images)) {
				const guessed = guessPrompt(system, sent);
				const known = this.#ratioOf(thread, label);
				this.#ratios.set(label, learn(known, guessed, promptTokens));
			}
			// The next engine answers, and its answer is counted.
			if (raw === '' && leaves()) return false;
			tell({ kind: finish === 'stopped' ? 'stopped' : 'complete' }, { ...figures, promptTokens });
			// Stopped before the first word: as if it had not been asked.
			if (raw === '' && finish === 'stopped') return false;
			const completionTokens = figures.completionTokens + (begun?.answer?.completionTokens ?? 0);
			const before = begun?.answer?.promptTokens ?? promptTokens;
			put(() => info(finish, { ...figures, promptTokens: before, completionTokens }));
			return true;
		} catch (thrown) {
			end();
			this.#held = null;
			const { kind: failure } = asFailure(thrown);
			tell(
				signal.aborted || failure === 'cancelled'
					? { kind: 'stopped' }
					: { kind: 'failed', failure }
			);
			if (raw !== '') put(() => info('failed'));
			throw thrown;
		}
	}
}

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

const answeredBy = ({ messages }: Conversation): ReadonlySet<string> =>
	new Set(messages.flatMap(({ answer }) => answer?.engineId ?? []));
