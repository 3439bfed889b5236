import type { Engine } from '../engine/engine.ts';
import type { Sampling } from '../engine/sampling.ts';
import type { Answerer, Speeds } from '#plan/memory/request.ts';
import type { ChatConfig } from '#plan/models/config.ts';
import type { ObservedAnswer } from '../statistics/observe.ts';
import type { Conversation } from './conversation.ts';

/** What would answer now: the loaded model, or the chosen one that would be loaded first. */
export interface Answering {
	/** As answers are kept under. */
	label: string;
	/** null: whoever answers decides, and there is nothing to check before. */
	contextWindow: number | null;
	config: ChatConfig | null;
	vision: boolean;
	answerer: Answerer | null;
	/** Measured on this device; null: not measured. */
	speeds: Speeds | null;
}

/** Why a run was ended from outside: `signal.reason` of what it is given. */
export type RunEnding =
	| 'stopped'
	/** The same, but others wait for the model that is being loaded. */
	| 'passed-on'
	/** The engine is about to go: an answer without a word yet starts over with the next one. */
	| 'engine-leaves';

export interface AnswerHost {
	/** What writes the next answer; loads the chosen model first if there is none. Throws a Failure. */
	engine(signal: AbortSignal): Promise<Engine>;
	answering(): Answering;
	/** Loads what answers again with that window; false: it could not be loaded, or was aborted. */
	enlarge(contextWindow: number, signal: AbortSignal): Promise<boolean>;
	sampling(conversation: Conversation): Sampling;
	/** Called once for each answer the engine was asked for, however it ended. */
	answered(engineId: string, answer: ObservedAnswer): void;
}
