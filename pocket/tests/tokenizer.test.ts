import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
	decode,
	encode,
	encodeExactly,
	fromJSON,
	SPECIAL,
	toJSON,
	train
} from '../model/tokenizer.ts';
import { tokenizer } from '../model/checkpoint.ts';

const text = fc.string({ unit: 'binary' });

test('tokens written exactly decode to the text they were made from', () => {
	fc.assert(
		fc.property(text, (s) => {
			expect(decode(tokenizer, encodeExactly(tokenizer, s))).toBe(s);
		})
	);
});
test('a prompt means the same in capitals', () => {
	expect(encode(tokenizer, 'WHAT IS VRAM?')).toEqual(encode(tokenizer, 'what is vram?'));
	expect(decode(tokenizer, encode(tokenizer, 'ΑΣ İ'))).toBe('ασ i̇');
});
test('special tokens are recognised in a prompt and only there', () => {
	expect(encode(tokenizer, '<|user|>hi<|end|>')).toEqual([2, ...encodeExactly(tokenizer, 'hi'), 0]);
	expect(encodeExactly(tokenizer, '<|end|>')).not.toContain(0);
	expect(encode(tokenizer, '<|END|>')).not.toContain(0);
});
test('merges apply in the order in which they were learned', () => {
	const learned = train('abab abab ab b', SPECIAL.length + 256 + 3);
	expect(learned.merges).toEqual([
		['a', 'b'],
		['ab', 'ab'],
		['Ġ', 'ab']
	]);
	const pieces = (text: string) => encodeExactly(learned, text).map((id) => learned.vocab[id]);
	expect(pieces(' ababab')).toEqual(['Ġ', 'abab', 'ab']);
	expect(pieces(' ab')).toEqual(['Ġab']);
});
test('a tokenizer survives its file', () => {
	const copy = fromJSON(JSON.parse(JSON.stringify(toJSON(tokenizer))));
	expect(copy).toEqual(tokenizer);
});
test('a file with a missing id or an impossible merge is refused', () => {
	const model = { vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] };
	expect(fromJSON({ model }).vocab).toEqual(['a', 'b', 'ab']);
	expect(() => fromJSON({ model: { ...model, vocab: { a: 0, b: 1, ab: 3 } } })).toThrow(
		'token ab has id 3, expected 2'
	);
	expect(() => fromJSON({ model: { ...model, merges: ['b a'] } })).toThrow('"b a"');
	expect(() => fromJSON({})).toThrow();
});
