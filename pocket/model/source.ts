import { checkpoint, tokenizer } from './checkpoint.ts';
import type { Tokenizer } from './tokenizer.ts';
import type { Checkpoint } from './weights.ts';

/** The one place that chooses what the build makes the variants of, and the tests hold them against. */
export function loadTokenizer(): Tokenizer {
	return tokenizer;
}

export function loadCheckpoint(): Checkpoint {
	return checkpoint;
}
