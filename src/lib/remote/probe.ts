import { asFailure, type Failure } from '../rpc/failure.ts';
import { headersFor, plain, type Asked, type World } from './ask.ts';
import {
	addLoaded,
	failureOf,
	parseJson,
	parseModels,
	unexpected,
	type ListedModel
} from './wire.ts';

/** How far a test of a server came. */
export type Finding =
	/** The browser keeps the page from the local network. */
	| { kind: 'denied' }
	/** Nothing answers at the address. */
	| { kind: 'unreachable' }
	/** Something answers, and does not let this page read it. */
	| { kind: 'no-cors' }
	| { kind: 'key-refused'; said: string }
	/** It answers, but not as such a server does. */
	| { kind: 'not-a-server'; said: string }
	| { kind: 'model-missing'; models: ListedModel[] }
	| { kind: 'works'; models: ListedModel[] };

/** For each of the calls. */
const LIMIT_MS = 6_000;

/**
 * Finds out whether the server can be used. A browser gives one and the same error for a server that is not there, one
 * that forbids the page to read, and a permission that is missing: they are told apart by asking in different ways.
 */
export async function probe(server: Asked, world: Pick<World, 'fetch'>): Promise<Finding> {
	const { baseUrl } = server;
	const get = (url: string, init: RequestInit = {}) =>
		world.fetch(url, { ...plain, signal: AbortSignal.timeout(LIMIT_MS), ...init });
	let response: Response;
	try {
		response = await get(`${baseUrl}/models`, { headers: headersFor(server) });
	} catch {
		// A refused request without the right to read it is still an answer. A redirect is not followed here either: the
		// worker's policy ends it.
		const answers = await get(`${baseUrl}/models`, { mode: 'no-cors', redirect: 'follow' }).catch(
			() => null
		);
		if (!answers) return { kind: 'unreachable' };
		// vLLM's 401 has no CORS headers, its /health has.
		const health =
			server.kind === 'vllm' && (await get(new URL('/health', baseUrl).href).catch(() => null));
		return health && health.ok ? { kind: 'key-refused', said: '' } : { kind: 'no-cors' };
	}
	const raw = parseJson(await response.text().catch(() => ''));
	if (!response.ok) {
		const failure = failureOf(response.status, raw);
		return failure.detail.reason === 'key'
			? { kind: 'key-refused', said: failure.message }
			: { kind: 'not-a-server', said: failure.message };
	}
	let models: ListedModel[];
	try {
		models = parseModels(raw);
		if (models.length === 0) throw unexpected('the name of a model', raw);
	} catch (thrown) {
		return { kind: 'not-a-server', said: (asFailure(thrown) satisfies Failure).message };
	}
	const more = LOADED[server.kind];
	if (more) {
		const loaded = await get(new URL(more, baseUrl).href, { headers: headersFor(server) })
			.then(async (answer) => (answer.ok ? parseJson(await answer.text()) : null))
			.catch(() => null);
		models = addLoaded(models, loaded);
	}
	const { model } = server;
	return model !== '' && !models.some(({ id }) => id === model)
		? { kind: 'model-missing', models }
		: { kind: 'works', models };
}

/** Where a kind tells more of the models it has loaded. */
const LOADED: Partial<Record<Asked['kind'], string>> = {
	ollama: '/api/ps',
	'lm-studio': '/api/v0/models'
};
