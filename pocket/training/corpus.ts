import { readdirSync, readFileSync } from 'node:fs';

export interface Topic {
	id: string;
	/** The file it stands in: topics of a group share one answer to "tell me more". */
	group: string;
	answer: string;
	/** What to call it in a general question ("what is ..."); empty if it is no concept. */
	nouns: string[];
	phrasings: string[];
}
export interface Corpus {
	topics: Topic[];
	/** group -> answer */
	followUps: Map<string, string>;
	followUpPhrasings: string[];
	fallback: { answer: string; frames: string[] };
	/** Slot of a fallback frame (n, v, a, p: noun, verb, adjective, proper name) -> words */
	words: Map<string, string[]>;
	wording: Wording;
}
interface Wording {
	frames: string[];
	prefixes: string[];
	suffixes: string[];
	/** What may follow a greeting or the like. */
	social: string[];
	/** Lists of words that can stand for each other. */
	synonyms: string[][];
	systems: string[];
}

const folder = new URL('./corpus/', import.meta.url);
const lines = (file: string) =>
	readFileSync(new URL(file, folder), 'utf8')
		.split('\n')
		.filter((line) => line !== '');
const names = (list: string) => list.split(',').map((s) => s.trim());

/** Blocks of lines below "# name" headings. */
export function sections(text: string[]): Map<string, string[]> {
	const found = new Map<string, string[]>();
	let current: string[] | undefined;
	for (const line of text) {
		const heading = /^# (\S+)$/.exec(line)?.[1];
		if (heading === undefined) current?.push(line);
		else {
			if (found.has(heading)) throw new Error(`"${heading}" stands twice`);
			found.set(heading, (current = []));
		}
	}
	return found;
}

/** Reads pocket/training/corpus/. Throws if a topic has no answer, or two topics share a phrasing or an answer. */
export function readCorpus(): Corpus {
	const topics: Topic[] = [];
	const followUps = new Map<string, string>();
	for (const file of readdirSync(new URL('topics/', folder)).sort()) {
		const group = file.replace(/\.txt$/, '');
		const text = lines(`topics/${file}`);
		const more = text.find((line) => line.startsWith('+ '));
		if (!more) throw new Error(`${file}: no line "+ answer to tell me more"`);
		followUps.set(group, more.slice(2));
		for (const [id, block] of sections(text)) {
			const answer = block.find((line) => line.startsWith('= '))?.slice(2);
			if (!answer) throw new Error(`${file}: ${id} has no line "= answer"`);
			const nouns = block.find((line) => line.startsWith('~ '))?.slice(2);
			topics.push({
				id,
				group,
				answer,
				nouns: nouns === undefined ? [] : names(nouns),
				phrasings: block.filter((line) => !/^[=~] /.test(line))
			});
		}
	}
	const owners = new Map<string, string>();
	for (const { id, answer, phrasings } of topics)
		for (const text of [answer, ...phrasings]) {
			const other = owners.get(text.toLowerCase());
			if (other !== undefined) throw new Error(`"${text}" stands under ${other} and ${id}`);
			owners.set(text.toLowerCase(), id);
		}
	const [fallback, ...frames] = lines('fallback.txt');
	if (!fallback?.startsWith('= ')) throw new Error('fallback.txt does not start with its answer');
	const words = new Map<string, string[]>();
	for (const line of lines('words.txt')) {
		const [slot = '', ...list] = line.split(' ');
		words.set(slot, [...(words.get(slot) ?? []), ...list.map((w) => w.replaceAll('-', ' '))]);
	}
	const wording = sections(lines('wording.txt'));
	const part = (name: string) => {
		const list = wording.get(name);
		if (!list) throw new Error(`wording.txt has no part "${name}"`);
		return list;
	};
	return {
		topics,
		followUps,
		followUpPhrasings: lines('followup.txt'),
		fallback: { answer: fallback.slice(2), frames },
		words,
		wording: {
			frames: part('frames'),
			prefixes: part('prefixes'),
			suffixes: part('suffixes'),
			social: part('social'),
			synonyms: part('synonyms').map(names),
			systems: part('systems')
		}
	};
}

/** Everything pocket can say. Ids: topics, `more-` and a group, `fallback`. */
export function storedAnswers({ topics, followUps, fallback }: Corpus) {
	return [
		...topics.map(({ id, answer }) => ({ id, text: answer })),
		...[...followUps].map(([group, text]) => ({ id: `more-${group}`, text })),
		{ id: 'fallback', text: fallback.answer }
	];
}
