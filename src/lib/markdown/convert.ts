import type { Links, MarkedToken, Token, Tokens } from 'marked';
import { decodeReferences } from './entities.ts';
import { isFold, isSummary, readTag, type InlineTag } from './elements.ts';
import { fencedText, openFence } from './fence.ts';
import { folded, type Flat } from './fold.ts';
import { isFormula, isSource } from './formula-lexer.ts';
import { lexInline, type Lexed } from './lexer.ts';
import { MAX_COLUMNS, MAX_INLINE_CHARS, MAX_INLINE_MARKS, MAX_NESTING } from './limits.ts';
import { linkTarget } from './links.ts';
import { textOf, type Block, type Inline, type Item } from './tree.ts';

const MARKS = /[*_~[\]()<`$\\!@&]/g;

/** Reads marked's blocks into ours. `inlines` remembers, as most of a growing block's text does not change. */
export class Converter {
	#lexed: Lexed;
	#inline: (src: string) => Inline[];

	constructor(lexed: Lexed, inline: (src: string) => Inline[]) {
		this.#lexed = lexed;
		this.#inline = inline;
	}

	blocks(tokens: Token[]): Block[] {
		return folded(this.flat(tokens));
	}

	/** Without folding: `<details>` and its closing tag may be far apart. */
	flat(tokens: Token[]): Flat[] {
		const blocks: Flat[] = [];
		for (const token of tokens) {
			const block = this.#block(token);
			if (block) blocks.push(block);
		}
		return blocks;
	}

	#block(token: Token): Flat | undefined {
		if (isFormula(token)) return { type: 'formula', source: token.source };
		if (isSource(token)) return { type: 'plain', text: token.text };
		if (isFold(token)) return { type: token.type, raw: token.raw };
		if (isSummary(token))
			return { type: 'summary', raw: token.raw, children: this.#inlines(token.tokens) };
		const known = token as MarkedToken;
		switch (known.type) {
			case 'paragraph':
				return { type: 'paragraph', children: this.#inlines(known.tokens) };
			case 'text':
				return { type: 'line', children: this.#inlines(known.tokens ?? []) };
			case 'heading':
				return { type: 'heading', level: known.depth, children: this.#inlines(known.tokens) };
			case 'code':
				return {
					type: 'code',
					language: decodeReferences(known.lang ?? '').split(/\s/, 1)[0] ?? '',
					text: codeText(known)
				};
			case 'blockquote':
				return { type: 'quote', children: this.blocks(known.tokens) };
			case 'list':
				return {
					type: 'list',
					ordered: known.ordered,
					start: known.start === '' ? 1 : known.start,
					loose: known.loose,
					items: known.items.map((item) => this.#item(item))
				};
			case 'table':
				if (known.header.length > MAX_COLUMNS) return { type: 'plain', text: known.raw.trimEnd() };
				return {
					type: 'table',
					align: known.align,
					header: known.header.map((cell) => this.#inlines(cell.tokens)),
					rows: known.rows.map((row) => row.map((cell) => this.#inlines(cell.tokens)))
				};
			case 'hr':
				return { type: 'rule' };
			case 'html':
				return { type: 'plain', text: known.text.replace(/\n+$/, '') };
			case 'space':
			case 'def':
			case 'checkbox': // its item tells of it
			case 'list_item':
			case 'br':
			case 'codespan':
			case 'del':
			case 'em':
			case 'escape':
			case 'image':
			case 'link':
			case 'strong':
				return undefined;
		}
	}

	#item(item: Tokens.ListItem): Item {
		return {
			checked: item.task ? (item.checked ?? false) : null,
			children: this.blocks(item.tokens)
		};
	}

	#inlines(tokens: Token[]): Inline[] {
		const src = this.#lexed.sources.get(tokens);
		return src === undefined ? [] : this.#inline(src);
	}
}

function codeText(token: Tokens.Code): string {
	const fence = token.codeBlockStyle ? null : openFence(token.raw);
	return fence
		? fencedText(fence, token.raw.slice(fence.bodyStart))
		: token.text.replace(/\n$/, '');
}

/** Reads one run of inline text. */
export function readInline(src: string, definitions: Links): Inline[] {
	if (src.length > MAX_INLINE_CHARS || (src.match(MARKS)?.length ?? 0) > MAX_INLINE_MARKS)
		return [{ type: 'text', text: src }];
	return children(lexInline(src.trim().replace(/\n[ \t]+/g, '\n'), definitions), 0);
}

function inlineNode(token: Token, depth: number): Inline {
	if (isFormula(token)) return { type: 'formula', source: token.source, display: token.display };
	const known = token as MarkedToken;
	switch (known.type) {
		case 'strong':
			return { type: 'strong', children: children(known.tokens, depth + 1) };
		case 'em':
			return { type: 'emphasis', children: children(known.tokens, depth + 1) };
		case 'del':
			return { type: 'strike', children: children(known.tokens, depth + 1) };
		case 'codespan':
			return { type: 'code', text: known.text };
		case 'br':
			return { type: 'break' };
		case 'link': {
			const destination = known.autolink ? known.href : decodeReferences(known.href);
			return {
				type: 'link',
				target: linkTarget(destination),
				destination,
				title: decodeReferences(known.title ?? ''),
				children: known.autolink
					? [{ type: 'text', text: known.text }]
					: children(known.tokens, depth + 1)
			};
		}
		case 'image':
			return {
				type: 'image',
				destination: decodeReferences(known.href),
				title: decodeReferences(known.title ?? ''),
				alt: textOf(children(known.tokens, depth + 1))
			};
		case 'text':
			return { type: 'text', text: decodeReferences(known.text.replace(/[ \t]+\n/g, '\n')) };
		case 'escape':
			return { type: 'text', text: known.text };
		case 'html': // shown as written
		case 'checkbox':
		case 'blockquote':
		case 'code':
		case 'def':
		case 'heading':
		case 'hr':
		case 'list':
		case 'list_item':
		case 'paragraph':
		case 'space':
		case 'table':
			return { type: 'text', text: known.raw };
	}
}

interface Open {
	tag: InlineTag | null;
	raw: string;
	children: Inline[];
}

/** The nodes of `tokens`. An allowed tag and its closing tag become an element; a tag without the other is text. */
function children(tokens: Token[], depth: number): Inline[] {
	const outermost: Open = { tag: null, raw: '', children: [] };
	const open: Open[] = [outermost];
	let inner = outermost;
	/** The innermost open tag has no closing tag, so it is text. */
	const undo = () => {
		const { raw, children } = inner;
		open.pop();
		inner = open.at(-1) ?? outermost;
		inner.children.push({ type: 'text', text: raw }, ...children);
	};
	for (const token of tokens) {
		const tag = token.type === 'html' ? readTag(token.raw) : null;
		if (tag === 'break') inner.children.push({ type: 'break' });
		else if (tag && !tag.closes && depth + open.length <= MAX_NESTING && fits(tag.name, inner)) {
			inner = { tag: tag.name, raw: token.raw, children: [] };
			open.push(inner);
		} else if (tag?.closes && open.some((one) => one.tag === tag.name)) {
			while (inner.tag !== tag.name) undo();
			const element = elementNode(tag.name, merge(inner.children));
			open.pop();
			inner = open.at(-1) ?? outermost;
			inner.children.push(element);
		} else inner.children.push(inlineNode(token, depth + open.length - 1));
	}
	while (open.length > 1) undo();
	return merge(outermost.children);
}

function fits(tag: InlineTag, { tag: around, children }: Open): boolean {
	return tag !== 'summary' || (around === 'details' && children.length === 0);
}

function elementNode(tag: InlineTag, children: Inline[]): Inline {
	if (tag === 'strong') return { type: 'strong', children };
	if (tag === 'em') return { type: 'emphasis', children };
	if (tag === 'del') return { type: 'strike', children };
	return { type: 'element', tag, children };
}

function merge(nodes: Inline[]): Inline[] {
	const merged: Inline[] = [];
	for (const node of nodes) {
		const last = merged.at(-1);
		if (node.type === 'text' && last?.type === 'text')
			merged[merged.length - 1] = { type: 'text', text: last.text + node.text };
		else merged.push(node);
	}
	return merged;
}
