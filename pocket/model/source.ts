import { readFileSync } from 'node:fs';
import { architecture } from './architecture.ts';
import { type Tokenizer, train } from './tokenizer.ts';
import { type Checkpoint, randomCheckpoint } from './weights.ts';

/** The one place that chooses what the build makes the variants of, and the tests hold them against. */
export function loadTokenizer(): Tokenizer {
	return train(readFileSync(new URL('../ABI.md', import.meta.url), 'utf8'), architecture.vocab);
}

export function loadCheckpoint(): Checkpoint {
	return randomCheckpoint;
}
