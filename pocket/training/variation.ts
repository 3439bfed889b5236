import type { Corpus, Topic } from './corpus.ts';
import type { Random } from './random.ts';

const FUNCTION_WORDS = new Set(
	(
		'a an the is are was do does did to of in on for with my your this that it its me i you can could ' +
		'would should will be have has there here so and but or what how'
	).split(' ')
);
const SOCIAL = new Set(['hello', 'thanks', 'goodbye', 'how-are-you', 'stop']);
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const plainWord = /^[a-z']{4,}$/;

/** One slip of the hand in a word of at least four letters. */
export function typo(random: Random, word: string): string {
	const i = 1 + random.below(word.length - 2);
	const before = word.slice(0, i);
	switch (random.below(4)) {
		case 0: // left out
			return before + word.slice(i + 1);
		case 1: // changed places
			return before + word.slice(i + 1, i + 2) + word.slice(i, i + 1) + word.slice(i + 2);
		case 2: // twice
			return before + word.slice(i, i + 1) + word.slice(i);
		default: // another letter
			return before + random.pick([...LETTERS]) + word.slice(i + 1);
	}
}
/** The same text with one typo, or as it is if no word is long enough. */
export function withTypo(random: Random, text: string): string {
	const words = text.split(' ');
	const long = [...words.keys()].filter((i) => plainWord.test(words[i]!));
	if (long.length === 0) return text;
	const i = random.pick(long);
	words[i] = typo(random, words[i]!);
	return words.join(' ');
}

/** What visitors say: phrasings of the corpus, each time in other words. All of it is lower case. */
export class Visitor {
	readonly #corpus: Corpus;
	readonly #random: Random;
	readonly #synonyms = new Map<string, string[]>();

	constructor(corpus: Corpus, random: Random) {
		this.#corpus = corpus;
		this.#random = random;
		for (const list of corpus.wording.synonyms)
			for (const word of list) this.#synonyms.set(word, list);
	}

	ask(topic: Topic): string {
		const random = this.#random;
		const text =
			topic.nouns.length > 0 && random.chance(0.2)
				? random.pick(this.#corpus.wording.frames).replace('{}', random.pick(topic.nouns))
				: random
						.pick(topic.phrasings)
						.replace(/\b\d+\b/g, (figure) =>
							topic.id === 'maths' ? String(random.below(random.pick([10, 100, 1000]))) : figure
						);
		return this.#vary(text, SOCIAL.has(topic.id));
	}
	askMore(): string {
		return this.#vary(this.#random.pick(this.#corpus.followUpPhrasings), false);
	}
	askSomethingElse(): string {
		const random = this.#random;
		const text = random
			.pick(this.#corpus.fallback.frames)
			.replace(/\{(\w)\}/g, (_, slot: string) =>
				random.chance(0.12) ? this.#madeUp() : random.pick(this.#corpus.words.get(slot) ?? [])
			);
		return this.#vary(text, false);
	}
	#madeUp(): string {
		const random = this.#random;
		const syllable = () =>
			random.pick([...'bcdfghklmnprstvwz', 'st', 'tr', 'sh', 'gl', 'br', 'fl']) +
			random.pick([...'aeiou', 'ee', 'oo', 'ai']) +
			(random.chance(0.4) ? random.pick([...'nrslmtkd']) : '');
		return Array.from({ length: 1 + random.below(3) }, syllable).join('');
	}

	#vary(text: string, social: boolean): string {
		const random = this.#random;
		const { prefixes, suffixes, social: additions } = this.#corpus.wording;
		let words = text.toLowerCase().split(' ');
		const end = /[?!.]$/.test(words.at(-1));
		if (random.chance(0.28)) words = this.#swapSynonym(words);
		if (words.length > 2) {
			if (random.chance(0.2)) words = drop(random, words, (w) => FUNCTION_WORDS.has(w));
			if (random.chance(0.03)) words = drop(random, words, () => true);
			if (random.chance(0.06)) {
				const i = random.below(words.length - 1);
				[words[i], words[i + 1]] = [words[i + 1]!, words[i]!];
			}
		}
		let out = words.join(' ');
		if (random.chance(0.24)) {
			out = withTypo(random, out);
			if (random.chance(0.25)) out = withTypo(random, out);
		}
		if (random.chance(social ? 0.08 : 0.24)) out = `${random.pick(prefixes)} ${out}`;
		if (!end && random.chance(social ? 0.2 : 0.14)) {
			const suffix = random.pick(social ? additions : suffixes);
			out += /^[,!:]/.test(suffix) && !suffix.startsWith(':') ? suffix : ` ${suffix}`;
		} else if (end) {
			if (random.chance(0.5)) out = out.replace(/[?!.]$/, '');
		} else out += random.pick(['', '', '', '?', '?', '?', '?', '.', '!', '??', ' ?', '...']);
		return out;
	}
	#swapSynonym(words: string[]): string[] {
		const text = ` ${words.join(' ')} `;
		const found = [...this.#synonyms.keys()].filter((s) => text.includes(` ${s} `));
		if (found.length === 0) return words;
		const word = this.#random.pick(found);
		const other = this.#random.pick(this.#synonyms.get(word)!);
		return text.replace(` ${word} `, ` ${other} `).trim().split(' ');
	}
}
function drop(random: Random, words: string[], which: (word: string) => boolean): string[] {
	const candidates = [...words.keys()].filter((i) => which(words[i]!));
	if (candidates.length === 0) return words;
	const gone = random.pick(candidates);
	return words.filter((_, i) => i !== gone);
}
