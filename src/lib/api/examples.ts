import type { InferInput } from 'valibot';
import { queryName, ROUTES } from './routes.ts';
import type { CALLS, CallName } from './schemas.ts';

/** An input of each call, which can be run as it stands; what deletes or loads is about the built-in model. */
export const EXAMPLES: { readonly [N in CallName]: InferInput<(typeof CALLS)[N]['input']> } = {
	status: {},
	prediction: { inputTokens: 1000, outputTokens: 500 },
	options: { model: 'llama3.2:1b' },
	calculate: { parametersBillion: 7, contextWindow: 4096 },
	reload: { model: 'pocket', bits: 4 },
	cache: {},
	clearCache: { model: 'pocket' },
	statistics: {},
	clearStatistics: {},
	comparison: { models: ['pocket-q4f32_1', 'pocket-q0f32'] },
	settings: {},
	setSettings: { idleUnloadMinutes: 30 },
	memory: {},
	policy: {},
	setPolicy: { mode: 'suggest' },
	models: {},
	exists: { model: 'llama3.2:1b-instruct-q4' },
	chat: { messages: [{ role: 'user', content: 'What is quantization?' }], max_tokens: 100 },
	generate: { prompt: 'What is VRAM?', max_tokens: 100 }
};

/** How a script in the page asks. */
export const inPage = (name: CallName, input: unknown): string =>
	`await window.headroom.${name}(${isEmpty(input) ? '' : JSON.stringify(input)});`;

/** How a shell asks the local server at `origin`, with the token in a variable. */
export function curl(name: CallName, input: unknown, origin: string): string {
	const route = ROUTES.find(({ call }) => call === name);
	if (!route) throw new TypeError(`${name} has no path.`);
	const head = `curl -H "Authorization: Bearer $OPENAI_API_KEY" `;
	if (route.method === 'POST')
		return `${head}-d ${quoted(JSON.stringify(input))} ${origin}${route.path}`;
	const query = new URLSearchParams(
		Object.entries(input as Record<string, string | number>).map(([field, value]) => [
			queryName(field),
			String(value)
		])
	).toString();
	return head + quoted(origin + route.path + (query === '' ? '' : `?${query}`));
}

/** Of the local server: a page that another host serves is reached by none, and names where one would be. */
export const serverOrigin = ({
	hostname,
	origin
}: Pick<Location, 'hostname' | 'origin'>): string =>
	['localhost', '127.0.0.1'].includes(hostname) ? origin : 'http://localhost:4173';

const isEmpty = (input: unknown) => JSON.stringify(input) === '{}';
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
