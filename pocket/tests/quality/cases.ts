import { Random } from '../../training/random.ts';
import { withTypo } from '../../training/variation.ts';
import type { ChatOptions, Judge } from './judge.ts';
import {
	final,
	finalOfftopic,
	fresh,
	freshOfftopic,
	groupOf,
	held,
	offtopic,
	type Question
} from './sets.ts';

interface Case {
	/** Asked one after another; the answer to the last one counts. */
	questions: string[];
	expected: string;
	options?: ChatOptions;
}
const alone = (set: Question[], change = (text: string) => text): Case[] =>
	set.map(({ id, text }) => ({ questions: [change(text)], expected: id }));

const random = new Random(7);
const shuffled = () => {
	const list = [...held];
	for (let i = list.length - 1; i > 0; i--) {
		const j = random.below(i + 1);
		[list[i], list[j]] = [list[j]!, list[i]!];
	}
	return list;
};
const [first, second, third] = [shuffled(), shuffled(), shuffled()].map((list) =>
	list.slice(0, 60)
) as [Question[], Question[], Question[]];
const secondTurns = second.map(({ id, text }, i) => ({
	questions: [first[i]!.text, text],
	expected: id
}));

/** What is asked, by the line of the table it is reported in. */
export const cases: Record<string, Case[]> = {
	held: alone(held),
	'off-topic': alone(offtopic),
	'held, one typo': alone(held, (text) => withTypo(random, text)),
	'held, ", thank you"': alone(held, (text) => `${text}, thank you`),
	'held, ALL CAPITALS': alone(held, (text) => text.toUpperCase()),
	'held, other system message': held
		.filter((_, i) => i % 3 === 0)
		.map(({ id, text }) => ({
			questions: [text],
			expected: id,
			options: { system: 'Keep your answers short.' }
		})),
	'second turn': secondTurns,
	'third turn': third.map(({ id, text }, i) => ({
		questions: [first[i]!.text, second[i]!.text, text],
		expected: id
	})),
	'second turn, after a reload': secondTurns.map((c) => ({ ...c, options: { reread: true } })),
	'"can you tell me more"': first.map(({ id, text }) => ({
		questions: [text, 'can you tell me more'],
		expected: `more-${groupOf(id)}`
	})),
	fresh: alone(fresh),
	'fresh off-topic': alone(freshOfftopic),
	final: alone(final),
	'final off-topic': alone(finalOfftopic)
};

/** Per cent of the cases that are answered as expected. */
export function score(
	judge: Judge,
	list: readonly Case[],
	onMiss?: (c: Case, said: string | null) => void
) {
	const right = list.filter((c) => {
		const said = judge.chat(c.questions, c.options).at(-1) ?? null;
		if (said !== c.expected) onMiss?.(c, said);
		return said === c.expected;
	});
	return (100 * right.length) / list.length;
}
