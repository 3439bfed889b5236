import type { GenerateResult, SpeedSample, SpeedTest } from '../engine/protocol.ts';
import type { TokenSampling } from '#plan/memory/sampling.ts';
import type { Conditions } from './guards.ts';
import type { Candidate } from './plan.ts';
import type { DeviceInfo, Measurements, Run } from './record.ts';

/** A variant that is loaded to be measured. */
export interface Subject {
	contextWindow: number;
	tokenSampling: TokenSampling;
	loadMs: number;
	weightsBytes: number | null;
	prefillChunkTokens: number | null;
	plannedPeakBytes: number | null;
	/** Of the load. */
	peakBytes: number;
	/** It is still what is loaded, and its engine can be used. */
	stands(): boolean;
	measure(test: SpeedTest, signal: AbortSignal): Promise<SpeedSample>;
	/** A short chat answer, from a question to its end. */
	answer(signal: AbortSignal): Promise<GenerateResult>;
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

/** What a run needs of the page around it. */
export interface MeasureWorld {
	/** What is kept of the last run. */
	record: {
		readonly current: Measurements;
		readonly ready: Promise<void>;
		/** Why rows are not kept on the disk; null: they are. */
		readonly problem: Error | null;
		update(change: (value: Measurements) => Measurements): Promise<void>;
	};
	/** null: the catalogue does not have it. */
	variant(variantId: string): NamedVariant | null;
	device(): DeviceInfo | null;
	/** Reads the small files of a variant, and says what loading it would take. Rejects only when aborted. */
	inspect(variantId: string, contextWindow: number, signal: AbortSignal): Promise<Candidate>;
	loaded(): Run['before'];
	/** Waits for answers that are asked already. Throws a Failure of kind `elsewhere` while another tab measures. */
	hold(signal: AbortSignal): Promise<Hold>;
	/** Loads with the window, or the most that the variant holds. Throws a Failure. */
	load(
		variantId: string,
		contextWindow: number,
		options: { signal: AbortSignal; onStep: (step: LoadStep) => void }
	): Promise<Subject>;
	/** Loads again what was loaded before a run, or nothing. Throws a Failure. */
	restore(before: Run['before']): Promise<void>;
	conditions(): Promise<Conditions>;
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
