import type { ChatCompletionMessageParam } from '@mlc-ai/web-llm';
import {
	imageTokens,
	NO_RATIO,
	predict,
	promptTokensOf,
	type Prediction
} from '#plan/memory/request.ts';
import { promptPieces, type PromptTurn } from '#plan/models/template.ts';
import type { AnswerHost, Answering } from './answer-host.ts';
import type { Conversation, ImagePart, Message } from './conversation.ts';
import { learnFrom, promptOf, requestOf, sentUpTo } from './prompt.ts';
import type { Session } from './session.svelte.ts';

/** Of an answer nobody has asked for yet, where this conversation says nothing of its answers. */
const TYPICAL_ANSWER_TOKENS = 250;
/** So many of the latest answers say how long the next one will be. */
const LATEST = 8;
/** While someone types, a count per keystroke would be thrown away by the next. */
const DELAY_MS = 150;

/** What the message that is being written would take. */
export interface DraftFigures {
	/** The whole prompt, with the conversation before it. */
	promptTokens: number;
	/** By the model’s own tokenizer; else guessed. */
	counted: boolean;
	/** With an answer of the usual length. */
	prediction: Prediction;
	/** Seconds until the prompt is read; less where the engine still holds the conversation. null: not measured here. */
	firstTokenSeconds: number | null;
}

export interface DraftCountHost extends Pick<AnswerHost, 'answering' | 'sampling'> {
	session: Pick<Session, 'conversation' | 'messages' | 'draft' | 'draftImages'>;
	/** Tokens of each piece by the tokenizer of the model that would answer; null: it cannot be read. */
	count: (pieces: readonly string[]) => Promise<readonly number[] | null>;
}

/** Follows the message that is being written with what it would take. */
export class DraftCount {
	/** null: nothing is written. */
	figures = $state.raw<DraftFigures | null>(null);
	readonly #host: DraftCountHost;
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** Counts questions: the answer to an earlier one is not shown. */
	#asked = 0;

	constructor(host: DraftCountHost) {
		this.#host = host;
	}

	/** The draft, the conversation or who answers has changed. */
	changed() {
		clearTimeout(this.#timer);
		this.#asked++;
		const { draft, draftImages } = this.#host.session;
		if (draft.trim() === '' && draftImages.length === 0) {
			this.figures = null;
			return;
		}
		this.#timer = setTimeout(() => void this.#count(), DELAY_MS);
	}

	stop() {
		clearTimeout(this.#timer);
		this.#asked++;
	}

	async #count() {
		const asked = ++this.#asked;
		const { session } = this.#host;
		const { conversation } = session;
		const answering = this.#host.answering();
		const { contextWindow, config, speeds, label } = answering;
		const sampling = this.#host.sampling(conversation);
		const lastId = session.messages.at(-1)?.id ?? null;
		const written = { text: session.draft, images: session.draftImages };
		const counted = await this.#counted(answering, conversation, lastId, written, {
			thinks: sampling.thinking !== false
		});
		if (asked !== this.#asked) return;
		const guessed = () => {
			const question = requestOf(conversation, lastId, {
				label,
				contextWindow: contextWindow ?? Infinity,
				config,
				ratio: learnFrom(NO_RATIO, conversation, label),
				answerLimit: sampling.maxTokens
			});
			return promptTokensOf({ ...question, turns: [...question.turns, { id: '', ...written }] });
		};
		const promptTokens = counted ?? guessed();
		const prediction = predict(
			promptTokens,
			Math.min(usualAnswer(session.messages, label), sampling.maxTokens ?? Infinity),
			config?.slidingWindowSize && !config.contextWindowSize
				? Infinity
				: (contextWindow ?? Infinity),
			speeds
		);
		this.figures = {
			promptTokens,
			counted: counted !== null,
			prediction,
			firstTokenSeconds: speeds ? promptTokens / speeds.prefillTokensPerSecond : null
		};
	}

	async #counted(
		{ config, vision }: Answering,
		conversation: Conversation,
		lastId: string | null,
		{ text, images }: { text: string; images: readonly ImagePart[] },
		how: { thinks: boolean }
	): Promise<number | null> {
		// The engine reads tokenizer.json only where the config lists it.
		if (!config?.template || !config.tokenizerFiles.includes('tokenizer.json')) return null;
		const sent = sentUpTo(conversation, lastId);
		const turns = promptOf('', sent, vision, config).map(turnOf);
		turns.push({ role: 'user', text, images: vision ? images.length : 0 });
		const counts = await this.#host.count(
			promptPieces(config.template, conversation.system, turns, how)
		);
		if (!counts) return null;
		const shown = vision ? [...sent.flatMap((one) => one.images ?? []), ...images] : [];
		return (
			(config.template.system_prefix_token_ids?.length ?? 0) +
			counts.reduce((sum, tokens) => sum + tokens, 0) +
			shown.reduce((sum, image) => sum + imageTokens(config, image), 0)
		);
	}
}

/** Tokens of the answers to come, by the latest of this conversation that ended by themselves. */
function usualAnswer(messages: readonly Message[], label: string): number {
	const latest = messages
		.flatMap(({ answer }) =>
			answer?.label === label && answer.finish === 'stop' && answer.completionTokens
				? [answer.completionTokens]
				: []
		)
		.slice(-LATEST);
	if (latest.length === 0) return TYPICAL_ANSWER_TOKENS;
	return Math.round(latest.reduce((sum, tokens) => sum + tokens, 0) / latest.length);
}

function turnOf({ role, content }: ChatCompletionMessageParam): PromptTurn {
	const parts = Array.isArray(content) ? content : [];
	const text =
		typeof content === 'string'
			? content
			: parts.map((part) => ('text' in part ? part.text : '')).join('');
	return {
		role: role === 'assistant' ? 'assistant' : 'user',
		text,
		images: parts.filter(({ type }) => type === 'image_url').length
	};
}
