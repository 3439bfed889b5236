import { Failure } from '../rpc/failure.ts';
import { mayReach } from '../network/policy.ts';
import { fetchAuthorized } from './hub-token.ts';
import { retryAfterMs } from './persist.ts';

/** A file as it came. */
export interface Fetched {
	bytes: Uint8Array<ArrayBuffer>;
	/** Content type, as the server says; empty: it does not. */
	type: string;
	/** The same bytes where the browser keeps them: storing these costs no way back from here. */
	blob?: Blob;
}

export interface FetchOptions {
	signal: AbortSignal;
	/** Called with the bytes of every chunk that arrives. */
	onBytes?: (bytes: number) => void;
	/** Exact length, where it is known before. */
	expectedBytes?: number | undefined;
	/** Memory to put the file into, if it is large enough: new memory costs more than the copy itself. */
	memory?: Uint8Array<ArrayBuffer> | undefined;
	/**
	 * Leaves the bytes to the browser until all are there, and then has them in `blob` too. That is half the work, but
	 * tells nothing on the way: for what comes in a moment.
	 */
	brisk?: boolean | undefined;
}

/** A server that goes silent for so long is given up, and asked again. */
const SILENCE_MS = 45_000;

/** The last part of a URL's path, for a person. */
export const fileName = (url: string): string =>
	decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? url);

/**
 * Fetches a file whole, once. Fails with `network` (detail: `cause`, `status`, `retryAfterMs`), `gated` (detail:
 * `page`, `status`), `bad-file` (wrong length) or `cancelled`; nothing is stored.
 */
export async function fetchFile(url: string, options: FetchOptions): Promise<Fetched> {
	const { signal, expectedBytes } = options;
	const file = fileName(url);
	if (new URL(url).hostname.endsWith('.invalid')) throw fromFolder(file, url);
	if (!mayReach(new URL(url), new URL(location.href))) throw notAllowed(file, url);
	const silence = new AbortController();
	let timer: ReturnType<typeof setTimeout> | undefined;
	const heard = () => {
		clearTimeout(timer);
		timer = setTimeout(() => silence.abort(), SILENCE_MS);
	};
	let response: Response;
	let body: Pick<Fetched, 'bytes' | 'blob'>;
	heard();
	try {
		// What is worth keeping is kept by us: the browser's cache would hold weights twice, and a broken file on.
		response = await fetchAuthorized(url, {
			signal: AbortSignal.any([signal, silence.signal]),
			cache: 'no-store'
		});
		if (!response.ok) {
			await response.body?.cancel();
			throw refusal(response, file, url);
		}
		const brisk =
			options.brisk && expectedBytes !== undefined && saysLength(response, expectedBytes);
		body = await (brisk ? inOne(response, options) : inChunks(response, options, heard));
	} catch (error) {
		if (error instanceof Failure) throw error;
		if (signal.aborted) throw new Failure('cancelled', 'Cancelled.');
		throw unreachable(error, silence.signal.aborted, file, url);
	} finally {
		clearTimeout(timer);
	}
	const { byteLength } = body.bytes;
	if (expectedBytes !== undefined && byteLength !== expectedBytes)
		throw wrongFile(
			file,
			`${expectedBytes} bytes`,
			byteLength > expectedBytes ? 'more' : `${byteLength} bytes`
		);
	return { ...body, type: response.headers.get('content-type') ?? '' };
}

/** A body that says nothing of its length may have no end. */
const saysLength = ({ headers }: Response, bytes: number) =>
	headers.get('content-length') === String(bytes) && !headers.has('content-encoding');

async function inOne(response: Response, { onBytes }: FetchOptions) {
	const blob = await response.blob();
	const bytes = new Uint8Array(await blob.arrayBuffer());
	onBytes?.(bytes.byteLength);
	return { bytes, blob };
}

async function inChunks(
	response: Response,
	{ onBytes, expectedBytes, memory }: FetchOptions,
	heard: () => void
) {
	const arrived = new Arriving(expectedBytes, memory);
	const reader = response.body?.getReader();
	for (;;) {
		heard();
		const part = await reader?.read();
		if (!part || part.done) break;
		arrived.add(part.value);
		onBytes?.(part.value.byteLength);
		if (expectedBytes !== undefined && arrived.bytes > expectedBytes) {
			await reader?.cancel();
			break;
		}
	}
	return { bytes: arrived.whole() };
}

/** Puts chunks together. */
class Arriving {
	bytes = 0;
	#buffer: Uint8Array<ArrayBuffer>;

	constructor(expectedBytes = 64 * 1024, memory?: Uint8Array<ArrayBuffer>) {
		this.#buffer =
			memory && memory.byteLength >= expectedBytes ? memory : new Uint8Array(expectedBytes);
	}

	add(chunk: Uint8Array) {
		const bytes = this.bytes + chunk.byteLength;
		if (bytes > this.#buffer.byteLength) {
			const larger = new Uint8Array(Math.max(bytes, 2 * this.#buffer.byteLength));
			larger.set(this.#buffer.subarray(0, this.bytes));
			this.#buffer = larger;
		}
		this.#buffer.set(chunk, this.bytes);
		this.bytes = bytes;
	}

	whole(): Uint8Array<ArrayBuffer> {
		return this.#buffer.subarray(0, this.bytes);
	}
}

export function wrongFile(file: string, expected: string, found: string): Failure {
	return new Failure('bad-file', `${file}: expected ${expected}, found ${found}.`, {
		file,
		expected,
		found
	});
}

/** The hub answers 401 for what does not exist, too, and says so in a header. */
const isGated = (status: number, headers: Headers, host: string): boolean =>
	(status === 401 || status === 403) &&
	host === 'huggingface.co' &&
	!/NotFound/.test(headers.get('x-error-code') ?? '');

/** Where the licence can be accepted; null: not known. */
const modelPage = (url: string): string | null =>
	/^https:\/\/huggingface\.co\/[\w.-]+\/[\w.-]+(?=\/resolve\/)/.exec(url)?.[0] ?? null;

function refusal({ status, headers }: Response, file: string, url: string): Failure {
	const { host } = new URL(url);
	const waitMs = retryAfterMs(headers.get('retry-after'), Date.now());
	const detail = { file, url, status, ...(waitMs !== null && { retryAfterMs: waitMs }) };
	const failure = (cause: string, message: string) =>
		new Failure('network', message, { ...detail, cause });
	if (isGated(status, headers, host)) {
		const page = modelPage(url);
		return new Failure(
			'gated',
			`${host} gives ${file} only to those who have accepted the model’s licence (${status}).`,
			{ ...detail, ...(page !== null && { page }) }
		);
	}
	if (status === 404 || status === 410 || headers.get('x-error-code')?.endsWith('NotFound'))
		return failure('missing', `${host} has no ${file} (${status}).`);
	if (status === 401 || status === 403)
		return failure('refused', `${host} does not give ${file} to this page (${status}).`);
	if (status === 429) return failure('rate-limited', `${host} asks to slow down (429).`);
	return failure('server', `${host} answered ${status} for ${file}.`);
}

/** Its name is answered by no network: what is missing there can only be copied again. */
const fromFolder = (file: string, url: string): Failure =>
	new Failure('network', `${file} was copied from a folder and is no longer on disk.`, {
		file,
		url,
		cause: 'folder'
	});

function notAllowed(file: string, url: string): Failure {
	const { host } = new URL(url);
	return new Failure(
		'network',
		`${file} was not fetched: ${host} is not among the hosts this page may reach. Offline mode may be on: look in the settings.`,
		{ file, url, cause: 'not-allowed' }
	);
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
