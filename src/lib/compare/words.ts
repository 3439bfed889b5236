import { bytes, count, rate } from '#plan/words.ts';
import { secondsWords } from '../measure/words.ts';
import { originOf, type Server } from '../remote/record.ts';
import type { Question } from './question.ts';
import type { AnsweredRow } from './record.ts';
import type { Pair } from './wins.ts';

/** The figures below an answer, each with its name. */
export function figuresOf(row: AnsweredRow): [name: string, figure: string][] {
	if (row.together) return [];
	const all: [string, string | null][] = [
		['Tokens/s', row.tokensPerSecond === null ? null : rate(row.tokensPerSecond)],
		['First token', row.firstTokenMs === null ? null : secondsWords(row.firstTokenMs)],
		['Tokens', row.completionTokens === null ? null : count(row.completionTokens)],
		['Load', row.loadMs === null ? null : secondsWords(row.loadMs)],
		['GPU memory', row.peakBytes === null ? null : bytes(row.peakBytes)]
	];
	return all.flatMap(([name, figure]) => (figure === null ? [] : [[name, figure]]));
}

const LIST = new Intl.ListFormat('en');

/** "The question and 2 images are sent to Mine (http://127.0.0.1:8080)." */
export function sentWords(
	server: Pick<Server, 'name' | 'baseUrl' | 'images'>,
	{ system, turns }: Question
): string {
	const earlier = turns.length - 1;
	const images = server.images
		? turns.reduce((sum, each) => sum + (each.images ?? []).length, 0)
		: 0;
	const sent = [
		'The question',
		...(earlier > 0 ? [`${count(earlier)} earlier ${earlier === 1 ? 'message' : 'messages'}`] : []),
		...(system === '' ? [] : ['the instructions']),
		...(images > 0 ? [`${count(images)} ${images === 1 ? 'image' : 'images'}`] : [])
	];
	const verb = sent.length === 1 ? 'is' : 'are';
	return `${LIST.format(sent)} ${verb} sent to ${server.name} (${originOf(server)}).`;
}

/** What is to be known of an answer beside its text. `blind`: there are no figures to explain, and no hint is given. */
export const notesOf = (
	{ finish, sawImages, hidden, text, together }: AnsweredRow,
	blind = false
): string[] => [
	...(text === '' ? ['An empty answer.'] : []),
	...(finish === 'length' ? ['Ended by the length limit.'] : []),
	...(sawImages === false ? ['This model reads text only and was not sent the images.'] : []),
	...(together && !blind
		? ['Written at the same time as another answer, so there are no figures.']
		: []),
	...(hidden && !together && !blind
		? ['The tab was hidden while this was written: its times are doubtful.']
		: [])
];

/** "2 : 1, 3 without a difference". */
export const pairWords = ({ aWins, bWins, ties }: Pair): string =>
	`${count(aWins)} : ${count(bWins)}${ties === 0 ? '' : `, ${count(ties)} without a difference`}`;
