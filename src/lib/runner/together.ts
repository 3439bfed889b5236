/**
 * Two pieces of work, each of which is of no use without the other: when one fails, `end` is called to end the other.
 * Resolves with the result of the first once both have ended, or rejects with what failed first.
 */
export async function together<T>(
	one: Promise<T>,
	other: Promise<unknown>,
	end: () => void
): Promise<T> {
	const failures: unknown[] = [];
	const failed = (thrown: unknown) => {
		failures.push(thrown);
		end();
	};
	one.catch(failed);
	other.catch(failed);
	await Promise.allSettled([one, other]);
	if (failures.length > 0) throw failures[0];
	return one;
}
