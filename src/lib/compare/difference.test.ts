import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstDifference } from './difference.ts';

const marked = (...texts: string[]) =>
	firstDifference(texts)?.map((range, i) => range && texts[i]?.slice(range.start, range.end));

describe('the first word that differs', () => {
	test('is whole, also where only its end differs', () => {
		expect(marked('The cat sat.', 'The cats sat.')).toEqual(['cat', 'cats']);
		expect(marked('A page, loaded', 'A page, loading')).toEqual(['loaded', 'loading']);
	});
	test('is found in each of several, though most of them agree', () => {
		expect(marked('It is a b.', 'It is a b.', 'It is one b.')).toEqual(['a', 'a', 'one']);
	});
	test('is missing where a text ends', () => {
		expect(marked('One two', 'One two three')).toEqual([null, 'three']);
		expect(marked('', 'One')).toEqual([null, 'One']);
	});
	test('may be a sign', () => {
		expect(marked('Yes, it is', 'Yes. It is')).toEqual([',', '.']);
	});
	test('is not there where all are the same, or there is only one', () => {
		expect(marked('Same.', 'Same.')).toBeUndefined();
		expect(marked('Alone.')).toBeUndefined();
		expect(marked()).toBeUndefined();
	});
	test('is found in scripts without spaces, and after a long beginning', () => {
		expect(marked('我喜欢猫', '我喜欢狗')).toEqual(['猫', '狗']);
		const long = 'word '.repeat(2_000);
		expect(marked(`${long}left`, `${long}right`)).toEqual(['left', 'right']);
	});
	test('comes after text that all share', () => {
		const texts = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 4 });
		fc.assert(
			fc.property(fc.string(), texts, (lead, ends) => {
				const all = ends.map((end) => lead + end);
				const ranges = firstDifference(all);
				expect(ranges === null).toBe(new Set(all).size === 1);
				for (const [i, range] of (ranges ?? []).entries()) {
					if (!range) continue;
					const before = all[i]?.slice(0, range.start).trimEnd() ?? '';
					for (const text of all) expect(text.startsWith(before)).toBe(true);
					expect(range.end).toBeGreaterThan(range.start);
				}
			})
		);
	});
});
