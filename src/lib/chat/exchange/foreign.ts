import { isRecord } from '../../kit/restore.ts';
import type { Aside } from '../conversation.ts';
import { CONVERSATION_VERSION } from '../record.ts';
import { partThinking } from '../thinking.ts';
import { unfoldDetails } from './details.ts';

export type Raw = Record<string, unknown>;

/** What could not be taken over, in words. */
export interface LeftOut {
	/** A message: its text is missing here. A part: an attachment, an image, a field. */
	kind: 'conversation' | 'message' | 'part';
	why: string;
	count: number;
}

/** A conversation as another program wrote it, in the shape of our record, not validated yet. */
export interface Draft {
	record: Raw;
	left: LeftOut[];
}

export interface ForeignFormat {
	name: string;
	recognizes(file: unknown): boolean;
	/** Unusable entries come out as they are, for the parser to refuse by name. */
	read(file: unknown): Draft[];
}

/** Stands for an entry that is no conversation. */
export const UNUSABLE: Draft = { record: { version: CONVERSATION_VERSION }, left: [] };

/** None of it is not told. */
export function part(why: string, count = 1): LeftOut {
	return { kind: 'part', why, count };
}

export function listOf(value: unknown): unknown[] {
	return Array.isArray(value) ? value : [];
}

/** One entry, or a list of them. */
export function entriesOf(file: unknown): unknown[] {
	return Array.isArray(file) ? file : [file];
}

export function recordsIn(value: unknown): Raw[] {
	return listOf(value).filter(isRecord);
}

/** The first text that says something. */
export function textFrom(...values: unknown[]): string | undefined {
	return values.find((each): each is string => typeof each === 'string' && each.trim() !== '');
}

/** Ids are text here; elsewhere they are numbers too. Anything else: undefined. */
export function idFrom(value: unknown): string | undefined {
	if (typeof value === 'number' && Number.isFinite(value)) return String(value);
	return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Seconds or milliseconds since 1970, or a date in words; undefined if it is none. */
export function timeFrom(value: unknown): number | undefined {
	if (typeof value === 'string') {
		const parsed = Date.parse(value);
		return Number.isNaN(parsed) || parsed < 0 ? undefined : parsed;
	}
	if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return undefined;
	// As seconds this is the year 5138, as milliseconds 1973.
	return value < 1e11 ? value * 1000 : value;
}

export interface Content {
	text: unknown;
	images: { url: unknown }[];
}

/** A text, or the list of parts of the OpenAI formats. Anything else is passed on, to be refused. */
export function contentFrom(content: unknown): Content {
	if (!Array.isArray(content)) return { text: content, images: [] };
	return {
		text: (content as unknown[])
			.flatMap((each) => {
				if (typeof each === 'string') return [each];
				if (!isRecord(each) || !TEXT_PARTS.has(each.type)) return [];
				// OpenAI's threads, and Jan's, wrap it once more.
				const text = isRecord(each.text) ? each.text.value : each.text;
				return typeof text === 'string' ? [text] : [];
			})
			.join('\n'),
		images: recordsIn(content).flatMap(({ type, image_url: image }) => {
			if (type !== 'image_url' && type !== 'input_image') return [];
			return [{ url: isRecord(image) ? image.url : image }];
		})
	};
}

const TEXT_PARTS = new Set<unknown>(['text', 'input_text', 'output_text']);

/** The text of a message without what is folded: thoughts, tool calls, code that was run. */
export function partedFrom(
	role: unknown,
	content: unknown
): { text: unknown; thinking?: string; asides?: Aside[]; thinkingMs?: number } {
	if (role !== 'assistant' || typeof content !== 'string') return { text: content };
	const unfolded = unfoldDetails(content);
	const { thinking, answer } = partThinking(unfolded.text, { ended: true });
	const thoughts = [unfolded.thinking, thinking].filter(Boolean).join('\n\n');
	return {
		text: answer,
		...(thoughts !== '' && { thinking: thoughts }),
		...(unfolded.asides.length > 0 && { asides: unfolded.asides }),
		...(unfolded.thinkingMs !== null && { thinkingMs: unfolded.thinkingMs })
	};
}

/** Who wrote an answer, as far as a name says it. */
export function answerFrom(role: unknown, model: unknown, figures: Raw = {}): { answer?: Raw } {
	if (role !== 'assistant' || typeof model !== 'string' || model === '') return {};
	const quantization = /q[0-9]f(?:16|32)(?:_[0-9])?/.exec(model)?.[0];
	return {
		answer: {
			engineId: model,
			label: model,
			...(quantization !== undefined && { quantization }),
			finish: 'stop',
			promptTokens: null,
			completionTokens: null,
			prefillTokensPerSecond: null,
			decodeTokensPerSecond: null,
			timeToFirstTokenMs: null,
			...figures
		}
	};
}
