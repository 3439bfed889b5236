import type { Journal } from '../runner/journal.ts';
import { asFailure, Failure } from '../rpc/failure.ts';

/** Errors of which the page can say nothing useful: the browser's own, and what was given up on purpose. */
const HARMLESS = /^ResizeObserver loop/;

/** Errors that nobody caught: the person is told of the last one, and the report has them all. */
export class Mishaps {
	last = $state.raw<Failure | null>(null);
	readonly #journal: Pick<Journal, 'failure'>;

	constructor(journal: Pick<Journal, 'failure'>) {
		this.#journal = journal;
	}

	/** Hears of every error that nobody caught. Returns the way to stop. */
	watch(page: EventTarget): () => void {
		const onError = (event: Event) => {
			// An image or a style that is missing is no error of the script's.
			if ('message' in event)
				this.note('error' in event && event.error ? event.error : event.message);
		};
		const onRejection = (event: Event) => this.note('reason' in event ? event.reason : event);
		page.addEventListener('error', onError);
		page.addEventListener('unhandledrejection', onRejection);
		return () => {
			page.removeEventListener('error', onError);
			page.removeEventListener('unhandledrejection', onRejection);
		};
	}

	note(thrown: unknown) {
		const failure = asMishap(thrown);
		if (!failure) return;
		this.#journal.failure(failure);
		this.last = failure;
	}

	dismiss() {
		this.last = null;
	}
}

function asMishap(thrown: unknown): Failure | null {
	const failure = asFailure(thrown, 'page');
	if (failure.kind === 'cancelled' || HARMLESS.test(failure.message)) return null;
	if (failure.kind !== 'page') return failure;
	return new Failure('page', `Something in this page failed: ${failure.message}`, {
		...(thrown instanceof Error && { error: thrown.name })
	});
}
