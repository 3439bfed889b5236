import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const PIECE_BYTES = 1 << 18;

/** Sends bodies over one line of so many bytes per second, which all that is sent at once share. */
export function pacedLine(bytesPerSecond: number) {
	let freeAtMs = 0;
	async function* pieces(body: Buffer) {
		for (let at = 0; at < body.length; at += PIECE_BYTES) {
			const piece = body.subarray(at, at + PIECE_BYTES);
			freeAtMs = Math.max(freeAtMs, performance.now()) + (piece.length / bytesPerSecond) * 1000;
			const waitMs = freeAtMs - performance.now();
			// A timer is a millisecond off; who waits now and then for longer is not.
			if (waitMs > 4) await new Promise((resolve) => setTimeout(resolve, waitMs));
			yield piece;
		}
	}
	return (response: ServerResponse, body: Buffer) => {
		response.writeHead(200, { 'content-length': body.length, 'cache-control': 'no-store' });
		// Whoever asked may have gone.
		pipeline(Readable.from(pieces(body)), response).catch(() => undefined);
	};
}
