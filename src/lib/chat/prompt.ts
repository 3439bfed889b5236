import type { ChatCompletionMessageParam } from '@mlc-ai/web-llm';
import {
	guessTokens,
	learn,
	TEMPLATE_TOKENS,
	type RequestQuestion,
	type TokenRatio,
	type Turn
} from '#plan/memory/request.ts';
import type { ChatConfig } from '#plan/models/config.ts';
import { openedBy } from '#plan/models/thinking-marks.ts';
import { find, parentOf, type Conversation, type Message } from './conversation.ts';
import { partMessage } from './thinking.ts';

/** The branch that leads to a message, oldest first. */
function lineUpTo(conversation: Conversation, messageId: string | null): Message[] {
	const line: Message[] = [];
	for (let id = messageId; id !== null; id = parentOf(conversation, id)) {
		const message = find(conversation, id);
		if (!message) break;
		line.unshift(message);
	}
	return line;
}

/** The branch that leads to a message, without what is left out and what is empty. */
export function sentUpTo(conversation: Conversation, messageId: string | null): Message[] {
	return lineUpTo(conversation, messageId).filter(
		(message) =>
			// The one that is asked about is always sent.
			message.id === messageId ||
			(!message.leftOut && (message.images !== undefined || partMessage(message).text !== ''))
	);
}

/**
 * What the engine is sent: no thoughts. A model without vision is sent the words alone. A template that opens a thought
 * before every reply opens one before earlier answers too: they close it.
 */
export function promptOf(
	system: string,
	sent: readonly Message[],
	vision: boolean,
	config: Pick<ChatConfig, 'replyHeader'> | null = null
): ChatCompletionMessageParam[] {
	const close = config && openedBy(config.replyHeader)?.close[0];
	const messages = sent.map((message) => paramOf(message, vision, close ? `\n${close}\n\n` : ''));
	return system === '' ? messages : [{ role: 'system', content: system }, ...messages];
}

function paramOf(message: Message, vision: boolean, closing: string): ChatCompletionMessageParam {
	const { role, text, images } = message;
	if (role === 'assistant') return { role, content: closing + partMessage(message).text };
	if (!vision || !images) return { role, content: text };
	return {
		role,
		content: [
			// Whatever came into a conversation: the engine would fetch an address.
			...images
				.filter(({ url }) => url.startsWith('data:image/'))
				.map(({ url }) => ({ type: 'image_url' as const, image_url: { url } })),
			{ type: 'text', text }
		]
	};
}

/** Asked of a model whose answer broke off: the engine only ever answers a question. */
export const CONTINUE = 'Continue exactly where you stopped. Repeat nothing.';

/** An answer and its continuation as one text: tokens mostly end with their word, and new texts begin without a space. */
export function join(begun: string, more: string): string {
	const apart = /\s$/.test(begun) || begun === '' || !/^[\p{L}\p{N}]/u.test(more);
	return apart ? begun + more : `${begun} ${more}`;
}

const guessOf = (text: string) => guessTokens(text) + TEMPLATE_TOKENS;

/** What the whole prompt is guessed to take before anything was learned. Tokens. */
export function guessPrompt(system: string, sent: readonly Message[]): number {
	return sent.reduce((sum, { text }) => sum + guessOf(text), system === '' ? 0 : guessOf(system));
}

/** What the answers under one label teach of its tokens; the counts of another's tokenizer would mislead. */
export function learnFrom(
	ratio: TokenRatio,
	conversation: Conversation,
	label: string
): TokenRatio {
	return conversation.messages.reduce((known, { id, answer }) => {
		if (answer?.label !== label || answer.promptTokens === null) return known;
		const sent = sentUpTo(conversation, parentOf(conversation, id));
		if (sent.some(({ images }) => images)) return known;
		return learn(known, guessPrompt(conversation.system, sent), answer.promptTokens);
	}, ratio);
}

/** A count so far from the guess was of another prompt: turns were left out or put back since. */
const PLAUSIBLE = 8;

/**
 * A whole branch as turns with the tokens the engine counted, where that can be told from its sums. With what is left
 * out: earlier answers were counted with it.
 */
export function turnsOf(system: string, line: readonly Message[], label: string): Turn[] {
	let before: number | null = system === '' ? 0 : guessOf(system);
	return line.map((message, index): Turn => {
		const { id, text, images } = message;
		const turn: Turn = { id, text, ...(images && { images }) };
		const answer = message.role === 'assistant' ? message.answer : line[index + 1]?.answer;
		const known = answer?.label === label ? answer : null;
		let counted: number | null = null;
		if (message.role === 'assistant') {
			// Thoughts were counted and are not sent again.
			if (known && !message.thinking) counted = known.completionTokens;
			before =
				known?.promptTokens != null && counted !== null ? known.promptTokens + counted : null;
		} else if (known?.promptTokens != null && before !== null) {
			counted = known.promptTokens - before;
		}
		const guess = guessOf(text);
		return counted !== null && !images && counted > guess / PLAUSIBLE && counted < guess * PLAUSIBLE
			? { ...turn, tokens: counted }
			: turn;
	});
}

export function requestOf(
	conversation: Conversation,
	questionId: string | null,
	about: Omit<RequestQuestion, 'system' | 'turns'> & { label: string }
): RequestQuestion {
	const { label, ...rest } = about;
	const sent = new Set(sentUpTo(conversation, questionId).map(({ id }) => id));
	const turns = turnsOf(conversation.system, lineUpTo(conversation, questionId), label);
	return {
		...rest,
		system: conversation.system,
		turns: turns.filter(({ id }) => sent.has(id))
	};
}
