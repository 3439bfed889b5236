import { openCache } from '../files/cache.ts';
import { pinned } from '../files/hub.ts';
import type { ModelSource } from '../files/protocol.ts';
import { serve } from '../rpc/server.ts';
import { TokenCounter } from './counter.ts';
import type { TokensContract } from './protocol.ts';

/** One at a time: a tokenizer of 30 MB takes several times that when it is read. */
let last: { baseUrl: string; counter: Promise<TokenCounter | null> } | null = null;

serve<TokensContract>({
	async count({ source, pieces }) {
		if (last?.baseUrl !== source.baseUrl) {
			const reading = { baseUrl: source.baseUrl, counter: read(source) };
			last = reading;
			// Not on disk yet: the next question looks again.
			void reading.counter.then((found) => {
				if (!found && last === reading) last = null;
			});
		}
		const counter = await last.counter;
		return counter && pieces.map((piece) => counter.count(piece));
	}
});

async function read(source: ModelSource): Promise<TokenCounter | null> {
	try {
		const { baseUrl } = (await pinned(source)).source;
		const cache = await openCache('weights');
		const response = await cache.match(new URL('tokenizer.json', baseUrl).href);
		const json: unknown = await response?.json();
		return typeof json === 'object' && json !== null ? new TokenCounter(json) : null;
	} catch {
		// A kind that is not known here: the page guesses.
		return null;
	}
}
