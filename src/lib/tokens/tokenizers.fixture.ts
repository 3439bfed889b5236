/**
 * Tokenizers in the formats of catalogue families, trained here on a few texts: the same normalizers, splits, kinds of
 * model and special tokens as the published files, with a small vocabulary.
 */

type Word = string[];

/** Learns merges as byte-pair encoding does: the most frequent pair first. */
function learnMerges(words: Map<string, { symbols: Word; times: number }>, merges: number) {
	const learned: [string, string][] = [];
	while (learned.length < merges) {
		const counts = new Map<string, number>();
		for (const { symbols, times } of words.values())
			for (let i = 1; i < symbols.length; i++) {
				const pair = `${symbols[i - 1] ?? ''} ${symbols[i] ?? ''}`;
				counts.set(pair, (counts.get(pair) ?? 0) + times);
			}
		const [best] = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
		if (!best || best[1] < 2) break;
		const [left = '', right = ''] = best[0].split(' ');
		learned.push([left, right]);
		for (const word of words.values())
			for (let i = word.symbols.length - 1; i > 0; i--)
				if (word.symbols[i - 1] === left && word.symbols[i] === right)
					word.symbols.splice(i - 1, 2, left + right);
	}
	return learned;
}

function wordsOf(pieces: readonly string[], symbolsOf: (piece: string) => Word) {
	const words = new Map<string, { symbols: Word; times: number }>();
	for (const piece of pieces) {
		const known = words.get(piece);
		if (known) known.times++;
		else words.set(piece, { symbols: symbolsOf(piece), times: 1 });
	}
	return words;
}

/** GPT-2's printable letter for each byte. */
const BYTE_LETTERS = (() => {
	const printable = [
		...Array.from({ length: 94 }, (_, i) => i + 33),
		...Array.from({ length: 12 }, (_, i) => i + 161),
		...Array.from({ length: 82 }, (_, i) => i + 174)
	];
	let next = 256;
	return Array.from({ length: 256 }, (_, byte) =>
		String.fromCodePoint(printable.includes(byte) ? byte : next++)
	);
})();

const byteSymbols = (text: string): Word =>
	[...new TextEncoder().encode(text)].map((byte) => BYTE_LETTERS[byte] ?? '');

const addedToken = (id: number, content: string) => ({
	id,
	content,
	single_word: false,
	lstrip: false,
	rstrip: false,
	normalized: false,
	special: true
});

interface Shape {
	special: readonly string[];
	/** Splits a text for training about as the format does. */
	split: RegExp;
	merges: number;
}

function byteLevel(
	texts: readonly string[],
	{ special, split, merges }: Shape,
	format: {
		normalizer: object | null;
		pre_tokenizer: object;
		post_processor: object;
		model: object;
	}
) {
	const pieces = texts.flatMap((text) => text.match(split) ?? []);
	const learned = learnMerges(wordsOf(pieces, byteSymbols), merges);
	const tokens = [...BYTE_LETTERS, ...learned.map((pair) => pair.join(''))];
	const vocab = Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]));
	const size = Object.keys(vocab).length;
	return {
		version: '1.0',
		truncation: null,
		padding: null,
		added_tokens: special.map((content, i) => addedToken(size + i, content)),
		decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
		...format,
		model: {
			type: 'BPE',
			dropout: null,
			unk_token: null,
			continuing_subword_prefix: null,
			end_of_word_suffix: null,
			fuse_unk: false,
			byte_fallback: false,
			vocab,
			merges: learned.map((pair) => pair.join(' ')),
			...format.model
		}
	};
}

const BYTE_LEVEL = {
	type: 'ByteLevel',
	add_prefix_space: false,
	trim_offsets: false,
	use_regex: false
};
const QWEN =
	"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const LLAMA_3 = QWEN.replace('\\p{N}|', '\\p{N}{1,3}|');
const splitBy = (pattern: string) => ({
	type: 'Sequence',
	pretokenizers: [
		{ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
		BYTE_LEVEL
	]
});
const TRAINING_SPLIT =
	/[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu;

export const qwen = (texts: readonly string[]) =>
	byteLevel(
		texts,
		{
			special: ['<|endoftext|>', '<|im_start|>', '<|im_end|>'],
			split: TRAINING_SPLIT,
			merges: 500
		},
		{
			normalizer: { type: 'NFC' },
			pre_tokenizer: splitBy(QWEN),
			post_processor: BYTE_LEVEL,
			model: {}
		}
	);

export const llama3 = (texts: readonly string[]) =>
	byteLevel(
		texts,
		{
			special: [
				'<|begin_of_text|>',
				'<|end_of_text|>',
				'<|start_header_id|>',
				'<|end_header_id|>',
				'<|eot_id|>'
			],
			split: TRAINING_SPLIT,
			merges: 500
		},
		{
			normalizer: null,
			pre_tokenizer: splitBy(LLAMA_3),
			post_processor: BYTE_LEVEL,
			// What is a token already is not put together from its parts.
			model: { ignore_merges: true }
		}
	);

export const smolLm = (texts: readonly string[]) =>
	byteLevel(
		texts,
		{
			special: ['<|endoftext|>', '<|im_start|>', '<|im_end|>'],
			split: TRAINING_SPLIT,
			merges: 400
		},
		{
			normalizer: null,
			pre_tokenizer: {
				type: 'Sequence',
				pretokenizers: [
					{ type: 'Digits', individual_digits: true },
					{ type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
				]
			},
			post_processor: BYTE_LEVEL,
			model: {}
		}
	);

/** As sentencepiece's models are converted: spaces become ▁, and what is unknown becomes its bytes. */
function pieces(
	texts: readonly string[],
	special: readonly string[],
	format: { normalizer: object; pre_tokenizer: object | null }
) {
	const words = texts.flatMap((text) => text.replaceAll(' ', '▁').match(/▁*[^▁\n]+|\n+/g) ?? []);
	const learned = learnMerges(
		wordsOf(words, (word) => [...word]),
		500
	);
	// Most letters are known, some are not.
	const letters = [...new Set(words.flatMap((word) => [...word]))].filter((_, i) => i % 7 !== 3);
	const bytes = Array.from(
		{ length: 256 },
		(_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`
	);
	const merges = learned.filter(([a, b]) =>
		[...(a + b)].every((letter) => letters.includes(letter))
	);
	const tokens = [...special, ...bytes, ...letters, ...merges.map((pair) => pair.join(''))];
	const vocab = Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]));
	return {
		version: '1.0',
		truncation: null,
		padding: null,
		added_tokens: special.map((content, id) => addedToken(id, content)),
		post_processor: null,
		decoder: {
			type: 'Sequence',
			decoders: [
				{ type: 'Replace', pattern: { String: '▁' }, content: ' ' },
				{ type: 'ByteFallback' },
				{ type: 'Fuse' }
			]
		},
		...format,
		model: {
			type: 'BPE',
			dropout: null,
			unk_token: '<unk>',
			continuing_subword_prefix: null,
			end_of_word_suffix: null,
			fuse_unk: true,
			byte_fallback: true,
			vocab,
			merges: merges.map((pair) => pair.join(' '))
		}
	};
}

const SPACES = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };

export const gemma = (texts: readonly string[]) =>
	pieces(texts, ['<pad>', '<eos>', '<bos>', '<unk>', '<start_of_turn>', '<end_of_turn>'], {
		normalizer: SPACES,
		pre_tokenizer: {
			type: 'Split',
			pattern: { String: ' ' },
			behavior: 'MergedWithPrevious',
			invert: false
		}
	});

export const llama2 = (texts: readonly string[]) =>
	pieces(texts, ['<unk>', '<s>', '</s>'], {
		normalizer: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, SPACES] },
		pre_tokenizer: null
	});
