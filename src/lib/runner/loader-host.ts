import type { LoadRequest } from '../engine/protocol.ts';
import type { ModelSource } from '../files/protocol.ts';
import type { Variant } from '#plan/models/catalog.ts';
import type { Facts } from '#plan/models/facts.ts';
import type { Failure } from '../rpc/failure.ts';
import type { FallBackHost } from './policy/fall-back.ts';
import type { Loaded, Read, Target } from './target.ts';

/** What the plan says of what is to be loaded. */
export interface TargetPlan {
	request(target: Target, read: Read): LoadRequest;
	/** The target with a window that the model holds. */
	within(target: Target, facts: Facts): Target;
	/** Throws a `blocked` or `unsupported` Failure when the exact plan says that the target cannot run here. */
	admit(target: Target, facts: Facts): void;
	/** What to say when the engine cannot sample on the CPU, and its own sampling would not fit. */
	withoutLean(target: Target, problem: Failure): Failure;
	/** What a swap takes the place of is to stay loaded while both fit. */
	keepsTwo(): boolean;
	/** What stood by is in use again: nothing was loaded for it. */
	switched(): void;
	/** It would fit beside what is loaded, which then need not go before it is there. */
	fitsBeside(target: Target, facts: Facts): boolean;
}

/** What the loader tells. */
export interface LoadEvents {
	/** A load that was confirmed by a token. */
	loaded(loaded: Loaded): void;
	failed(failed: { target: Target; failure: Failure }): void;
	/** Something smaller was loaded in place of what was asked for. */
	fellBack(to: Target): void;
	/** The browser offers no GPU any more. */
	gpuGone(): void;
}

/** What the loader must be told about the world it lives in. */
export interface LoaderHost extends FallBackHost, LoadEvents {
	/** Its script comes with the first load. */
	plan(): Promise<TargetPlan>;
	source(variant: Variant): ModelSource;
	/** The load fetches these files itself from now on, until the returned function is called. */
	fetching(variant: Variant): Promise<() => void>;
	/** Asks whoever writes with the loaded engine to stop; resolves when they have. Never rejects. */
	stopWriters(): Promise<void>;
}

/** The same with the plan, for what loads and swaps. */
export interface PlannedHost extends LoaderHost, TargetPlan {}
