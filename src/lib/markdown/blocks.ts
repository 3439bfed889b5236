import type { Links, MarkedToken, Token, Tokens } from 'marked';
import { Converter, readInline } from './convert.ts';
import { fencedText, openFence, type Fence } from './fence.ts';
import { folded, isMark, type Flat } from './fold.ts';
import { lexBlocks, type Lexed } from './lexer.ts';
import {
	MAX_BLOCK_CHARS,
	MAX_BLOCK_LINES,
	MAX_DEFINITIONS,
	MAX_FORMATTED_CHARS
} from './limits.ts';
import { share, type Block, type Inline } from './tree.ts';

/** What one call of the lexer is given at most, in blocks of the longest kind. */
const WINDOW_BLOCKS = 2;

interface Segment {
	src: string;
	blocks: Flat[];
	/** Labels of link definitions that its text looked for, found or not. */
	asked: Set<string>;
}

type Mode =
	| { kind: 'blocks' }
	/** In a fence: lines are only compared with its end. */
	| { kind: 'fence'; fence: Fence; language: string; scanned: number }
	/** In a block too long to format; to the first blank line, or `forever`. */
	| { kind: 'plain'; scanned: number; forever: boolean };

interface Reading {
	nodes: Inline[];
	asked: Set<string>;
}

interface Piece {
	src: string;
	lexed: Lexed;
}

/**
 * The blocks of a text that grows. What is behind the last place where a block surely ended is not read again, and
 * a block that did not change is the same object as before.
 */
export class BlockStream {
	#text = '';
	/** Finished blocks; `#start` is where the rest begins. */
	#segments: Segment[] = [];
	#start = 0;
	#mode: Mode = { kind: 'blocks' };
	#finishedDefinitions: Links = empty();
	#definitions: Links = this.#finishedDefinitions;
	#readings = new Map<string, Reading>();
	#finishedCount = 0;
	/** Not yet folded: blocks inside `<details>` are finished long before its closing tag arrives. */
	#blocks: Flat[] = [];
	#folded: Block[] = [];
	#hasFolds = false;

	/** The blocks of `text`. Only what was appended since the last call costs time. */
	update(text: string): Block[] {
		const clean = normalized(text);
		if (clean === this.#text) return this.#folded;
		if (!clean.startsWith(this.#text)) this.#reset();
		this.#text = clean;

		const finished: (Segment | Piece)[] = [];
		const open = this.#advance(finished);
		const provisional = open && 'lexed' in open ? definitionsIn(open.lexed.tokens) : [];
		this.#redefine(
			provisional.length > 0
				? withDefinitions(this.#finishedDefinitions, provisional)
				: this.#finishedDefinitions
		);

		const previous = this.#blocks;
		const blocks = previous.slice(0, this.#finishedCount);
		const readings = new Map<string, Reading>();
		for (const part of finished) {
			const segment = 'lexed' in part ? this.#read(part, readings) : part;
			this.#segments.push(segment);
			blocks.push(...segment.blocks);
		}
		const firstNew = this.#finishedCount;
		const finishedCount = blocks.length;
		if (open) blocks.push(...('lexed' in open ? this.#read(open, readings).blocks : [open]));
		for (let i = this.#finishedCount; i < blocks.length; i++) {
			const before = previous[i];
			const now = blocks[i];
			if (before && now) blocks[i] = share(before, now);
		}
		this.#readings = readings;
		this.#finishedCount = finishedCount;
		this.#blocks = blocks;
		this.#hasFolds ||= blocks.slice(firstNew, finishedCount).some(isMark);
		const hasFolds = this.#hasFolds || blocks.slice(finishedCount).some(isMark);
		this.#folded = hasFolds ? share(this.#folded, folded(blocks)) : (blocks as Block[]);
		return this.#folded;
	}

	#reset() {
		this.#text = '';
		this.#segments = [];
		this.#start = 0;
		this.#mode = { kind: 'blocks' };
		this.#finishedDefinitions = empty();
		this.#definitions = this.#finishedDefinitions;
		this.#readings = new Map();
		this.#finishedCount = 0;
		this.#blocks = [];
		this.#folded = [];
		this.#hasFolds = false;
	}

	/** Moves `#start` over every block that no further text can change; returns what is left behind it. */
	#advance(finished: (Segment | Piece)[]): Piece | Block | null {
		for (;;) {
			const block =
				this.#mode.kind === 'blocks' ? this.#skipLexed(finished) : this.#skipSimple(finished);
			if (block !== 'again') return block;
		}
	}

	#skipSimple(finished: (Segment | Piece)[]): Block | 'again' {
		const mode = this.#mode;
		if (mode.kind === 'blocks') return 'again';
		const end = mode.kind === 'fence' ? this.#fenceEnd(mode) : this.#plainEnd(mode);
		const src = this.#text.slice(this.#start, end ?? undefined);
		const block: Block =
			mode.kind === 'fence'
				? {
						type: 'code',
						language: mode.language,
						text: fencedText(mode.fence, src.slice(mode.fence.bodyStart))
					}
				: { type: 'plain', text: src.replace(/\n+$/, '') };
		if (end === null) return block;
		finished.push({ src, blocks: [block], asked: new Set() });
		this.#start = end;
		this.#mode = { kind: 'blocks' };
		return 'again';
	}

	#fenceEnd(mode: Mode & { kind: 'fence' }): number | null {
		for (;;) {
			const newline = this.#text.indexOf('\n', mode.scanned);
			if (newline < 0) return null;
			const closes = mode.fence.closing.test(this.#text.slice(mode.scanned, newline));
			mode.scanned = newline + 1;
			if (closes) return newline + 1;
		}
	}

	#plainEnd(mode: Mode & { kind: 'plain' }): number | null {
		if (mode.forever) return null;
		for (;;) {
			const newline = this.#text.indexOf('\n', mode.scanned);
			if (newline < 0) return null;
			const blank = !this.#text.slice(mode.scanned, newline).trim();
			mode.scanned = newline + 1;
			if (blank) return newline + 1;
		}
	}

	#skipLexed(finished: (Segment | Piece)[]): Piece | null | 'again' {
		const start = this.#start;
		if (start >= this.#text.length) return null;
		if (start >= MAX_FORMATTED_CHARS) {
			this.#mode = { kind: 'plain', scanned: start, forever: true };
			return 'again';
		}
		const src = this.#text.slice(start, this.#reach(start, WINDOW_BLOCKS));
		const lexed = lexBlocks(src);
		const complete = start + src.length === this.#text.length;

		let offset = 0;
		let cut = -1;
		let forced = -1;
		for (const [i, token] of lexed.tokens.entries()) {
			const at = start + offset;
			if (this.#isOversize(token, at)) {
				this.#finish(finished, lexed, src, offset);
				this.#mode = { kind: 'plain', scanned: this.#reach(at, 1), forever: false };
				return 'again';
			}
			if (token.type !== 'space' && i > 0) {
				if (isSettled(token, src, offset)) cut = offset;
				if (cut >= MAX_FORMATTED_CHARS - start) break;
				if (forced < src.length / 2) forced = offset;
			}
			const fence = isFence(token) ? openFence(token.raw) : null;
			if (fence && offset + token.raw.length >= src.length && src.includes('\n', offset)) {
				const [block] = new Converter(lexed, () => []).blocks([token]);
				this.#finish(finished, lexed, src, offset);
				this.#mode = {
					kind: 'fence',
					fence,
					language: block?.type === 'code' ? block.language : '',
					scanned: at + fence.bodyStart
				};
				return 'again';
			}
			offset += token.raw.length;
		}
		if (cut > 0 || (!complete && forced > 0)) {
			this.#finish(finished, lexed, src, cut > 0 ? cut : forced);
			return 'again';
		}
		if (complete) return { src, lexed };
		// One token fills the window: only blank lines do.
		this.#finish(finished, lexed, src, src.length);
		return 'again';
	}

	#finish(finished: (Segment | Piece)[], lexed: Lexed, window: string, length: number) {
		if (length === 0) return;
		let count = 0;
		for (let offset = 0; offset < length; count++)
			offset += lexed.tokens[count]?.raw.length ?? length;
		const tokens = lexed.tokens.slice(0, count);
		const definitions = definitionsIn(tokens);
		if (definitions.length > 0)
			this.#finishedDefinitions = withDefinitions(this.#finishedDefinitions, definitions);
		finished.push({ src: window.slice(0, length), lexed: { tokens, sources: lexed.sources } });
		this.#start += length;
	}

	/** Whether the block at `at` is too long to format. Asks the same slice of the text however it arrived. */
	#isOversize(token: Token, at: number): boolean {
		if (token.type === 'space' || isFence(token)) return false;
		if (token.raw.length <= MAX_BLOCK_LINES) return false; // neither so many lines nor so many characters
		const end = this.#reach(at, 1);
		if (end === this.#text.length || token.raw.length < (end - at) / 2) return false;
		const { tokens } = lexBlocks(this.#text.slice(at, end), true);
		return tokens.filter(({ type }) => type !== 'space').length === 1;
	}

	/** Where `count` blocks of the longest kind end at the latest, when the first is at `start`. */
	#reach(start: number, count: number): number {
		const most = Math.min(start + count * MAX_BLOCK_CHARS, this.#text.length);
		let end = start;
		for (let lines = count * MAX_BLOCK_LINES; lines > 0 && end < most; lines--) {
			const newline = this.#text.indexOf('\n', end);
			if (newline < 0) return most;
			end = newline + 1;
		}
		return Math.min(end, most);
	}

	/** Takes the link definitions that hold now, and reads again what had asked for one that changed. */
	#redefine(definitions: Links) {
		const before = this.#definitions;
		this.#definitions = definitions;
		if (before === definitions) return;
		const changed = new Set<string>();
		for (const label of [...Object.keys(before), ...Object.keys(definitions)]) {
			const was = before[label];
			const is = definitions[label];
			if (was?.href !== is?.href || was?.title !== is?.title) changed.add(label);
		}
		if (changed.size === 0) return;
		for (const [src, reading] of this.#readings)
			if (intersects(reading.asked, changed)) this.#readings.delete(src);
		const blocks = this.#blocks.slice();
		let index = 0;
		for (const [i, segment] of this.#segments.entries()) {
			if (intersects(segment.asked, changed)) {
				const again = this.#read(
					{ src: segment.src, lexed: lexBlocks(segment.src, true) },
					new Map()
				);
				again.blocks.forEach((block, j) => {
					const before = blocks[index + j];
					blocks[index + j] = before ? share(before, block) : block;
				});
				this.#segments[i] = again;
			}
			index += segment.blocks.length;
		}
		this.#blocks = blocks;
	}

	#read({ src, lexed }: Piece, readings: Map<string, Reading>): Segment {
		const asked = new Set<string>();
		const converter = new Converter(lexed, (text) => {
			const known = readings.get(text) ?? this.#readings.get(text);
			const reading = known ?? readWith(text, this.#definitions);
			readings.set(text, reading);
			for (const label of reading.asked) asked.add(label);
			return reading.nodes;
		});
		return { src, blocks: converter.flat(lexed.tokens), asked };
	}
}

/** The blocks of a whole text. */
export function parse(text: string): Block[] {
	return new BlockStream().update(text);
}

function readWith(text: string, definitions: Links): Reading {
	const asked = new Set<string>();
	const watched = new Proxy(definitions, {
		get(all, label) {
			if (typeof label !== 'string') return undefined;
			asked.add(label);
			return all[label];
		},
		getOwnPropertyDescriptor(all, label) {
			if (typeof label === 'string') asked.add(label);
			return Reflect.getOwnPropertyDescriptor(all, label);
		}
	});
	return { nodes: readInline(text, watched), asked };
}

function definitionsIn(tokens: Token[]): Tokens.Def[] {
	return tokens.flatMap((token) => {
		const known = token as MarkedToken;
		if (known.type === 'def') return [known];
		if (known.type === 'blockquote') return definitionsIn(known.tokens);
		if (known.type === 'list') return known.items.flatMap((item) => definitionsIn(item.tokens));
		return [];
	});
}

/** The first definition of a label counts. */
function withDefinitions(known: Links, more: Tokens.Def[]): Links {
	const all = Object.assign(empty(), known);
	let room = MAX_DEFINITIONS - Object.keys(all).length;
	for (const { tag, href, title } of more) {
		if (tag in all) continue;
		if (room-- <= 0) break;
		all[tag] = { href, title };
	}
	return all;
}

function intersects(some: Set<string>, others: Set<string>): boolean {
	for (const one of some) if (others.has(one)) return true;
	return false;
}

/**
 * Whether no further text can join the block at `offset` to the one before it: its first line is whole, and it follows
 * a blank line or is of a kind that nothing absorbs.
 */
function isSettled(token: Token, src: string, offset: number): boolean {
	if (!src.includes('\n', offset)) return false;
	const isHeading = token.type === 'heading' && /^ {0,3}#/.test(token.raw);
	return isHeading || isFence(token) || followsBlankLine(src, offset);
}

function followsBlankLine(src: string, offset: number): boolean {
	let newlines = 0;
	for (let i = offset - 1; i >= 0 && newlines < 2; i--) {
		if (src[i] === '\n') newlines++;
		else if (src[i] !== ' ' && src[i] !== '\t') return false;
	}
	return newlines === 2;
}

function isFence(token: Token): boolean {
	return token.type === 'code' && (token as Tokens.Code).codeBlockStyle === undefined;
}

function empty(): Links {
	return Object.create(null) as Links;
}

function normalized(text: string): string {
	const clean = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
	return clean.includes('\0') ? clean.replaceAll('\0', '\uFFFD') : clean;
}
