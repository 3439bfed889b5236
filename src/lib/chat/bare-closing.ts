import { THINKING_MARKS, type ThinkingMarks } from '#plan/models/thinking-marks.ts';

export type BareClosing =
	| { kind: 'found'; start: number; end: number; marks: ThinkingMarks }
	/** Whether the text speaks of the mark is told by what follows. */
	| { kind: 'undecided'; start: number };

export const BARE_MARKS: readonly string[] = THINKING_MARKS.flatMap(({ bare }) => bare);

const byMark = new Map<string, { marks: ThinkingMarks; opens: boolean }>(
	THINKING_MARKS.flatMap((marks) => [
		...marks.open.map((mark) => [mark.toLowerCase(), { marks, opens: true }] as const),
		...marks.bare.map((mark) => [mark.toLowerCase(), { marks, opens: false }] as const)
	])
);
const escaped = (marks: readonly string[]) =>
	marks.map((mark) => mark.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
const ANY_BARE = new RegExp(escaped(BARE_MARKS), 'i');
const TOKENS = new RegExp(`\`+|${escaped([...byMark.keys()])}`, 'gi');
const FENCE = /^ {0,3}(?:(`{3,})[^`]*|(~{3,}).*)$/;
const QUOTING = /["'`“”„«»‹›「『《‘’([]$/;
const GOES_ON = /^[ \t]*[\p{Ll},.;:!?)\]]/u;

/**
 * The first closing mark that nothing opened: all before it was thought. One in code, in a quotation, or in a sentence
 * that speaks of it is text. What follows a mark decides only where it stands between spaces, so that a growing text
 * does not change its mind.
 */
export function bareClosing(raw: string, ended: boolean): BareClosing | null {
	if (!ANY_BARE.test(raw)) return null;
	const opened = new Set<ThinkingMarks>();
	let fence: RegExp | null = null;
	/** Backticks that opened a code span; 0: none. */
	let ticks = 0;
	for (let lineStart = 0; lineStart <= raw.length;) {
		const newline = raw.indexOf('\n', lineStart);
		const lineEnd = newline < 0 ? raw.length : newline;
		const line = raw.slice(lineStart, lineEnd);
		const mark = FENCE.exec(line);
		if (fence) {
			if (fence.test(line)) fence = null;
		} else if (mark) {
			const run = mark[1] ?? mark[2] ?? '';
			fence = new RegExp(`^ {0,3}${run.charAt(0)}{${run.length},}\\s*$`);
			ticks = 0;
		} else if (line.trim() === '') {
			ticks = 0;
		} else if (!line.trimStart().startsWith('>')) {
			for (const match of line.matchAll(TOKENS)) {
				const known = byMark.get(match[0].toLowerCase());
				if (!known) {
					const run = match[0].length;
					ticks = ticks === 0 ? run : ticks === run ? 0 : ticks;
					continue;
				}
				const { marks, opens } = known;
				if (opens) {
					opened.add(marks);
					continue;
				}
				if (opened.delete(marks)) continue;
				const start = lineStart + match.index;
				const end = start + match[0].length;
				if (line.slice(0, match.index).trim() === '')
					return { kind: 'found', start, end: answers(marks, match[0]) ? start : end, marks };
				if (ticks > 0 || QUOTING.test(line.slice(0, match.index))) continue;
				if (/\s$/.test(line.slice(0, match.index))) {
					const after = raw.slice(end, end + 64);
					if (!ended && after.trim() === '' && !after.includes('\n'))
						return { kind: 'undecided', start };
					if (GOES_ON.test(after)) continue;
				}
				return { kind: 'found', start, end: answers(marks, match[0]) ? start : end, marks };
			}
		}
		lineStart = lineEnd + 1;
	}
	return null;
}

/** Such a mark is read again, as the beginning of the answer. */
function answers({ answer }: ThinkingMarks, mark: string): boolean {
	return answer.some((each) => each.toLowerCase() === mark.toLowerCase());
}
