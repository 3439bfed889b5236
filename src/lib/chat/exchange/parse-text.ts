import { ImportError } from './import-error.ts';

/**
 * JSON, or JSON lines as a list of their values. Of lines some may be damaged (a file that was cut, say), but not the
 * first. Throws an ImportError of the kind `not-json`.
 */
export function parseText(text: string): { value: unknown; unreadable: number } {
	// The mark that some editors put before UTF-8.
	const whole = text.startsWith('\uFEFF') ? text.slice(1) : text;
	try {
		return { value: JSON.parse(whole) as unknown, unreadable: 0 };
	} catch (thrown) {
		const lines = parseLines(whole);
		if (lines) return lines;
		throw new ImportError(
			'not-json',
			'This file is not JSON. Export the chats again as JSON.',
			{ expected: 'JSON', found: thrown instanceof Error ? thrown.message : 'something else' },
			{ cause: thrown }
		);
	}
}

function parseLines(text: string): { value: unknown[]; unreadable: number } | null {
	const value: unknown[] = [];
	let unreadable = 0;
	for (let start = 0; start < text.length;) {
		const newline = text.indexOf('\n', start);
		const end = newline < 0 ? text.length : newline;
		const line = text.slice(start, end).trim();
		start = end + 1;
		if (line === '') continue;
		const record = line.startsWith('{') ? recordIn(line) : null;
		if (record) value.push(record);
		else if (value.length === 0) return null;
		else unreadable++;
	}
	return value.length > 0 ? { value, unreadable } : null;
}

function recordIn(line: string): object | null {
	try {
		return JSON.parse(line) as object;
	} catch {
		return null;
	}
}
