import type { ModelSource } from '../files/protocol.ts';

/** The worker that counts tokens as a model's own tokenizer does. It fetches nothing. */
export interface TokensContract {
	calls: {
		/** Tokens of each piece; null: the tokenizer is not on disk, or not of a kind that can be read here. */
		count: {
			params: { source: ModelSource; pieces: readonly string[] };
			result: readonly number[] | null;
			progress: never;
		};
	};
	events: Record<never, never>;
}
