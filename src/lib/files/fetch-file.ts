import { Failure } from '../worker/failure.ts';

export interface FetchOptions {
	signal: AbortSignal;
	/** Called with the bytes of every chunk that arrives. */
	onBytes?: (bytes: number) => void;
	/** Exact length, where the manifest says it. */
	expectedBytes?: number;
}

/** The last part of a URL's path, for a person. */
export const fileName = (url: string): string =>
	decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? url);

/** Fetches a file whole. Fails with `network`, `bad-file` (wrong length) or `cancelled`; nothing is stored. */
export async function fetchFile(
	url: string,
	{ signal, onBytes, expectedBytes }: FetchOptions
): Promise<Blob> {
	const file = fileName(url);
	let response: Response;
	try {
		response = await fetch(url, { signal });
	} catch (error) {
		throw networkFailure(error, signal, file, url);
	}
	if (!response.ok)
		throw new Failure('network', `${new URL(url).host} answered ${response.status} for ${file}.`, {
			file,
			url,
			status: response.status
		});
	const chunks: Uint8Array<ArrayBuffer>[] = [];
	let received = 0;
	try {
		const reader = response.body?.getReader();
		for (;;) {
			const part = await reader?.read();
			if (!part || part.done) break;
			chunks.push(part.value);
			received += part.value.byteLength;
			onBytes?.(part.value.byteLength);
			if (expectedBytes !== undefined && received > expectedBytes) break;
		}
		if (expectedBytes !== undefined && received > expectedBytes) await reader?.cancel();
	} catch (error) {
		throw networkFailure(error, signal, file, url);
	}
	if (expectedBytes !== undefined && received !== expectedBytes)
		throw wrongLength(file, expectedBytes, received > expectedBytes ? 'more' : `${received} bytes`);
	return new Blob(chunks, { type: response.headers.get('content-type') ?? '' });
}

function wrongLength(file: string, expectedBytes: number, found: string): Failure {
	const expected = `${expectedBytes} bytes`;
	return new Failure('bad-file', `${file}: expected ${expected}, found ${found}.`, {
		file,
		expected,
		found
	});
}

function networkFailure(error: unknown, signal: AbortSignal, file: string, url: string): Failure {
	if (signal.aborted) return new Failure('cancelled', 'Cancelled.');
	const reason = error instanceof Error ? error.message : String(error);
	return new Failure('network', `${file} could not be fetched from ${new URL(url).host}.`, {
		file,
		url,
		reason
	});
}
