import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright';
import type { Lab } from '../lab.ts';
import type { Figures } from '../limits.ts';
import { median } from '../median.ts';
import { useServer } from '../use-server.ts';

const TOKENS = 300;
const TOKENS_PER_SECOND = 200;

/**
 * A server of one's own that streams a recorded answer: the page shows it, and a plain reader in the same browser reads
 * the same stream from the same moment on.
 */
export async function remoteLag(lab: Lab, runs: number): Promise<Figures> {
	const recorded = await recordedServer();
	const reader = await lab.context.newPage();
	const page = await lab.site();
	try {
		await reader.goto(`${recorded.origin}/reader`);
		await useServer(page, recorded.origin, 'Recorded');
		const lags: number[] = [];
		for (let run = -1; run < runs; run++) {
			const last = `last-of-${run + 1}`;
			recorded.next(last, run % 2 === 0);
			const shown = shownAt(page, last);
			const read = readAt(reader, last);
			await page.bringToFront();
			await page.getByLabel('Message', { exact: true }).fill(`Question ${run + 1}`);
			await page.getByLabel('Message', { exact: true }).press('Enter');
			const lagMs = (await shown) - (await read);
			lab.log(`last token on screen ${lagMs.toFixed(1)} ms after the plain reader had it`);
			if (run >= 0) lags.push(lagMs);
		}
		return { remoteLagMs: median(lags) };
	} finally {
		await page.close();
		await reader.close();
		recorded.close();
	}
}

/** Answers the page and the reader at once, each piece to both in one turn. */
async function recordedServer() {
	let wanted: { last: string; pageFirst: boolean } | null = null;
	let page: ServerResponse | null = null;
	let reader: ServerResponse | null = null;
	const begin = () => {
		if (!page || !reader || !wanted) return;
		const { last, pageFirst } = wanted;
		const both = pageFirst ? [page, reader] : [reader, page];
		page = reader = wanted = null;
		let written = 0;
		const startedMs = performance.now();
		const timer = setInterval(() => {
			const due = Math.min(TOKENS, ((performance.now() - startedMs) / 1000) * TOKENS_PER_SECOND);
			while (written < due) {
				written++;
				const content = written < TOKENS ? `word${written} ` : last;
				for (const each of both) each.write(event({ choices: [{ delta: { content } }] }));
			}
			if (written < TOKENS) return;
			clearInterval(timer);
			for (const each of both) {
				each.write(event({ choices: [{ delta: {}, finish_reason: 'stop' }] }));
				each.end('data: [DONE]\n\n');
			}
		}, 1000 / TOKENS_PER_SECOND);
	};
	const server = createServer((request, response) => {
		response.setHeader('access-control-allow-origin', '*');
		response.setHeader('access-control-allow-headers', 'authorization, content-type');
		if (request.method === 'OPTIONS') return void response.writeHead(204).end();
		switch (request.url ?? '') {
			case '/reader':
				return void response.setHeader('content-type', 'text/html').end('<!doctype html>');
			case '/v1/models':
				return void response
					.setHeader('content-type', 'application/json')
					.end(JSON.stringify({ data: [{ id: 'recorded' }] }));
			case '/v1/chat/completions':
			case '/stream':
				response.setHeader('content-type', 'text/event-stream');
				response.flushHeaders();
				response.socket?.setNoDelay(true);
				if (request.url === '/stream') reader = response;
				else page = response;
				return begin();
			default:
				return void response.writeHead(404).end();
		}
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		origin: `http://127.0.0.1:${port}`,
		/** The next answer's last word, and who is written to first. */
		next(last: string, pageFirst: boolean) {
			wanted = { last, pageFirst };
		},
		close() {
			server.closeAllConnections();
			server.close();
		}
	};
}

const event = (piece: object) => `data: ${JSON.stringify(piece)}\n\n`;

/** When the word has been painted, in milliseconds since 1970. */
const shownAt = (page: Page, word: string) =>
	page.evaluate(
		(word) =>
			new Promise<number>((resolve) => {
				const { port1, port2 } = new MessageChannel();
				port1.onmessage = () => resolve(performance.timeOrigin + performance.now());
				const observer = new MutationObserver(() => {
					if (!document.querySelector('main')?.textContent.includes(word)) return;
					observer.disconnect();
					// After the frame in which it is there.
					requestAnimationFrame(() => port2.postMessage(null));
				});
				observer.observe(document.body, { childList: true, characterData: true, subtree: true });
			}),
		word
	);

/** When a plain reader has the word, in milliseconds since 1970. */
const readAt = (page: Page, word: string) =>
	page.evaluate(async (word) => {
		const { body } = await fetch('/stream');
		const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
		let at = NaN;
		for (let tail = ''; ;) {
			const { done, value } = await reader.read();
			if (done) return at;
			tail = (tail + value).slice(-200);
			if (Number.isNaN(at) && tail.includes(word)) at = performance.timeOrigin + performance.now();
		}
	}, word);
