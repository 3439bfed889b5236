export type FileErrorKind =
	| 'empty'
	| 'html'
	| 'not-json'
	| 'wrong-shape'
	| 'not-wasm'
	| 'truncated'
	| 'no-metadata'
	| 'wrong-length'
	| 'unsafe-path'
	| 'inconsistent'
	/** It is sound, and another one than was used here before. */
	| 'changed';

/** A downloaded file is not what it should be. Says which file, what was expected and what arrived. */
export class FileError extends Error {
	override readonly name = 'FileError';
	constructor(
		readonly kind: FileErrorKind,
		readonly file: string,
		readonly expected: string,
		readonly found: string
	) {
		super(`${file}: expected ${expected}, found ${found}.`);
	}
}

/** First characters of a text, on one line and in quotes, for an error message. */
export function excerpt(text: string, length = 60): string {
	const line = text
		.slice(0, length * 2)
		.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
		.trim();
	return line.length > length ? `“${line.slice(0, length)}…”` : `“${line}”`;
}

export const looksLikeHtml = (text: string): boolean =>
	/^\s*(?:<!--[\s\S]{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body|title|meta)\b/i.test(
		text.slice(0, 1000)
	);
