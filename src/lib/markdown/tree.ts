import type { InlineTag } from './elements.ts';
import type { Target } from './links.ts';

/** What an answer is rendered from: our own nodes, so that nothing of the lexer's reaches a component. */
export type Block =
	| { type: 'paragraph'; children: Inline[] }
	/** A tight list item's text: a paragraph without its margins. */
	| { type: 'line'; children: Inline[] }
	| { type: 'heading'; level: number; children: Inline[] }
	| { type: 'code'; language: string; text: string }
	| { type: 'quote'; children: Block[] }
	| { type: 'list'; ordered: boolean; start: number; loose: boolean; items: Item[] }
	| { type: 'table'; align: Align[]; header: Inline[][]; rows: Inline[][][] }
	| { type: 'rule' }
	| { type: 'formula'; source: string }
	/** `<details>`. `closed`: its closing tag has been written. */
	| { type: 'fold'; summary: Inline[]; children: Block[]; closed: boolean }
	/** Shown as written: raw HTML, and whatever is too long or too deep to be formatted. */
	| { type: 'plain'; text: string };

/** The tags of a fold before it is put together. */
export type FoldMark =
	| { type: 'fold-start' | 'fold-end'; raw: string }
	| { type: 'summary'; raw: string; children: Inline[] };

export interface Item {
	/** null: not a task. */
	checked: boolean | null;
	children: Block[];
}

export type Align = 'left' | 'center' | 'right' | null;

export type Inline =
	| { type: 'text'; text: string }
	| { type: 'strong' | 'emphasis' | 'strike'; children: Inline[] }
	| { type: 'code'; text: string }
	| { type: 'break' }
	/** An HTML tag from the allowed list. */
	| { type: 'element'; tag: ElementTag; children: Inline[] }
	| { type: 'formula'; source: string; display: boolean }
	| {
			type: 'link';
			target: Target;
			/** As written, references resolved. */
			destination: string;
			title: string;
			children: Inline[];
	  }
	| { type: 'image'; destination: string; title: string; alt: string };

/** The allowed tags without a node type of their own. */
export type ElementTag = Exclude<InlineTag, 'strong' | 'em' | 'del'>;

/** The words of inline nodes, as for a label. */
export function textOf(nodes: Inline[]): string {
	return nodes.map(words).join('');
}

function words(node: Inline): string {
	switch (node.type) {
		case 'text':
		case 'code':
			return node.text;
		case 'formula':
			return node.source;
		case 'break':
			return ' ';
		case 'image':
			return node.alt;
		case 'strong':
		case 'emphasis':
		case 'strike':
		case 'element':
		case 'link':
			return textOf(node.children);
	}
}

/** `next`, with every part that equals its counterpart in `previous` replaced by it, so that views see no change. */
export function share<T>(previous: T, next: T): T {
	if (previous === next) return previous;
	if (typeof previous !== 'object' || typeof next !== 'object' || !previous || !next) return next;
	const old = previous as Record<string, unknown>;
	const fresh = next as Record<string, unknown>;
	const keys = Object.keys(fresh);
	let same = Array.isArray(old) === Array.isArray(fresh) && Object.keys(old).length === keys.length;
	for (const key of keys) {
		fresh[key] = share(old[key], fresh[key]);
		same &&= fresh[key] === old[key] && key in old;
	}
	return same ? previous : next;
}
