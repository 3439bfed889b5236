/**
 * Resolves when the transaction is on the disk, and rejects with why it is not. idb-keyval's `promisifyRequest` would
 * tell nothing where a request failed: its error passes by the transaction before that has one itself.
 */
export const written = (transaction: IDBTransaction): Promise<void> =>
	new Promise((resolve, reject) => {
		transaction.oncomplete = () => resolve();
		transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
	});
