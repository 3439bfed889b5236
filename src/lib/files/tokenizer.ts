import * as v from 'valibot';
import { excerpt, FileError, looksLikeHtml } from '#plan/models/file-error.ts';
import { parseJsonFile, parseShape } from '#plan/models/json-file.ts';

/** Pieces with their ids, or with their scores where the model is a unigram one. */
const vocab = v.union([
	v.record(v.string(), v.number()),
	v.array(v.tuple([v.string(), v.number()]))
]);
const schema = v.object({ model: v.looseObject({ vocab }) });

/**
 * Throws FileError unless the bytes are a tokenizer as their name says: `tokenizer.json` of Hugging Face's
 * tokenizers, or sentencepiece's binary `tokenizer.model`. The engine's own reader crashes on anything else.
 */
export function checkTokenizer(bytes: Uint8Array, file: string): void {
	const text = () => new TextDecoder().decode(bytes);
	if (file.endsWith('.json')) {
		parseShape(file, schema, parseJsonFile(file, text()));
		return;
	}
	const expected = 'a sentencepiece model';
	if (bytes.length === 0) throw new FileError('empty', file, expected, 'an empty file');
	const head = text().slice(0, 1000);
	if (looksLikeHtml(head))
		throw new FileError('html', file, expected, `an HTML page: ${excerpt(head)}`);
	// A protobuf whose first field is the list of pieces: field 1, length-delimited.
	if (bytes[0] !== 0x0a)
		throw new FileError('wrong-shape', file, expected, `something else: ${excerpt(head)}`);
}
