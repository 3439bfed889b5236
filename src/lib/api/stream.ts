/**
 * What a run pushes, to be read one by one. It begins at once, and ends when nobody reads on: `return`, as at a `break`
 * out of the loop, aborts it. Its error is thrown after the last piece.
 */
export function streamed<T>(
	run: (push: (piece: T) => void, signal: AbortSignal) => Promise<unknown>,
	outer?: AbortSignal
): AsyncIterableIterator<T, undefined> {
	const own = new AbortController();
	const signal = outer ? AbortSignal.any([outer, own.signal]) : own.signal;
	const pieces: T[] = [];
	let over: { error?: Error } | null = null;
	let wake = () => {};
	run((piece) => {
		pieces.push(piece);
		wake();
	}, signal).then(
		() => {
			over = {};
			wake();
		},
		(thrown: unknown) => {
			over = { error: thrown instanceof Error ? thrown : new Error(String(thrown)) };
			wake();
		}
	);
	return {
		[Symbol.asyncIterator]() {
			return this;
		},
		async next() {
			for (;;) {
				if (pieces.length > 0) return { done: false, value: pieces.shift() as T };
				if (over) {
					const { error } = over;
					over = {};
					if (error) throw error;
					return { done: true, value: undefined };
				}
				await new Promise<void>((resolve) => (wake = resolve));
			}
		},
		return() {
			own.abort();
			pieces.length = 0;
			over = {};
			return Promise.resolve({ done: true, value: undefined });
		}
	};
}
