import { Tokenizer } from '@huggingface/tokenizers';

/** Pieces of a conversation stay the same from one keystroke to the next. */
const MOST_KEPT = 512;

/** Counts tokens with a `tokenizer.json` as the engine does: no special tokens but those in the text. */
export class TokenCounter {
	readonly #tokenizer: Tokenizer;
	readonly #kept = new Map<string, number>();

	/** `json`: a parsed `tokenizer.json`. Throws where it is of a kind that is not known here. */
	constructor(json: object) {
		this.#tokenizer = new Tokenizer(json, {});
	}

	count(piece: string): number {
		const known = this.#kept.get(piece);
		if (known !== undefined) return known;
		const { ids } = this.#tokenizer.encode(piece, { add_special_tokens: false });
		if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
		this.#kept.set(piece, ids.length);
		return ids.length;
	}
}
