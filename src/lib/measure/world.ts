import type { ChatConfig } from '#plan/models/config.ts';
import type { GpuEngine } from '../engine/gpu-engine.ts';
import type { Abilities, Engine } from '../engine/engine.ts';
import type { GenerateResult, SpeedSample, SpeedTest } from '../engine/protocol.ts';
import type { TokenSampling } from '#plan/memory/sampling.ts';
import type { Conditions } from './guards.ts';
import type { Candidate } from './plan.ts';
import type { DeviceInfo, Run, RunBase } from './record.ts';

/** Whatever answers a question in a run. */
export interface Answerer {
	/** Tokens; null: the other side decides. */
	contextWindow: number | null;
	/** null: it was not loaded here. */
	loadMs: number | null;
	/** Of the load; null: it is not in this GPU's memory. */
	peakBytes: number | null;
	/** It can still be asked. */
	stands(): boolean;
	/** How it answers; see `Engine`. */
	can: Abilities;
	/** null: it is not known. */
	config: ChatConfig | null;
	/** Writes an answer. Aborting resolves with what was written and `stopped`. */
	generate: Engine['generate'];
}

/** A variant that is loaded to be measured. It stands while it is loaded, and its engine can be used. */
export interface Subject extends Answerer {
	contextWindow: number;
	tokenSampling: TokenSampling;
	loadMs: number;
	weightsBytes: number | null;
	prefillChunkTokens: number | null;
	plannedPeakBytes: number | null;
	peakBytes: number;
	measure(test: SpeedTest, signal: AbortSignal): Promise<SpeedSample>;
	/** A short chat answer, from a question to its end. */
	answer(signal: AbortSignal): Promise<GenerateResult>;
	keepAnswer: GpuEngine['keepAnswer'];
	compareAnswer: GpuEngine['compareAnswer'];
}

export interface NamedVariant {
	label: string;
	quantization: string;
	parametersBillion: number | null;
}

export type LoadStep = 'downloading' | 'loading';

/** The engine is given to measurements alone. */
export interface Hold {
	/** Aborted when a person stops what runs elsewhere in the page. */
	readonly stopped: AbortSignal;
	release(): void;
}

/** What is kept of the last run. */
export interface RunRecord<R> {
	/** null: there is none. */
	readonly run: R | null;
	/** It was read from the disk. */
	readonly ready: Promise<void>;
	/** Why rows are not kept on the disk; null: they are. */
	readonly problem: Error | null;
	change(change: (run: R | null) => R | null): Promise<void>;
}

/** What runs over variants need of the page around them. */
export interface PageWorld {
	/** null: the catalogue does not have it. */
	variant(variantId: string): NamedVariant | null;
	/** Reads the small files of a variant, and says what loading it would take. Rejects only when aborted. */
	inspect(variantId: string, contextWindow: number, signal: AbortSignal): Promise<Candidate>;
	loaded(): RunBase['before'];
	/** Waits for answers that are asked already. Throws a Failure of kind `elsewhere` while another tab measures. */
	hold(signal: AbortSignal): Promise<Hold>;
	/** Loads with the window, or the most that the variant holds. Throws a Failure. */
	load(
		variantId: string,
		contextWindow: number,
		options: { signal: AbortSignal; onStep: (step: LoadStep) => void }
	): Promise<Subject>;
	/** The same, beside what is loaded, which stays. Resolves with null, and loads nothing, where both would not fit. */
	loadBeside: (...asked: Parameters<PageWorld['load']>) => Promise<Subject | null>;
	/** Loads again what was loaded before a run, or nothing. Throws a Failure. */
	restore(before: RunBase['before']): Promise<void>;
	hidden(): boolean;
	/** Calls back when the tab is hidden; returns the way to end that. */
	onHidden(tell: () => void): () => void;
	/** Keeps the screen on until the returned function is called. */
	keepAwake(): Promise<() => void>;
	/** Deletes the files of variants that nobody uses; returns those that are gone. */
	remove(variantIds: readonly string[]): Promise<readonly string[]>;
	/** Milliseconds since 1970. */
	now(): number;
	newId(): string;
}

export interface RunWorld<R> extends PageWorld {
	record: RunRecord<R>;
}

export interface MeasureWorld extends RunWorld<Run> {
	device(): DeviceInfo | null;
	conditions(): Promise<Conditions>;
}
