import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileError } from './file-error.ts';
import { parseJsonFile } from './json-file.ts';

function refusal(text: string): FileError {
	try {
		parseJsonFile('config.json', text);
	} catch (error) {
		if (error instanceof FileError) return error;
		throw error;
	}
	throw new Error('it was accepted');
}

describe('parseJsonFile', () => {
	it('reads JSON, also behind a byte order mark', () => {
		expect(parseJsonFile('a.json', '\uFEFF {"a":[1]}')).toEqual({ a: [1] });
	});

	it.each([
		['an empty file', ' \n', 'empty'],
		['an HTML page', '<!DOCTYPE html><html><body>Not found</body></html>', 'html'],
		['an HTML page without a doctype', '  <HTML lang="en">', 'html'],
		['an HTML page behind a comment', '<!-- cached --><html>', 'html'],
		['a message', 'Entry not found', 'not-json'],
		['a cut file', '{"a": [1, 2', 'not-json']
	])('tells %s', (_, text, kind) => {
		const error = refusal(text);
		expect(error.kind).toBe(kind);
		expect(error.file).toBe('config.json');
		expect(error.expected).toBe('JSON');
	});

	it('says of a cut file that it ends too early', () => {
		expect(refusal('{"a": [1, 2').found).toContain('ends too early');
	});

	it('shows sixty characters of what arrived, and says that there are more', () => {
		expect(refusal('x'.repeat(60)).found).toBe(`other text: “${'x'.repeat(60)}”`);
		expect(refusal('x'.repeat(61)).found).toBe(`other text: “${'x'.repeat(60)}…”`);
		// White space takes no room, as long as there is not more of it than text.
		expect(refusal(`x${' '.repeat(119)}y`).found).toBe('other text: “x”');
		expect(refusal(`x${' '.repeat(118)}y`).found).toBe('other text: “x y”');
	});

	it('tells broken JSON from other text, and whether it ends too early', () => {
		expect(refusal(' [1, 2,]').found).toBe('broken JSON (8 characters): “[1, 2,]”');
		expect(refusal('{"a" 1}').found).toBe('broken JSON (7 characters): “{"a" 1}”');
		expect(refusal('[1, 2').found).toBe('broken JSON that ends too early (5 characters): “[1, 2”');
		expect(refusal('a}').found).toBe('other text: “a}”');
	});

	it('looks for an HTML page in the first thousand characters', () => {
		const comment = (length: number) => `<!--${'c'.repeat(length)}--><html>`;
		expect(refusal(comment(500)).kind).toBe('html');
		expect(refusal(comment(501)).kind).toBe('not-json');
		expect(refusal(`${' '.repeat(995)}<html>`).kind).toBe('html');
		expect(refusal(`${' '.repeat(996)}<html>`).kind).toBe('not-json');
	});

	it('shows the beginning of what arrived, without control characters', () => {
		const { message } = refusal(`oops\u0000\u001b[31m${'x'.repeat(500)}`);
		expect(message).toContain('“oops [31m');
		expect(message.length).toBeLessThan(200);
		expect(message).not.toMatch(/\p{Cc}/u);
	});

	it('gives back whatever JSON holds', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				const text = JSON.stringify(value);
				expect(parseJsonFile('a.json', text)).toEqual(JSON.parse(text));
			})
		);
	});

	it('throws only FileError for text that is no JSON', () => {
		fc.assert(
			fc.property(fc.string(), (text) => {
				try {
					parseJsonFile('a.json', text);
				} catch (error) {
					expect(error).toBeInstanceOf(FileError);
				}
				expect(true).toBe(true);
			})
		);
	});
});
