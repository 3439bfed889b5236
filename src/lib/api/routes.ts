import type { CallName } from './schemas.ts';

/** A call as programs reach it by HTTP. GET takes its input from the query, POST as JSON. */
export interface Route {
	readonly method: 'GET' | 'POST';
	readonly path: string;
	readonly call: CallName;
}

const route = (method: Route['method'], path: string, call: CallName): Route => ({
	method,
	path,
	call
});

/** The first route of a call is the one that is shown in examples. */
export const ROUTES: readonly Route[] = [
	route('GET', '/v1/models', 'models'),
	route('POST', '/v1/chat/completions', 'chat'),
	route('POST', '/v1/completions', 'generate'),
	route('GET', '/vram_status', 'status'),
	route('GET', '/vram_prediction', 'prediction'),
	route('GET', '/quantization_options', 'options'),
	route('POST', '/reload_model', 'reload'),
	route('GET', '/api/models', 'models'),
	route('GET', '/api/models/exists', 'exists'),
	route('POST', '/api/chat', 'chat'),
	route('POST', '/api/generate', 'generate'),
	route('GET', '/api/v1/quantization/status', 'status'),
	route('POST', '/api/v1/quantization/calculate', 'calculate'),
	route('GET', '/api/v1/quantization/memory', 'memory'),
	route('GET', '/api/v1/quantization/cache', 'cache'),
	route('POST', '/api/v1/quantization/cache/clear', 'clearCache'),
	route('GET', '/api/v1/quantization/settings', 'settings'),
	route('POST', '/api/v1/quantization/settings', 'setSettings'),
	route('GET', '/api/v1/policy', 'policy'),
	route('POST', '/api/v1/policy', 'setPolicy'),
	route('GET', '/api/v1/statistics', 'statistics'),
	route('POST', '/api/v1/statistics/clear', 'clearStatistics'),
	route('POST', '/api/v1/statistics/comparison', 'comparison')
];

/** One of the models that `models` lists, by its name. */
export const MODEL_PATH = '/v1/models/{model}';
/** Answered by the server itself, without a token. */
export const HEALTH_PATHS: readonly string[] = ['/health', '/api/health'];
/** Server-sent events of what happens in the page. */
export const EVENTS_PATH = '/api/v1/events';
export const OPENAPI_PATH = '/openapi.json';

/** In a query, fields are written as in `input_tokens`. */
export const queryName = (field: string): string =>
	field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export const fieldName = (query: string): string =>
	query.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The input that a query stands for: digits are a number, but in a model's name. The call's schema checks the rest. */
export function inputOf(query: URLSearchParams): object {
	return Object.fromEntries(
		[...query].map(([name, value]): [string, unknown] => {
			const field = fieldName(name);
			const number = field !== 'model' && /^-?\d+(?:\.\d+)?$/.test(value);
			return [field, number ? Number(value) : value];
		})
	);
}
