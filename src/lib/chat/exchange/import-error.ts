export type ImportFailure =
	| 'too-large'
	| 'not-json'
	| 'unknown-format'
	| 'newer-version'
	/** It is called a ZIP, or begins like one, and cannot be read as one. */
	| 'damaged-archive'
	/** It unpacks to more than a chat export would. */
	| 'archive-limit';

/** A file that cannot be used as a whole. */
export class ImportError extends Error {
	override readonly name = 'ImportError';

	constructor(
		readonly kind: ImportFailure,
		message: string,
		readonly detail: { expected: string; found: string },
		options?: ErrorOptions
	) {
		super(message, options);
	}
}
