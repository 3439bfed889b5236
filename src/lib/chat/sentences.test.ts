import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wholeSentences } from './sentences.ts';

test('only whole sentences are read out while an answer grows', () => {
	expect(wholeSentences('It fits. It is', 0)).toEqual({ said: 'It fits.', upTo: 8 });
	expect(wholeSentences('It is 3.5', 0)).toEqual({ said: '', upTo: 0 });
});

test('the rest follows when the answer is finished', () => {
	expect(wholeSentences('It fits. It is small', 8, true).said).toBe('It is small');
});

test('marks of Markdown are not read out', () => {
	expect(wholeSentences('## Why\n- **because** `it` fits.\n', 0).said).toBe('Why because it fits.');
});

test('read in steps, nothing is left out and nothing is said twice', () => {
	const words = fc.array(
		fc.constantFrom('one', 'two', 'end. ', 'why? ', '\n', ' ', '**', 'end.', '…')
	);
	fc.assert(
		fc.property(words, (pieces) => {
			let text = '';
			let from = 0;
			const heard: string[] = [];
			for (const piece of pieces) {
				text += piece;
				const { said, upTo } = wholeSentences(text, from);
				expect(upTo).toBeGreaterThanOrEqual(from);
				from = upTo;
				heard.push(said);
			}
			heard.push(wholeSentences(text, from, true).said);
			const letters = (each: string) => each.replace(/[^a-z]/g, '');
			expect(letters(heard.join(''))).toBe(letters(text));
		})
	);
});
