import type { ObservedAnswer } from './observe.ts';
import type { RecordKey } from './record.ts';

export const aKey = (variantId = 'pocket-q4f32_1'): RecordKey => ({
	variantId,
	libraryUrl: `https://lib.test/${variantId}.wasm`,
	adapter: 'vendor|arch|description|'
});

/** A complete answer of 100 tokens to a prompt of 50. */
export const anAnswer = (change: Partial<ObservedAnswer> = {}): ObservedAnswer => ({
	ending: { kind: 'complete' },
	promptTokens: 50,
	completionTokens: 100,
	prefillTokensPerSecond: 500,
	decodeTokensPerSecond: 25,
	timeToFirstTokenMs: 100,
	answerMs: 4100,
	at: 1_800_000_000_000,
	...change
});
