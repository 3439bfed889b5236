import { count } from '#plan/words.ts';
import type { Gap, Import } from './import.ts';

/** What came of the files that were picked or dropped together. */
export interface ImportReport {
	conversations: number;
	messages: number;
	/** The programs the files come from. */
	formats: string[];
	gaps: Gap[];
	/** Files that could not be used at all, and why. */
	refused: string[];
}

export type Outcome = 'whole' | 'partial' | 'nothing';

export const NO_REPORT: ImportReport = {
	conversations: 0,
	messages: 0,
	formats: [],
	gaps: [],
	refused: []
};

export function withImport(report: ImportReport, added: Import): ImportReport {
	return {
		...report,
		conversations: report.conversations + added.conversations.length,
		messages: report.messages + added.messages,
		formats: [...new Set([...report.formats, ...added.formats])],
		gaps: [...report.gaps, ...added.gaps]
	};
}

export function withRefusal(report: ImportReport, file: string, why: string): ImportReport {
	return { ...report, refused: [...report.refused, `${file}: ${why}`] };
}

/** An import that lost anything is not called a success. */
export function outcomeOf({ conversations, gaps, refused }: ImportReport): Outcome {
	if (conversations === 0) return 'nothing';
	return gaps.length > 0 || refused.length > 0 ? 'partial' : 'whole';
}

/** What came in, as one sentence. */
export function headlineOf(report: ImportReport): string {
	const from = report.formats.length > 0 ? ` from ${listed(report.formats)}` : '';
	const read = `${counted(report.conversations, 'conversation')} with ${counted(report.messages, 'message')}`;
	switch (outcomeOf(report)) {
		case 'nothing':
			return `Nothing was imported${from}.`;
		case 'partial':
			return `Imported in part${from}: ${read}.`;
		case 'whole':
			return `Imported ${read}${from}.`;
	}
}

/** How much was left out; null: nothing. */
export function leftOutOf({ gaps, refused }: ImportReport): string | null {
	const sum = (kind: Gap['kind']) =>
		gaps.reduce((total, gap) => total + (gap.kind === kind ? gap.count : 0), 0);
	const counts: [number, string][] = [
		[refused.length, 'file'],
		[sum('conversation'), 'conversation'],
		[sum('message'), 'message'],
		[sum('part'), 'detail']
	];
	const words = counts.filter(([count]) => count > 0).map(([count, one]) => counted(count, one));
	return words.length === 0 ? null : `Left out: ${listed(words)}.`;
}

/** One line of the list of what was left out, and why. */
export function sentenceOf({ where, why, count: number }: Gap): string {
	return `${where}: ${why}${number > 1 ? ` (${count(number)})` : ''}`;
}

/** "1 message", "1,234 messages". */
function counted(number: number, one: string): string {
	return `${count(number)} ${one}${number === 1 ? '' : 's'}`;
}

/** "a", "a and b", "a, b and c". */
function listed(words: readonly string[]): string {
	return words.length < 2
		? (words[0] ?? '')
		: `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}
