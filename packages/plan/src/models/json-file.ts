import * as v from 'valibot';
import { excerpt, FileError, looksLikeHtml } from './file-error.ts';

/** Parses the text of a downloaded file; a FileError says what arrived in place of JSON. */
export function parseJsonFile(file: string, text: string): unknown {
	// A byte order mark is no JSON, but some servers send one.
	const body = text.replace(/^\uFEFF/, '');
	if (body.trim() === '') throw new FileError('empty', file, 'JSON', 'an empty file');
	if (looksLikeHtml(body))
		throw new FileError('html', file, 'JSON', `an HTML page: ${excerpt(body)}`);
	try {
		return JSON.parse(body);
	} catch {
		throw new FileError('not-json', file, 'JSON', brokenJson(body));
	}
}

function brokenJson(body: string): string {
	const first = body.trimStart()[0];
	if (first !== '{' && first !== '[') return `other text: ${excerpt(body)}`;
	const last = body.trimEnd().at(-1);
	const cut = last === '}' || last === ']' ? '' : ' that ends too early';
	return `broken JSON${cut} (${body.length} characters): ${excerpt(body)}`;
}

/** The value as `schema` has it, or a FileError that names the field, what it should be and what it is. */
export function parseShape<const S extends v.GenericSchema>(
	file: string,
	schema: S,
	value: unknown
): v.InferOutput<S> {
	const result = v.safeParse(schema, value, { abortEarly: true });
	if (result.success) return result.output;
	const issue = result.issues[0];
	const field = v.getDotPath(issue);
	const expected = issue.expected ?? issue.message;
	throw new FileError(
		'wrong-shape',
		file,
		field ? `${field}: ${expected}` : expected,
		issue.received
	);
}
