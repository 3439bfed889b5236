import type { Abilities } from '../engine/engine.ts';
import type { Sampling } from '../engine/sampling.ts';
import type { ChatConfig } from '#plan/models/config.ts';
import { openedBy, THINKING_MARKS, type ThinkingMarks } from '#plan/models/thinking-marks.ts';
import { BARE_MARKS, bareClosing } from './bare-closing.ts';
import type { Message } from './conversation.ts';

export interface Parted {
	/** null: the model does not think aloud. */
	thinking: string | null;
	/** False while the closing mark has not come. */
	thought: boolean;
	answer: string;
}

export interface Reply {
	/** The marks of the thought that the prompt ended in; null: it ended before the reply's first word. */
	opened?: ThinkingMarks | null;
	/** Nothing follows: what looks like the beginning of a mark is text. */
	ended?: boolean;
}

interface Lead {
	mark: string;
	marks: ThinkingMarks;
	kind: 'open' | 'between' | 'answer';
}

/** What may stand before an answer. */
const LEADS: readonly Lead[] = THINKING_MARKS.flatMap((marks) =>
	(['open', 'between', 'answer'] as const).flatMap((kind) =>
		marks[kind].map((mark) => ({ mark: mark.toLowerCase(), marks, kind }))
	)
);
const LEAD_MARKS = LEADS.map(({ mark }) => mark);

/**
 * Parts the raw text of a model, which may still grow. Thoughts stand at its beginning, between marks, or before a
 * closing mark that nothing opened; marks further on are text. No piece of a mark that is on its way is shown.
 */
export function partThinking(raw: string, { opened = null, ended = false }: Reply = {}): Parted {
	const thoughts: string[] = [];
	const parted = (thought: boolean, answer: string): Parted => {
		const said = thoughts.map((each) => each.trim()).filter((each) => each !== '');
		return { thinking: thoughts.length === 0 ? null : said.join('\n\n'), thought, answer };
	};
	let marks = opened;
	let inside = opened !== null;
	let at = 0;
	for (;;) {
		const from = at + (/^\s*/.exec(raw.slice(at))?.[0].length ?? 0);
		const lead = LEADS.find(({ mark }) => standsAt(raw, from, mark));
		const arriving = !ended && !lead && isBeginning(raw.slice(from), LEAD_MARKS);
		// Where the prompt ended in a mark, some models write it again.
		if (lead?.kind === 'open' && (!inside || at === 0)) {
			at = from + lead.mark.length;
			marks = lead.marks;
			inside = true;
		} else if (inside && at === 0 && arriving) {
			thoughts.push('');
			return parted(false, '');
		}
		if (inside && marks) {
			const close = closing(raw, at, marks);
			if (!close) {
				const end = ended ? raw.length : heldFrom(raw, [...marks.close, ...marks.answer]);
				thoughts.push(raw.slice(at, Math.max(at, end)));
				return parted(false, '');
			}
			thoughts.push(raw.slice(at, close.start));
			at = close.end;
			inside = false;
		} else if (lead) {
			marks = lead.marks;
			at = from + lead.mark.length;
			if (lead.kind === 'answer') return parted(true, answerIn(raw.slice(at), marks, ended));
		} else if (arriving) {
			return parted(true, '');
		} else if (at > 0) {
			return parted(true, answerIn(raw.slice(from), marks, ended));
		} else {
			const bare = bareClosing(raw, ended);
			if (!bare) return parted(true, ended ? raw : raw.slice(0, heldFrom(raw, BARE_MARKS)));
			if (bare.kind === 'undecided') return parted(true, raw.slice(0, bare.start));
			thoughts.push(raw.slice(0, bare.start));
			marks = bare.marks;
			at = bare.end;
		}
	}
}

/** A message as it is shown and sent: its text may hold thoughts if its marks were not known when it was stored. */
export function partMessage({
	role,
	text,
	thinking,
	answer
}: Pick<Message, 'role' | 'text' | 'thinking' | 'answer'>): { thinking: string; text: string } {
	if (role === 'user' || thinking !== undefined || answer?.json)
		return { thinking: thinking ?? '', text };
	const parted = partThinking(text, { ended: true });
	return { thinking: parted.thinking ?? '', text: parted.answer };
}

/** The thought that a reply begins in. One that is held to a grammar, or told not to think, begins with its answer. */
export function openedFor(
	config: ChatConfig | null,
	{ json, thinking }: Pick<Sampling, 'json' | 'thinking'>
): ThinkingMarks | null {
	return !config || json.mode !== 'off' || thinking === false ? null : openedBy(config.replyHeader);
}

/** What an engine may be asked: the switch is left out for those that do not have it. */
export function samplingFor(can: Pick<Abilities, 'thinking'>, sampling: Sampling): Sampling {
	if (sampling.thinking === undefined || can.thinking) return sampling;
	const rest = { ...sampling };
	delete rest.thinking;
	return rest;
}

function closing(raw: string, at: number, marks: ThinkingMarks) {
	const found = patternOf(marks);
	found.lastIndex = at;
	const match = found.exec(raw);
	if (!match) return null;
	const start = match.index;
	// The mark of the answer is read again, as that.
	const end = marks.close.some((mark) => standsAt(raw, start, mark.toLowerCase()))
		? found.lastIndex
		: start;
	return { start, end };
}

function patternOf({ close, answer }: ThinkingMarks): RegExp {
	return new RegExp([...close, ...answer].map(escapeRegExp).join('|'), 'gi');
}

function escapeRegExp(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function answerIn(text: string, marks: ThinkingMarks | null, ended: boolean): string {
	const ends = marks?.end ?? [];
	const lower = text.trimEnd().toLowerCase();
	const end = ends.find((mark) => lower.endsWith(mark.toLowerCase()));
	const shown = end ? text.trimEnd().slice(0, -end.length) : text;
	return (end || ended ? shown : shown.slice(0, heldFrom(shown, ends))).trimStart();
}

function standsAt(raw: string, at: number, lowerMark: string): boolean {
	return raw.slice(at, at + lowerMark.length).toLowerCase() === lowerMark;
}

function isBeginning(text: string, marks: readonly string[]): boolean {
	const lower = text.slice(0, 64).toLowerCase();
	return text.length < 64 && marks.some((mark) => mark.toLowerCase().startsWith(lower));
}

/** Where the beginning of a mark stands at the end of the text; without one, the text's end. */
function heldFrom(raw: string, marks: readonly string[]): number {
	const longest = Math.max(...marks.map(({ length }) => length));
	for (let at = Math.max(0, raw.length - longest + 1); at < raw.length; at++)
		if (isBeginning(raw.slice(at), marks)) return at;
	return raw.length;
}
