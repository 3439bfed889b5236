export type StorageFailure =
	/** Another version of this page wrote the record. */
	| 'newer-version'
	/** The record is not what it should be. */
	| 'unreadable'
	/** The disk, or what the browser lends us of it, is full. */
	| 'quota'
	/** The browser has no database for this page, or closed it. */
	| 'unavailable';

export class StorageError extends Error {
	override readonly name = 'StorageError';

	constructor(
		readonly kind: StorageFailure,
		message: string,
		readonly detail: { record?: string; expected?: string; found?: string } = {},
		options?: ErrorOptions
	) {
		super(message, options);
	}
}

/** What IndexedDB threw, as our error. Ours pass through. */
export function asStorageError(thrown: unknown, doing: string): StorageError {
	if (thrown instanceof StorageError) return thrown;
	const name = thrown instanceof Error ? thrown.name : typeof thrown;
	const message = thrown instanceof Error ? thrown.message : String(thrown);
	return name === 'QuotaExceededError'
		? new StorageError('quota', `No room left on the disk while ${doing}.`, {}, { cause: thrown })
		: new StorageError(
				'unavailable',
				`The browser's database failed while ${doing}: ${name}: ${message}`,
				{},
				{ cause: thrown }
			);
}
