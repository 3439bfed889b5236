import { getDefaults, Lexer, Tokenizer, type Links, type Token, type Tokens } from 'marked';
import { MAX_DEFINITION_CHARS, MAX_NESTING } from './limits.ts';
import { blockFormula, FormulaHooks, formulaStart, inlineFormula } from './formula-lexer.ts';

/** Marked's rules, with our bounds: depth, and no construct that looks further than its own paragraph. */
class BoundedTokenizer extends Tokenizer {
	#depth = 0;

	override blockquote(src: string) {
		return this.#nested(() => super.blockquote(src));
	}
	override list(src: string) {
		return this.#nested(() => super.list(src));
	}
	override emStrong(src: string, masked: string, previous?: string) {
		return this.#nested(() => super.emStrong(src, masked, previous));
	}
	override del(src: string, masked: string, previous?: string) {
		return this.#nested(() => super.del(src, masked, previous));
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

const tokenizer = new BoundedTokenizer();
const options = {
	...getDefaults(),
	tokenizer,
	hooks: new FormulaHooks(),
	extensions: {
		renderers: {},
		childTokens: {},
		block: [blockFormula],
		startBlock: [formulaStart.block],
		inline: [inlineFormula],
		startInline: [formulaStart.inline]
	}
};

export interface Lexed {
	tokens: Token[];
	/** The text still to be read inline, by the array that marked would fill. */
	sources: Map<Token[], string>;
}

/** Top-level blocks of `src`, which has no carriage returns. Their inline text is not read yet. */
export function lexBlocks(src: string): Lexed {
	const lexer = new Lexer(options);
	const tokens = lexer.blockTokens(src, lexer.tokens);
	const sources = new Map(lexer.inlineQueue.map(({ tokens, src }) => [tokens, src]));
	return { tokens, sources };
}

export function lexInline(src: string, definitions: Links): Token[] {
	const lexer = new Lexer(options);
	lexer.tokens.links = definitions;
	return lexer.inlineTokens(src);
}
