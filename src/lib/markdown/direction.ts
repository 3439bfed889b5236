import type { Block, Inline } from './tree.ts';

export type Direction = 'ltr' | 'rtl';

/** The number of words in each direction, and the direction of the first. */
interface Words {
	first: Direction | null;
	ltr: number;
	rtl: number;
}

// Hebrew, Arabic, Syriac, Thaana, N'Ko, Samaritan and Mandaic; presentation forms; and the high surrogates of the
// right-to-left blocks U+10800 to U+10FFF and U+1E800 to U+1EFFF.
const RTL = /[\u0591-\u08FF\uFB1D-\uFDFD\uFE70-\uFEFC\uD802\uD803\uD83A\uD83B]/;
const WORD = /\p{L}(?:[\p{L}\p{M}\p{N}'’-]|\u200C|\u200D)*/gu;
const LETTER = /\p{L}/u;
// In longer text without right-to-left letters, the words are estimated.
const MOST_COUNTED_CHARS = 120;
const CHARS_PER_WORD = 6;

/** Text with at least this share is right-to-left even if it begins with a Latin word ("React هي مكتبة سريعة"). */
const RTL_SHARE = 2 / 3;

/**
 * The direction of a block, or null if it has no words. The first word decides, as for `dir="auto"`, unless most words
 * are right-to-left. Code, formulas and addresses do not count. A list or table has one direction, so that all its
 * markers or columns are on one side.
 */
export function directionOf(block: Block): Direction | null {
	return decided(wordsOf(block));
}

export function hasRightToLeft(text: string): boolean {
	return RTL.test(text);
}

function decided({ first, ltr, rtl }: Words): Direction | null {
	return rtl > 0 && rtl >= RTL_SHARE * (ltr + rtl) ? 'rtl' : first;
}

const NONE: Words = { first: null, ltr: 0, rtl: 0 };
// Unchanged nodes are the same objects as before: only the last item of a growing list is counted again.
const known = new WeakMap<object, Words>();

function remembered(key: object, read: () => Words): Words {
	let words = known.get(key);
	if (!words) known.set(key, (words = read()));
	return words;
}

function wordsOf(block: Block): Words {
	switch (block.type) {
		case 'paragraph':
		case 'line':
		case 'heading':
			return wordsIn(block.children);
		case 'quote':
			return remembered(block, () => sum(block.children.map(wordsOf)));
		case 'fold':
			return remembered(block, () => sum([wordsIn(block.summary), ...block.children.map(wordsOf)]));
		case 'list':
			return remembered(block, () =>
				sum(block.items.map((item) => remembered(item, () => sum(item.children.map(wordsOf)))))
			);
		case 'table':
			return remembered(block, () =>
				sum([block.header, ...block.rows].map((row) => sum(row.map(wordsIn))))
			);
		case 'plain':
			return wordsInText(block.text);
		case 'code':
		case 'formula':
		case 'rule':
			return NONE;
	}
}

function wordsIn(nodes: Inline[]): Words {
	return remembered(nodes, () => sum(nodes.map(wordsOfNode)));
}

function wordsOfNode(node: Inline): Words {
	switch (node.type) {
		case 'text':
			return wordsInText(node.text);
		case 'image':
			return wordsInText(node.alt);
		case 'link': {
			const [only, more] = node.children;
			const isAddress = !more && only?.type === 'text' && node.destination.endsWith(only.text);
			return isAddress ? NONE : wordsIn(node.children);
		}
		case 'element':
			return node.tag === 'kbd' ? NONE : wordsIn(node.children);
		case 'strong':
		case 'emphasis':
		case 'strike':
			return wordsIn(node.children);
		case 'code':
		case 'formula':
		case 'break':
			return NONE;
	}
}

function wordsInText(text: string): Words {
	if (!RTL.test(text)) {
		if (!LETTER.test(text)) return NONE;
		const isShort = text.length <= MOST_COUNTED_CHARS;
		const ltr = isShort ? (text.match(WORD)?.length ?? 0) : text.length / CHARS_PER_WORD;
		return { first: 'ltr', ltr, rtl: 0 };
	}
	const words: Words = { first: null, ltr: 0, rtl: 0 };
	for (const { 0: word } of text.matchAll(WORD)) {
		const direction = RTL.test(word.charAt(0)) ? 'rtl' : 'ltr';
		words.first ??= direction;
		words[direction]++;
	}
	return words;
}

function sum(all: Words[]): Words {
	const words = { ...NONE };
	for (const { first, ltr, rtl } of all) {
		words.first ??= first;
		words.ltr += ltr;
		words.rtl += rtl;
	}
	return words;
}
