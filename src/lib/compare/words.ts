import { bytes, count, rate } from '#plan/words.ts';
import { secondsWords } from '../measure/words.ts';
import type { AnsweredRow } from './record.ts';
import type { Pair } from './wins.ts';

/** The figures below an answer, each with its name. */
export function figuresOf(row: AnsweredRow): [name: string, figure: string][] {
	if (row.together) return [];
	const all: [string, string | null][] = [
		['Tokens/s', row.tokensPerSecond === null ? null : rate(row.tokensPerSecond)],
		['First token', row.firstTokenMs === null ? null : secondsWords(row.firstTokenMs)],
		['Tokens', row.completionTokens === null ? null : count(row.completionTokens)],
		['Load', secondsWords(row.loadMs)],
		['GPU memory', bytes(row.peakBytes)]
	];
	return all.flatMap(([name, figure]) => (figure === null ? [] : [[name, figure]]));
}

/** What is to be known of an answer beside its text. */
export const notesOf = ({ finish, sawImages, hidden, text, together }: AnsweredRow): string[] => [
	...(text === '' ? ['An empty answer.'] : []),
	...(finish === 'length' ? ['Ended by the length limit.'] : []),
	...(sawImages === false ? ['This model reads text only and was not sent the images.'] : []),
	...(together ? ['Written at the same time as another answer, so there are no figures.'] : []),
	...(hidden && !together
		? ['The tab was hidden while this was written: its times are doubtful.']
		: [])
];

/** "2 : 1, 3 without a difference". */
export const pairWords = ({ aWins, bWins, ties }: Pair): string =>
	`${count(aWins)} : ${count(bWins)}${ties === 0 ? '' : `, ${count(ties)} without a difference`}`;
