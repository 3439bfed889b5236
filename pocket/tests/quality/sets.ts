import { readFileSync } from 'node:fs';
import { readCorpus, sections } from '../../training/corpus.ts';

const lines = (name: string) =>
	readFileSync(new URL(`${name}.txt`, import.meta.url), 'utf8')
		.split('\n')
		.filter((line) => line !== '');

export interface Question {
	text: string;
	/** Topic, or `fallback`. */
	id: string;
}
const onTopic = (name: string): Question[] =>
	[...sections(lines(name))].flatMap(([id, texts]) => texts.map((text) => ({ id, text })));
const offTopic = (name: string): Question[] =>
	lines(name).map((text) => ({ id: 'fallback', text }));

/** Used to choose the recipe. */
export const held = onTopic('held');
export const offtopic = offTopic('offtopic');
/** Written with it, used for no choice. */
export const fresh = onTopic('fresh');
export const freshOfftopic = offTopic('fresh-offtopic');
/** Looked at once, for the checkpoint that was committed. */
export const final = onTopic('final');
export const finalOfftopic = offTopic('final-offtopic');

const groups = new Map(readCorpus().topics.map(({ id, group }) => [id, group]));
/** The group of a topic, which decides what is said to "tell me more". */
export const groupOf = (id: string) => groups.get(id);
