/** A byte-level BPE tokenizer: training, encoding, and the Hugging Face tokenizers JSON that WebLLM loads. */
import * as v from 'valibot';

export interface Tokenizer {
	/** Token text by id, bytes written in the GPT-2 convention. */
	vocab: string[];
	/** In order of priority. */
	merges: [string, string][];
}

/** Ids 0 to 3. `<|end|>` ends every message and stops generation. */
export const SPECIAL = ['<|end|>', '<|system|>', '<|user|>', '<|assistant|>'] as const;
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** Byte value -> printable character, the GPT-2 convention: printable Latin-1 stays, the rest moves to U+0100 on. */
const BYTES = (() => {
	const printable = (b: number) =>
		(b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
	let next = 0x100;
	return Array.from({ length: 256 }, (_, b) => String.fromCodePoint(printable(b) ? b : next++));
})();
const BYTE_OF = new Map(BYTES.map((c, b) => [c, b]));
const symbols = (text: string) => [...new TextEncoder().encode(text)].map((b) => BYTES[b]!);

/** Character by character, as the tokenizers library does it: no final sigma, which depends on the neighbours. */
export const lower = (text: string) => Array.from(text, (c) => c.toLowerCase()).join('');

/** Learns merges from `corpus` until the vocabulary has `size` tokens. Deterministic. */
export function train(corpus: string, size: number): Tokenizer {
	const words = new Map<string, number>();
	for (const [w] of corpus.matchAll(WORDS)) words.set(w, (words.get(w) ?? 0) + 1);
	const pieces = [...words].map(([w, n]) => ({ s: symbols(w), n }));
	const vocab: string[] = [...SPECIAL, ...BYTES];
	const merges: [string, string][] = [];
	while (vocab.length < size) {
		const pairs = new Map<string, number>();
		for (const { s, n } of pieces)
			for (let i = 1; i < s.length; i++) {
				const key = `${s[i - 1]} ${s[i]}`;
				pairs.set(key, (pairs.get(key) ?? 0) + n);
			}
		if (pairs.size === 0) break;
		const [best] = [...pairs].reduce((x, y) =>
			y[1] > x[1] || (y[1] === x[1] && y[0] < x[0]) ? y : x
		);
		const [a, b] = best.split(' ') as [string, string];
		merges.push([a, b]);
		vocab.push(a + b);
		for (const p of pieces) p.s = merge(p.s, a, b);
	}
	return { vocab, merges };
}
function merge(s: string[], a: string, b: string): string[] {
	const out: string[] = [];
	for (let i = 0; i < s.length; i++) {
		if (s[i] === a && s[i + 1] === b) {
			out.push(a + b);
			i++;
		} else out.push(s[i]!);
	}
	return out;
}

interface Index {
	id: Map<string, number>;
	/** "left right" -> priority */
	rank: Map<string, number>;
	/** Words met so far. */
	words: Map<string, number[]>;
}
const indices = new WeakMap<Tokenizer, Index>();
function indexOf(tokenizer: Tokenizer): Index {
	let index = indices.get(tokenizer);
	if (!index) {
		const { vocab, merges } = tokenizer;
		index = {
			id: new Map(vocab.map((t, i) => [t, i])),
			rank: new Map(merges.map((m, i) => [m.join(' '), i])),
			words: new Map()
		};
		indices.set(tokenizer, index);
	}
	return index;
}
function encodeWord({ id, rank, words }: Index, word: string): number[] {
	const known = words.get(word);
	if (known) return known;
	let s = symbols(word);
	for (;;) {
		let first = Infinity;
		let pair: [string, string] | undefined;
		for (let i = 1; i < s.length; i++) {
			const r = rank.get(`${s[i - 1]} ${s[i]}`) ?? Infinity;
			if (r < first) {
				first = r;
				pair = [s[i - 1]!, s[i]!];
			}
		}
		if (!pair) break;
		s = merge(s, ...pair);
	}
	const ids = s.map((t) => id.get(t)!);
	words.set(word, ids);
	return ids;
}

const escape = (text: string) => text.replace(/[|\\^$*+?.()[\]{}]/g, '\\$&');
const SPECIALS = new RegExp(`(${SPECIAL.map(escape).join('|')})`);

/** Token ids of `text` with its letters as they stand: what the model writes. No special tokens inside. */
export function encodeExactly(tokenizer: Tokenizer, text: string): number[] {
	const index = indexOf(tokenizer);
	return [...text.matchAll(WORDS)].flatMap(([w]) => encodeWord(index, w));
}
/** Token ids of a prompt, lower-cased; the special tokens are recognised inside it. */
export function encode(tokenizer: Tokenizer, text: string): number[] {
	return text.split(SPECIALS).flatMap((part) => {
		const special = (SPECIAL as readonly string[]).indexOf(part);
		return special >= 0 ? [special] : encodeExactly(tokenizer, lower(part));
	});
}
export function decode({ vocab }: Tokenizer, ids: readonly number[]): string {
	const encoder = new TextEncoder();
	const bytes = ids.flatMap((i) =>
		i < SPECIAL.length
			? [...encoder.encode(vocab[i])]
			: [...(vocab[i] ?? '')].map((c) => BYTE_OF.get(c)!)
	);
	return new TextDecoder().decode(new Uint8Array(bytes));
}

/** tokenizer.json in the Hugging Face tokenizers format. */
export function toJSON({ vocab, merges }: Tokenizer) {
	return {
		version: '1.0',
		truncation: null,
		padding: null,
		added_tokens: SPECIAL.map((content, id) => ({
			id,
			content,
			single_word: false,
			lstrip: false,
			rstrip: false,
			normalized: false,
			special: true
		})),
		// So that capitals need not be learned. Answers keep theirs: only what is encoded is lower-cased.
		normalizer: { type: 'Lowercase' },
		pre_tokenizer: {
			type: 'ByteLevel',
			add_prefix_space: false,
			trim_offsets: true,
			use_regex: true
		},
		post_processor: null,
		decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
		model: {
			type: 'BPE',
			dropout: null,
			unk_token: null,
			continuing_subword_prefix: null,
			end_of_word_suffix: null,
			fuse_unk: false,
			byte_fallback: false,
			vocab: Object.fromEntries(vocab.map((t, i) => [t, i])),
			merges: merges.map((m) => m.join(' '))
		}
	};
}

const schema = v.object({
	model: v.object({
		vocab: v.record(v.string(), v.pipe(v.number(), v.integer(), v.minValue(0))),
		merges: v.array(v.string())
	})
});
/** Reads what `toJSON` wrote. Throws if ids are missing or a merge makes a token that is not there. */
export function fromJSON(json: unknown): Tokenizer {
	const { model } = v.parse(schema, json);
	const entries = Object.entries(model.vocab).sort(([, x], [, y]) => x - y);
	entries.forEach(([token, id], i) => {
		if (id !== i) throw new Error(`tokenizer.json: token ${token} has id ${id}, expected ${i}`);
	});
	const vocab = entries.map(([token]) => token);
	const merges = model.merges.map((line): [string, string] => {
		const [a, b, ...rest] = line.split(' ');
		if (a === undefined || b === undefined || rest.length > 0 || !(a + b in model.vocab))
			throw new Error(`tokenizer.json: "${line}" is no merge of two tokens`);
		return [a, b];
	});
	return { vocab, merges };
}
