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
