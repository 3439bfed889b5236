import type { ChatCompletionMessageParam } from '@mlc-ai/web-llm';
import * as v from 'valibot';
import { find, parentOf, type Conversation, type Message } from '../chat/conversation.ts';
import { promptOf, sentUpTo } from '../chat/prompt.ts';
import { Image, MAX_IMAGES, MAX_TEXT_CHARS } from '../chat/record.ts';
import { partMessage } from '../chat/thinking.ts';
import type { ChatConfig } from '#plan/models/config.ts';

const MOST_TURNS = 1000;

const text = v.pipe(v.string(), v.maxLength(MAX_TEXT_CHARS));

const turn = v.object({
	role: v.picklist(['user', 'assistant']),
	/** Without thoughts. */
	text,
	images: v.exactOptional(v.pipe(v.array(Image), v.maxLength(MAX_IMAGES)))
});

export const questionSchema = v.object({
	system: text,
	/** Oldest first; the last one is the question. */
	turns: v.pipe(
		v.array(turn),
		v.minLength(1),
		v.maxLength(MOST_TURNS),
		v.check((turns) => turns.at(-1)?.role === 'user')
	)
});

export type Turn = v.InferOutput<typeof turn>;
/** What every variant is asked. */
export type Question = v.InferOutput<typeof questionSchema>;

/** The question of a turn (given the id of it or of an answer), with what was sent before it; null: there is none. */
export function questionAt(conversation: Conversation, messageId: string): Question | null {
	const message = find(conversation, messageId);
	const id = message?.role === 'assistant' ? parentOf(conversation, messageId) : messageId;
	if (id === null || find(conversation, id)?.role !== 'user') return null;
	const turns = sentUpTo(conversation, id).map((each): Turn => ({
		role: each.role,
		text: partMessage(each).text,
		...(each.images && { images: each.images })
	}));
	const read = v.safeParse(questionSchema, { system: conversation.system, turns });
	return read.success ? read.output : null;
}

/** The text and images of the question itself, replaced. */
export const askedAs = (
	{ system, turns }: Question,
	asked: Pick<Turn, 'text' | 'images'>
): Question => ({ system, turns: [...turns.slice(0, -1), { role: 'user', ...asked }] });

export const hasImages = ({ turns }: Question): boolean => turns.some(({ images }) => images);

/** As a variant is sent it: one without vision is sent the words alone. */
export function promptFor(
	{ system, turns }: Question,
	vision: boolean,
	config: Pick<ChatConfig, 'replyHeader'> | null
): ChatCompletionMessageParam[] {
	const sent = turns.map((each, index): Message => ({
		id: String(index),
		parent: null,
		createdAt: 0,
		// Its thoughts are parted already.
		...(each.role === 'assistant' && { thinking: '' }),
		...each
	}));
	return promptOf(system, sent, vision, config);
}
