import { asFailure, type Failure, type FailureKind } from '../rpc/failure.ts';

type Snake<S extends string> = S extends `${infer A}-${infer B}` ? `${A}_${Snake<B>}` : S;

export type ErrorCode =
	| Exclude<Snake<FailureKind>, 'context_full' | 'server'>
	| 'context_length_exceeded'
	| 'invalid_input'
	| 'unknown_call'
	| 'unknown_model'
	| 'ambiguous_model'
	| 'permission_denied'
	| 'not_ready'
	/** Offline mode keeps the page from the person's server. */
	| 'offline'
	/** The person's server did not answer, or not as asked. */
	| 'own_server_failed';

const INVALID: readonly ErrorCode[] = [
	'invalid_input',
	'unknown_call',
	'unknown_model',
	'ambiguous_model',
	'bad_schema',
	'context_length_exceeded'
];

/** What a program is told of an error, in OpenAI's shape: `error.code` to act on, the message for a person. */
export class ApiError extends Error {
	override readonly name = 'HeadroomError';
	readonly code: ErrorCode;
	/** The field of the input; null: none alone. */
	readonly param: string | null;

	constructor(code: ErrorCode, message: string, param: string | null = null) {
		super(message);
		this.code = code;
		this.param = param;
	}

	get error() {
		return { message: this.message, type: typeOf(this.code), code: this.code, param: this.param };
	}

	toJSON() {
		return { error: this.error };
	}
}

function typeOf(code: ErrorCode): string {
	if (code === 'permission_denied') return 'permission_error';
	return INVALID.includes(code) ? 'invalid_request_error' : 'server_error';
}

/** Whatever was thrown. */
export function asApiError(thrown: unknown): ApiError {
	if (thrown instanceof ApiError) return thrown;
	const failure = asFailure(thrown);
	return new ApiError(codeOf(failure), failure.message);
}

export function codeOf({ kind, detail }: Pick<Failure, 'kind' | 'detail'>): ErrorCode {
	if (kind === 'context-full') return 'context_length_exceeded';
	if (kind !== 'server') return kind.replaceAll('-', '_') as Snake<typeof kind>;
	if (detail.reason === 'offline') return 'offline';
	// It is loading its model: asking again helps.
	return detail.reason === 'not-ready' ? 'not_ready' : 'own_server_failed';
}
