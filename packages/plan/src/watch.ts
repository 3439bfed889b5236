import * as v from 'valibot';
import { bytes, count } from './words.ts';

/** How often a page is asked while it is watched. */
const LOOK_MS = 2_000;
/** A server or page that takes longer hangs. */
const LIMIT_MS = 10_000;
/** The address where `npm start -- --api` serves, where its port was free. */
export const USUAL_URL = 'http://localhost:4173';

export interface WatchOptions {
	url: string;
	token: string;
	once: boolean;
	json: boolean;
	/** Ends the watching. */
	signal: AbortSignal;
	/** A line of what was seen. */
	out: (line: string) => void;
	/** A line of what went wrong. */
	err: (line: string) => void;
	fetch?: typeof fetch;
	/** For one answer. */
	limitMs?: number;
	wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Of the status what a line tells; what else is in it may change with the page's version. */
const statusSchema = v.object({
	loader: v.string(),
	loaded: v.array(v.object({ model: v.string(), contextWindow: v.number() })),
	memory: v.object({
		state: v.string(),
		usedBytes: v.number(),
		budgetBytes: v.nullable(v.number())
	}),
	queue: v.object({
		running: v.nullable(v.string()),
		waiting: v.number(),
		held: v.nullable(v.string())
	})
});
const errorSchema = v.object({ error: v.object({ message: v.string() }) });

/**
 * Tells the state of a page whenever it changes, or once; resolves with the exit code: 1 if the server or page was not
 * reached when it was looked at last.
 */
export async function watch(options: WatchOptions): Promise<0 | 1> {
	const { signal, once, out, err, wait = pause } = options;
	let before = '';
	for (;;) {
		const { line, good } = await look(options);
		if (signal.aborted) return 0;
		if (line !== before) (good ? out : err)(line);
		before = line;
		if (once) return good ? 0 : 1;
		await wait(LOOK_MS, signal);
		if (signal.aborted) return 0;
	}
}

async function look(options: WatchOptions): Promise<{ line: string; good: boolean }> {
	const { url, token, json, signal, fetch: ask = fetch, limitMs = LIMIT_MS } = options;
	const bad = (line: string) => ({ line, good: false });
	const limit = AbortSignal.timeout(limitMs);
	let said: unknown;
	try {
		const response = await ask(`${url.replace(/\/$/, '')}/vram_status`, {
			headers: { authorization: `Bearer ${token}` },
			signal: AbortSignal.any([signal, limit])
		});
		said = await response.json();
	} catch {
		if (limit.aborted)
			return bad(
				`${url} took longer than ${count(limitMs / 1000)} s to answer. Is its page busy or asleep?`
			);
		return bad(`Nothing answers programs at ${url}. Start it with: npm start -- --api`);
	}
	const told = v.safeParse(errorSchema, said);
	if (told.success) return bad(told.output.error.message);
	const status = v.safeParse(statusSchema, said);
	if (!status.success) return bad(`Something else than Headroom answers at ${url}.`);
	return { line: json ? JSON.stringify(said) : lineOf(status.output), good: true };
}

function lineOf({ loader, loaded, memory, queue }: v.InferOutput<typeof statusSchema>): string {
	const { usedBytes, budgetBytes, state } = memory;
	const of = budgetBytes === null ? '' : ` of ${bytes(budgetBytes)}`;
	const models = loaded.map(
		({ model, contextWindow }) => `${model} at ${count(contextWindow)} tokens`
	);
	return [
		models.join(', ') || 'no model',
		...(loader === 'idle' ? [] : [loader]),
		`${bytes(usedBytes)}${of}, ${state}`,
		`${queue.running === null ? 'nothing' : `a ${queue.running}`} running, ${count(queue.waiting)} waiting`,
		...(queue.held === null ? [] : [queue.held])
	].join(' | ');
}

const pause = (ms: number, signal: AbortSignal) =>
	new Promise<void>((resolve) => {
		const end = () => {
			clearTimeout(timer);
			signal.removeEventListener('abort', end);
			resolve();
		};
		const timer = setTimeout(end, ms);
		signal.addEventListener('abort', end);
	});
