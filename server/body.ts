import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpError } from './api-error.ts';

/** Above the longest text that a call takes, four million characters, as UTF-8 in JSON. */
export const MAX_BODY_BYTES = 16 * 2 ** 20;
/** Of all bodies that are being read. */
const MAX_READING_BYTES = 8 * MAX_BODY_BYTES;
/** A client that sends on after it was refused may finish reading why. */
const LINGER_MS = 5_000;

let readingBytes = 0;

/** The body as JSON; nothing: an empty object. Throws an HttpError. */
export async function jsonBody(
	request: IncomingMessage,
	response: ServerResponse
): Promise<unknown> {
	if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
	if (request.headers.expect !== undefined) response.writeContinue();
	const chunks: Buffer[] = [];
	let bytes = 0;
	try {
		for await (const chunk of request.iterator({
			destroyOnReturn: false
		}) as AsyncIterable<Buffer>) {
			bytes += chunk.length;
			readingBytes += chunk.length;
			if (bytes > MAX_BODY_BYTES) throw tooLarge();
			if (readingBytes > MAX_READING_BYTES)
				throw HttpError.of(
					'too_many_requests',
					'Too much is being sent at once. Ask again in a moment.'
				);
			chunks.push(chunk);
		}
	} finally {
		readingBytes -= bytes;
	}
	if (bytes === 0) return {};
	try {
		return JSON.parse(Buffer.concat(chunks).toString());
	} catch {
		throw new HttpError({
			message: 'The body is not JSON.',
			type: 'invalid_request_error',
			code: 'invalid_input',
			param: null
		});
	}
}

const tooLarge = () =>
	HttpError.of('too_large', `Expected at most ${MAX_BODY_BYTES / 2 ** 20} MiB of JSON.`);

/**
 * For a request that is refused before its body was read: the rest is read and dropped for a while, since a client
 * whose connection breaks while it sends never learns why.
 */
export function overrun(request: IncomingMessage) {
	if (request.complete) return;
	// No `connection: close`: Node would then drop the connection as soon as the answer is written.
	request.resume();
	const timer = setTimeout(() => request.destroy(), LINGER_MS);
	request.on('close', () => clearTimeout(timer));
}
