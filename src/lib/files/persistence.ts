import { persistence } from './records.ts';

const NAME = 'answer';

/** What the browser said when it was asked to keep this site's files; null: it was not asked yet. */
export const persistenceAnswer = () => persistence.get(NAME);

/** Asks the browser to keep this site's files when the disk fills up; it may ask the person, or decide by itself. */
export async function askToPersist(): Promise<void> {
	const kept = await navigator.storage.persist();
	await persistence.set(NAME, { version: 1, at: Date.now(), kept });
}

/** The same, but only the first time: an answer stands until the person asks again. */
export async function askToPersistOnce(): Promise<void> {
	if (!(await persistenceAnswer())) await askToPersist();
}
