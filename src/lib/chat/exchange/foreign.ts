import { isRecord } from '../../storage/restore.ts';
import { partThinking } from '../thinking.ts';

/** A conversation as another program wrote it, in the shape of our record, not validated yet. */
export interface Draft {
	record: Record<string, unknown>;
	/** In words: what our record has no place for. */
	left: string[];
}

export interface ForeignFormat {
	name: string;
	recognizes(file: unknown): boolean;
	/** Unusable entries come out as they are, for the parser to refuse by name. */
	read(file: unknown): Draft[];
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

/** A text, or the list of parts of the OpenAI format. Anything else is passed on, to be refused. */
export function contentFrom(content: unknown): Content {
	if (!Array.isArray(content)) return { text: content, images: [] };
	const parts = (content as unknown[]).filter(isRecord);
	return {
		text: parts
			.filter(({ type }) => type === 'text')
			.map(({ text }) => (typeof text === 'string' ? text : ''))
			.join('\n'),
		images: parts.flatMap(({ type, image_url: image }) =>
			type === 'image_url' && isRecord(image) ? [{ url: image.url }] : []
		)
	};
}

/** The thinking that a model wrote into its answer, and the rest. */
export function thinkingFrom(role: unknown, text: unknown): { text: unknown; thinking?: string } {
	if (role !== 'assistant' || typeof text !== 'string') return { text };
	const { thinking, answer } = partThinking(text);
	return thinking === null ? { text } : { text: answer, thinking };
}

/** Who wrote an answer, as far as a name says it. */
export function answerFrom(
	role: unknown,
	model: unknown,
	figures: Record<string, unknown> = {}
): { answer?: Record<string, unknown> } {
	if (role !== 'assistant' || typeof model !== 'string' || model === '') return {};
	return {
		answer: {
			variantId: model,
			familyName: model,
			quantization: /q[0-9]f(?:16|32)(?:_[0-9])?/.exec(model)?.[0] ?? '',
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
