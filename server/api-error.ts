import type { ErrorCode } from '../src/lib/api/error.ts';
import type { FromPage } from '../src/lib/api/relay-protocol.ts';

type Told = Extract<FromPage, { type: 'failed' }>['error'];

/** What the server says itself, beside what the page does. */
export type OwnCode =
	| 'invalid_api_key'
	| 'foreign_host'
	| 'foreign_origin'
	| 'unknown_model'
	| 'unknown_path'
	| 'method_not_allowed'
	| 'too_large'
	| 'too_many_requests'
	| 'no_page'
	| 'page_gone'
	| 'server_failed';

const STATUS: Readonly<Partial<Record<OwnCode | ErrorCode, number>>> = {
	invalid_input: 400,
	ambiguous_model: 400,
	bad_schema: 400,
	context_length_exceeded: 400,
	invalid_api_key: 401,
	permission_denied: 403,
	foreign_host: 403,
	foreign_origin: 403,
	unknown_call: 404,
	unknown_model: 404,
	unknown_path: 404,
	method_not_allowed: 405,
	cancelled: 409,
	too_large: 413,
	blocked: 422,
	queue_full: 429,
	too_many_requests: 429,
	own_server_failed: 502,
	elsewhere: 503,
	no_page: 503,
	not_ready: 503,
	nothing_loaded: 503,
	offline: 503,
	page_gone: 503
};

/** Only these are worth retrying; OpenAI's clients would retry every status from 500 on. */
const PASSING: readonly string[] = ['queue_full', 'too_many_requests', 'not_ready'];
const RETRY_SECONDS = 1;

/** An error as a program gets it, in OpenAI's shape. */
export class HttpError extends Error {
	readonly status: number;
	readonly told: Told;

	constructor(told: Told) {
		super(told.message);
		this.told = told;
		this.status = STATUS[told.code as OwnCode | ErrorCode] ?? 500;
	}

	static of(code: OwnCode, message: string): HttpError {
		const status = STATUS[code] ?? 500;
		const type = status < 500 ? 'invalid_request_error' : 'server_error';
		return new HttpError({ message, type, code, param: null });
	}

	get headers(): Record<string, string> {
		const passing = PASSING.includes(this.told.code);
		return {
			'x-should-retry': String(passing),
			...(passing && { 'retry-after': String(RETRY_SECONDS) }),
			...(this.status === 401 && { 'www-authenticate': 'Bearer' })
		};
	}

	get body(): string {
		return JSON.stringify({ error: this.told });
	}
}
