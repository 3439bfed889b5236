import type { Aside } from '../conversation.ts';
import { fenced, readable, toolAside, unquoted } from './asides.ts';

export interface Unfolded {
	text: string;
	thinking: string;
	/** null: not told. */
	thinkingMs: number | null;
	asides: Aside[];
}

const OPEN = /<details\s+type="/g;
const TAG = /<details\b|<\/details\s*>/g;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/**
 * Takes the `<details type="...">` blocks out of an answer, which Open WebUI writes for reasoning, tool calls and code
 * that was run (backend/open_webui/utils/middleware.py, serialize_output). They begin a line or follow one another; in
 * code they are text. A block that was cut off goes to the end.
 */
export function unfoldDetails(content: string): Unfolded {
	const result: Unfolded = { text: '', thinking: '', thinkingMs: null, asides: [] };
	const kept: string[] = [];
	const thoughts: string[] = [];
	let from = 0;
	for (const { start, lineStart } of openings(content)) {
		// At the beginning of a line, or right behind the block before.
		if (start < from || content.slice(Math.max(lineStart, from), start).trim() !== '') continue;
		const tag = readTag(content, start);
		if (!tag) continue;
		const end = blockEnd(content, tag.end);
		const body = content.slice(tag.end, end.inner);
		kept.push(content.slice(from, start));
		from = end.outer;
		const type = tag.attributes.get('type');
		if (type === 'reasoning') {
			thoughts.push(thoughtIn(body));
			const seconds = Number(tag.attributes.get('duration') ?? NaN);
			if (seconds >= 0) result.thinkingMs = (result.thinkingMs ?? 0) + seconds * 1000;
		} else result.asides.push(asideOf(type ?? '', tag.attributes, body));
	}
	if (from === 0) return { ...result, text: content };
	kept.push(content.slice(from));
	return {
		...result,
		text: kept
			.map((each) => each.trim())
			.filter((each) => each !== '')
			.join('\n\n'),
		thinking: thoughts.filter((each) => each !== '').join('\n\n')
	};
}

/** Where such blocks may begin: not inside fenced code. */
function* openings(content: string): Generator<{ start: number; lineStart: number }> {
	let fence: string | null = null;
	let lineStart = 0;
	while (lineStart <= content.length) {
		const newline = content.indexOf('\n', lineStart);
		const lineEnd = newline < 0 ? content.length : newline;
		const line = content.slice(lineStart, lineEnd);
		const mark = FENCE.exec(line)?.[1];
		if (fence !== null) {
			if (mark?.startsWith(fence)) fence = null;
		} else if (mark) fence = mark;
		else
			for (const match of line.matchAll(OPEN)) yield { start: lineStart + match.index, lineStart };
		lineStart = lineEnd + 1;
	}
}

function readTag(
	content: string,
	start: number
): { attributes: Map<string, string>; end: number } | null {
	const attributes = new Map<string, string>();
	const attribute = /\s+([\w-]+)="([^"]*)"|\s*(>)/y;
	attribute.lastIndex = start + '<details'.length;
	for (;;) {
		const match = attribute.exec(content);
		if (!match) return null;
		if (match[3] !== undefined) return { attributes, end: attribute.lastIndex };
		attributes.set(match[1] ?? '', unescapeHtml(match[2] ?? ''));
	}
}

/** A block may hold others. */
function blockEnd(content: string, from: number): { inner: number; outer: number } {
	TAG.lastIndex = from;
	for (let depth = 1; ;) {
		const match = TAG.exec(content);
		if (!match) return { inner: content.length, outer: content.length };
		depth += match[0].startsWith('</') ? -1 : 1;
		if (depth === 0) return { inner: match.index, outer: TAG.lastIndex };
	}
}

function summaryAndRest(body: string): { summary: string; rest: string } {
	const match = /^\s*<summary>([\s\S]*?)<\/summary>/.exec(body);
	return {
		summary: unescapeHtml(match?.[1]?.trim() ?? ''),
		rest: body.slice(match?.[0].length ?? 0).trim()
	};
}

/** Each line is quoted, in newer versions with HTML's escapes. */
function thoughtIn(body: string): string {
	return unescapeHtml(summaryAndRest(body).rest)
		.split('\n')
		.map((line) => line.replace(/^> ?/, ''))
		.join('\n')
		.trim();
}

function asideOf(type: string, attributes: Map<string, string>, body: string): Aside {
	const { summary, rest } = summaryAndRest(body);
	if (type === 'tool_calls') {
		// The result is JSON in an attribute, or in later versions the text of the block.
		const result = attributes.get('result') ?? unescapeHtml(rest);
		const input = unquotedOnce(attributes.get('arguments'));
		return toolAside(attributes.get('name'), input, unquotedOnce(result));
	}
	if (type === 'code_interpreter') {
		const output = attributes.get('output');
		const shown = output === undefined ? '' : readable(outputIn(unquoted(output))).trim();
		return {
			kind: 'code',
			title: summary || 'run',
			text: [unescapeHtml(rest), shown === '' ? null : `Output:\n\n${fenced(shown)}`]
				.filter((each) => each !== null)
				.join('\n\n')
		};
	}
	return { kind: 'other', title: summary || type, text: unescapeHtml(rest) };
}

/** Stored as JSON of a text that may itself be JSON, which `toolAside` takes apart. */
function unquotedOnce(text: string | undefined): unknown {
	return text === undefined ? null : unquoted(text);
}

/** What a run printed, or else what it returned. */
export function outputIn(output: unknown): unknown {
	if (typeof output !== 'object' || output === null) return output;
	const { stdout, result } = output as { stdout?: unknown; result?: unknown };
	return stdout || result || output;
}

const ESCAPES: Readonly<Record<string, string>> = {
	'&lt;': '<',
	'&gt;': '>',
	'&quot;': '"',
	'&#x27;': "'",
	'&#39;': "'",
	'&amp;': '&'
};

function unescapeHtml(text: string): string {
	return text.replace(/&(?:lt|gt|quot|#x27|#39|amp);/g, (escape) => ESCAPES[escape] ?? escape);
}
