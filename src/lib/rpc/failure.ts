/** What can go wrong in a worker, as far as the page tells causes apart. */
export type FailureKind =
	| 'no-webgpu'
	| 'no-adapter'
	| 'unsupported'
	| 'blocked'
	| 'bad-file'
	| 'network'
	/** The hub gives a model's files only to those who have accepted its licence. */
	| 'gated'
	/** A part of this page could not be fetched. */
	| 'script'
	/** A mistake in this page's own script. */
	| 'page'
	/** The files of a model were not deleted, because a tab uses them. */
	| 'in-use'
	| 'quota'
	| 'cancelled'
	/** Of the GPU. */
	| 'out-of-memory'
	/** Of the computer: says nothing about the GPU. */
	| 'out-of-host-memory'
	| 'device-lost'
	| 'gpu-error'
	| 'context-full'
	/** The engine cannot hold an answer to the JSON Schema that was asked for. */
	| 'bad-schema'
	/** NaN, infinity, or no token that a grammar allows. */
	| 'bad-logits'
	/** The engine is not what sampling on the CPU was made for. */
	| 'lean-unavailable'
	| 'nothing-loaded'
	/** As many requests wait as may. */
	| 'queue-full'
	| 'worker-died'
	| 'silent'
	/** The tab ended in the middle of a load, before this visit. */
	| 'tab-died'
	/** The engine runs in another tab. */
	| 'elsewhere'
	| 'taken-over'
	/** The person's own server did not answer, or not as asked; `detail.remedy` says what can be done. */
	| 'server'
	| 'engine';

export type FailureDetail = Readonly<Record<string, string | number>>;

/** An error that keeps its kind and details on its way between a worker and the page. */
export class Failure extends Error {
	override readonly name = 'Failure';
	readonly kind: FailureKind;
	readonly detail: FailureDetail;

	constructor(kind: FailureKind, message: string, detail: FailureDetail = {}) {
		super(message);
		this.kind = kind;
		this.detail = detail;
	}
}

export interface WireFailure {
	kind: FailureKind;
	message: string;
	detail: FailureDetail;
}

export const toWire = ({ kind, message, detail }: Failure): WireFailure => ({
	kind,
	message,
	detail
});
export const fromWire = ({ kind, message, detail }: WireFailure) =>
	new Failure(kind, message, detail);

/** How browsers and Vite say that a part of the script could not be fetched. */
const NO_SCRIPT = /dynamically imported module|importing a module script failed|unable to preload/i;

/** Whatever was thrown, as a Failure; `fallback` names the cause where the error itself does not. */
export function asFailure(thrown: unknown, fallback: FailureKind = 'engine'): Failure {
	if (thrown instanceof Failure) return thrown;
	if (thrown instanceof DOMException && thrown.name === 'AbortError')
		return new Failure('cancelled', 'Cancelled.');
	if (thrown instanceof DOMException && thrown.name === 'QuotaExceededError')
		return new Failure('quota', 'The browser’s storage for this site is full.');
	const { message } = described(thrown);
	if (NO_SCRIPT.test(message))
		return new Failure('script', 'A part of this page could not be loaded.', { reason: message });
	return new Failure(fallback, message);
}

/**
 * Name and message of whatever was thrown. Not everything is an Error: emscripten throws plain objects with the same
 * fields, and an object without them is told by its content.
 */
export function described(thrown: unknown): { name: string; message: string } {
	if (typeof thrown !== 'object' || thrown === null) return { name: '', message: String(thrown) };
	const { name, message } = thrown as { name?: unknown; message?: unknown };
	const named = typeof name === 'string' ? name : '';
	if (typeof message === 'string' && message !== '') return { name: named, message };
	return { name: named, message: named || contentOf(thrown) };
}

function contentOf(thrown: object): string {
	try {
		return `thrown: ${JSON.stringify(thrown).slice(0, 300)}`;
	} catch {
		return 'something without a message was thrown';
	}
}
