import type { Failure } from '../rpc/failure.ts';
import type { GenerateRequest, GenerateResult } from './protocol.ts';

/** What may be asked of an engine beside text. */
export interface Abilities {
	images: boolean;
	/** Its thoughts can be switched off. */
	thinking: boolean;
	/** An answer can be held to a JSON schema. */
	schema: boolean;
	/** The same seed gives the same answer. */
	seed: boolean;
}

export interface AnswerOptions {
	signal: AbortSignal;
	onText: (added: string) => void;
	/** Nobody draws the text: it is passed on as it comes, and waits for no frame or timer, which a hidden tab lacks. */
	undrawn?: boolean;
}

/** Whatever writes answers. All that conversations, measurements and programs need to know of it. */
export interface Engine {
	/** Stable: a variant of the catalogue, or a server and its model. Kept with each answer. */
	readonly id: string;
	/** What people read: the family, or the model's name. Answers under one label were counted by one tokenizer. */
	readonly label: string;
	/** null: not known, or of no meaning here. */
	readonly quantization: string | null;
	/** Tokens; null: the other side decides. */
	readonly contextWindow: number | null;
	readonly can: Abilities;
	/** Why it can no longer be used; null: it can. */
	readonly failure: Failure | null;
	/**
	 * Why nothing of this conversation may be sent to it yet; null: it may. `answeredBy`: ids of the engines that have
	 * answered in it. Without this, nothing leaves the device.
	 */
	refuses?(conversationId: string, answeredBy: ReadonlySet<string>): Failure | null;
	/** Streams an answer; aborting resolves with what was written and `stopped`. */
	generate(request: GenerateRequest, options: AnswerOptions): Promise<GenerateResult>;
}
