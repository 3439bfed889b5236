import { getDefaults, Hooks, Lexer, Tokenizer, type Links, type Token, type Tokens } from 'marked';
import { bareLinkEnd, bareLinkStart } from './bare-links.ts';
import { blockElement, foldEnd, inlineCode, startsInlineElement } from './elements.ts';
import { spansIn, type Span } from './emphasis.ts';
import {
	blockFormula,
	blockFormulaStart,
	inlineFormula,
	inlineFormulaStart
} from './formula-lexer.ts';
import { fullWidthListStart, withPlainMarkers } from './list-markers.ts';
import { withLiteralsMasked } from './literals.ts';
import { MAX_DEFINITION_CHARS, MAX_NESTING } from './limits.ts';

interface Spans {
	spans: Map<number, Span>;
	/** Offset of the nested text in the text of these spans. */
	offset: number;
}

/** Marked's rules, with our bounds: depth, and no construct that looks further than its own paragraph. */
class BoundedTokenizer extends Tokenizer {
	#depth = 0;
	get isNested() {
		return this.#depth > 0;
	}

	/** By masked text. Text inside emphasis uses the spans of the text around it, so that its context counts. */
	#spans = new Map<string, Spans>();

	forgetSpans() {
		this.#spans.clear();
	}

	override blockquote(src: string) {
		return this.#nested(() => super.blockquote(src));
	}
	override list(src: string) {
		return this.#nested(() => super.list(withPlainMarkers(src)));
	}
	override html(src: string) {
		return startsInlineElement(src) ? undefined : super.html(src);
	}
	/** A line of a tight list item, which marked does not cut at the start of the next block. */
	override text(src: string) {
		const newline = src.indexOf('\n');
		const end = foldEnd(newline < 0 ? src : src.slice(0, newline));
		return super.text(end > 0 ? src.slice(0, end) : src);
	}
	override emStrong(src: string, masked: string): Tokens.Em | Tokens.Strong | undefined {
		const span = this.#spanAt(src, masked);
		if (!span || span.type === 'del') return undefined;
		return this.#nested(
			() => ({ type: span.type, ...this.#inner(src, masked, span) }) as Tokens.Em
		);
	}
	override del(src: string, masked: string): Tokens.Del | undefined {
		const span = this.#spanAt(src, masked);
		if (span?.type !== 'del') return undefined;
		return this.#nested(() => ({ type: 'del', ...this.#inner(src, masked, span) }));
	}
	override url(src: string) {
		const link = super.url(src);
		const end = link ? bareLinkEnd(link.raw) : -1;
		return end < 0 ? link : super.url(src.slice(0, end));
	}
	override inlineText(src: string) {
		const token = super.inlineText(src);
		const link = token ? bareLinkStart(token.raw) : -1;
		return link > 0 ? super.inlineText(src.slice(0, link)) : token;
	}
	override link(src: string) {
		return this.#nested(() => super.link(src));
	}
	override reflink(src: string, links: Links) {
		return this.#nested(() => super.reflink(src, links));
	}
	/** A title may not hold a blank line; left alone, it would swallow everything up to the next quote. */
	override def(src: string) {
		if (!/^ {0,3}\[/.test(src)) return undefined;
		const near = src.slice(0, MAX_DEFINITION_CHARS);
		return super.def(this.rules.block.paragraph.exec(near)?.[0] ?? near);
	}
	/** Shown as text, so it opens and closes nothing. */
	override tag(src: string): Tokens.Tag | undefined {
		const raw = this.rules.inline.tag.exec(src)?.[0];
		if (raw === undefined) return undefined;
		return { type: 'html', raw, text: raw, inLink: false, inRawBlock: false, block: false };
	}

	#spanAt(src: string, masked: string): Span | undefined {
		if (!'*_~'.includes(src.charAt(0))) return undefined;
		let known = this.#spans.get(masked);
		if (!known) this.#spans.set(masked, (known = { spans: spansIn(masked), offset: 0 }));
		const { spans, offset } = known;
		const at = masked.length - src.length;
		const span = spans.get(offset + at);
		return span && { ...span, end: span.end - offset - at };
	}
	#inner(src: string, masked: string, { type, end }: Span) {
		const raw = src.slice(0, end);
		const marks = type === 'em' ? 1 : 2;
		const text = raw.slice(marks, -marks);
		const from = masked.length - src.length + marks;
		const around = this.#spans.get(masked);
		if (around)
			this.#spans.set(masked.slice(from, from + text.length), {
				spans: around.spans,
				offset: around.offset + from
			});
		return { raw, text, tokens: this.lexer.inlineTokens(text) };
	}

	#nested<T>(read: () => T): T | undefined {
		if (this.#depth >= MAX_NESTING) return undefined;
		this.#depth++;
		try {
			return read();
		} finally {
			this.#depth--;
		}
	}
}

/** Whether the text being lexed reaches to the end of the answer. Nested text is always complete. */
let isEnd = true;
/** The text being lexed inline: marked passes only its mask to the hook. */
let inlineText = '';

class MaskHooks extends Hooks {
	override emStrongMask(masked: string): string {
		return withLiteralsMasked(masked, inlineText);
	}
}

const tokenizer = new BoundedTokenizer();
const options = {
	...getDefaults(),
	tokenizer,
	hooks: new MaskHooks(),
	extensions: {
		renderers: {},
		childTokens: {},
		block: [(src: string) => blockFormula(src, isEnd || tokenizer.isNested), blockElement],
		startBlock: [
			(src: string) => blockFormulaStart(src, isEnd || tokenizer.isNested),
			foldEnd,
			fullWidthListStart
		],
		inline: [inlineFormula, inlineCode],
		startInline: [inlineFormulaStart]
	}
};

class AnswerLexer extends Lexer {
	override inlineTokens(src: string, tokens?: Token[]) {
		inlineText = src;
		return super.inlineTokens(src, tokens);
	}
}

export interface Lexed {
	tokens: Token[];
	/** The text still to be read inline, by the array that marked would fill. */
	sources: Map<Token[], string>;
}

/**
 * Top-level blocks of `src`, which has no carriage returns. Their inline text is not read yet. `isPart`: more text follows,
 * but no block of `src` continues in it.
 */
export function lexBlocks(src: string, isPart = false): Lexed {
	const lexer = new AnswerLexer(options);
	isEnd = !isPart;
	const tokens = lexer.blockTokens(src, lexer.tokens);
	const sources = new Map(lexer.inlineQueue.map(({ tokens, src }) => [tokens, src]));
	return { tokens, sources };
}

export function lexInline(src: string, definitions: Links): Token[] {
	const lexer = new AnswerLexer(options);
	lexer.tokens.links = definitions;
	tokenizer.forgetSpans();
	return lexer.inlineTokens(src);
}
