import { Failure } from '../worker/failure.ts';
import { retryAfterMs } from './persist.ts';

export interface FetchOptions {
	signal: AbortSignal;
	/** Called with the bytes of every chunk that arrives. */
	onBytes?: (bytes: number) => void;
	/** Exact length, where it is known before. */
	expectedBytes?: number | undefined;
}

/** A server that goes silent for so long is given up, and asked again. */
const SILENCE_MS = 45_000;

/** The last part of a URL's path, for a person. */
export const fileName = (url: string): string =>
	decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? url);

/**
 * Fetches a file whole, once. Fails with `network` (detail: `cause`, `status`, `retryAfterMs`), `bad-file` (wrong
 * length) or `cancelled`; nothing is stored.
 */
export async function fetchFile(
	url: string,
	{ signal, onBytes, expectedBytes }: FetchOptions
): Promise<Blob> {
	const file = fileName(url);
	const silence = new AbortController();
	let timer: ReturnType<typeof setTimeout> | undefined;
	const heard = () => {
		clearTimeout(timer);
		timer = setTimeout(() => silence.abort(), SILENCE_MS);
	};
	const either = AbortSignal.any([signal, silence.signal]);
	const chunks: Uint8Array<ArrayBuffer>[] = [];
	let received = 0;
	let response: Response;
	heard();
	try {
		// What is worth keeping is kept by us: the browser's cache would hold weights twice, and a broken file on.
		response = await fetch(url, { signal: either, cache: 'no-store' });
		if (!response.ok) {
			await response.body?.cancel();
			throw refusal(response, file, url);
		}
		const reader = response.body?.getReader();
		for (;;) {
			heard();
			const part = await reader?.read();
			if (!part || part.done) break;
			chunks.push(part.value);
			received += part.value.byteLength;
			onBytes?.(part.value.byteLength);
			if (expectedBytes !== undefined && received > expectedBytes) {
				await reader?.cancel();
				break;
			}
		}
	} catch (error) {
		if (error instanceof Failure) throw error;
		if (signal.aborted) throw new Failure('cancelled', 'Cancelled.');
		throw unreachable(error, silence.signal.aborted, file, url);
	} finally {
		clearTimeout(timer);
	}
	if (expectedBytes !== undefined && received !== expectedBytes)
		throw wrongFile(
			file,
			`${expectedBytes} bytes`,
			received > expectedBytes ? 'more' : `${received} bytes`
		);
	return new Blob(chunks, { type: response.headers.get('content-type') ?? '' });
}

export function wrongFile(file: string, expected: string, found: string): Failure {
	return new Failure('bad-file', `${file}: expected ${expected}, found ${found}.`, {
		file,
		expected,
		found
	});
}

function refusal({ status, headers }: Response, file: string, url: string): Failure {
	const { host } = new URL(url);
	const waitMs = retryAfterMs(headers.get('retry-after'), Date.now());
	const detail = { file, url, status, ...(waitMs !== null && { retryAfterMs: waitMs }) };
	const failure = (cause: string, message: string) =>
		new Failure('network', message, { ...detail, cause });
	if (status === 401 || status === 403)
		return failure('refused', `${host} does not give ${file} to this page (${status}).`);
	if (status === 404 || status === 410)
		return failure('missing', `${host} has no ${file} (${status}).`);
	if (status === 429) return failure('rate-limited', `${host} asks to slow down (429).`);
	return failure('server', `${host} answered ${status} for ${file}.`);
}

/** A browser does not tell a page a dead connection from a host that does not allow the page. */
function unreachable(error: unknown, silent: boolean, file: string, url: string): Failure {
	const { host } = new URL(url);
	const reason = error instanceof Error ? error.message : String(error);
	const failure = (cause: string, message: string) =>
		new Failure('network', message, { file, url, cause, reason });
	if (!navigator.onLine)
		return failure('offline', `The browser is offline, so ${file} could not be fetched.`);
	if (silent) return failure('silent', `${host} stopped sending ${file}.`);
	return failure(
		'unreachable',
		`${file} could not be fetched from ${host}: no connection, or the host does not allow this page.`
	);
}
