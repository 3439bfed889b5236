import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isHiding, visible, visibleProse } from './visible.ts';

test('controls that reorder text are spelled out', () => {
	expect(visible('a\u202Eb\u2066c\u200Fd\u061Ce')).toBe('a⟨U+202E⟩b⟨U+2066⟩c⟨U+200F⟩d⟨U+061C⟩e');
});

test('direction marks stay in right-to-left prose, and nothing else that reorders does', () => {
	const prose = 'مكتبة \u200EReact (v19)\u200F.';
	expect(visibleProse(prose)).toBe(prose);
	expect(visibleProse('ערך: \u200E-5\u061C')).toBe('ערך: \u200E-5\u061C');
	expect(visibleProse('שלום \u200F\u202Eabc')).toBe('שלום \u200F⟨U+202E⟩abc');
	expect(visibleProse('a\u200Fb')).toBe('a⟨U+200F⟩b');
	expect(visible(prose)).toContain('⟨U+200E⟩');
});

test('tag characters, which hide text, are spelled out', () => {
	expect(visible('hi\u{E0041}')).toBe('hi⟨U+E0041⟩');
});

test('flags, emoji sequences and joined letters stay', () => {
	const scotland = '\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}';
	for (const text of [scotland, '👩‍👩‍👧', 'می‌خواهم', 'שלום', 'क्‍ष']) expect(visible(text)).toBe(text);
});

test('marks piled on a letter are counted, and those of any script stay', () => {
	expect(visible(`a${'\u0301'.repeat(500)}b`)).toBe(`a${'\u0301'.repeat(12)}⟨488 more marks⟩b`);
	for (const text of ['Việt', 'שָׁלוֹם', 'ที่นี่', 'རྒྱལ', 'é̂̃']) expect(visible(text)).toBe(text);
});

test('a flag that hides words is no flag', () => {
	const hidden = [...'ignore all'].map((c) =>
		String.fromCodePoint(0xe0000 + (c.codePointAt(0) ?? 0))
	);
	expect(visible(`\u{1F3F4}${hidden.join('')}\u{E007F}`)).toContain('⟨U+E0069⟩');
});

test('nothing that reorders text is left in any text', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), (text) => {
			expect(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/.test(visible(text))).toBe(false);
			if (!isHiding(text)) expect(visible(text)).toBe(text);
		})
	);
});
