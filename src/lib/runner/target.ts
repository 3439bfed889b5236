import type { DownloadProgress } from '../files/protocol.ts';
import type { TokenSampling } from '#plan/memory/sampling.ts';
import type { Variant } from '#plan/models/catalog.ts';
import type { Facts } from '#plan/models/facts.ts';
import type { Failure } from '../rpc/failure.ts';
import type { GpuEngine } from '../engine/gpu-engine.ts';
import type { LoadPhase, LoadResult } from '../engine/protocol.ts';

/** What is to be loaded. */
export interface Target {
	variant: Variant;
	contextWindow: number;
	/** Load although the budget says no; hard limits still hold. Never remembered. */
	anyway?: boolean;
	/** What it takes the place of stays loaded while both fit, whatever the policy says. */
	beside?: boolean;
	/** As it was loaded before; absent: as the plan says. */
	tokenSampling?: TokenSampling;
}

/** What the files of a target say, and the revision they come from. */
export interface Read {
	facts: Facts;
	revision: string;
}

export interface Loaded extends Target, Read {
	engine: GpuEngine;
	result: LoadResult;
}

export type LoaderStatus =
	| { kind: 'idle' }
	| { kind: 'downloading'; target: Target; progress: DownloadProgress | null }
	/** Another tab is asked to release the engine. */
	| { kind: 'taking-over'; target: Target }
	/** The loaded variant goes so that the target can come. */
	| { kind: 'releasing'; target: Target }
	| { kind: 'loading'; target: Target; phase: LoadPhase | null }
	/** The old variant is being brought back. */
	| { kind: 'rolling-back'; target: Target; to: Target; failure: Failure; phase: LoadPhase | null }
	/** What was loaded was lost and is being loaded again. */
	| { kind: 'recovering'; target: Target; failure: Failure; phase: LoadPhase | null }
	/** The target was loaded, or was about to be. */
	| { kind: 'unloading'; target: Target };

/** How the last attempt ended, if not well; stays until the next one or until dismissed. */
export interface LoadFailure {
	target: Target;
	failure: Failure;
	/** What is loaded now in its place. */
	kept: Target | null;
	/** `kept` was loaded because of the failure, not before it. */
	instead: boolean;
	/** The next smaller thing that may do; null: none, or not to be offered. */
	next: Target | null;
}

/** Something that went well and is worth a sentence. */
export type LoaderNote =
	| { kind: 'recovered'; target: Target; failure: Failure }
	| { kind: 'unloaded-idle'; target: Target; minutes: number };

/** The same load once more; it was admitted before. */
export function again({ variant, contextWindow, ...before }: Target | Loaded): Target {
	const tokenSampling = 'result' in before ? before.result.tokenSampling : before.tokenSampling;
	return { variant, contextWindow, anyway: true, ...(tokenSampling && { tokenSampling }) };
}

export const sameTarget = (a: Target, b: Target): boolean =>
	a.variant === b.variant && a.contextWindow === b.contextWindow;

/** For the journal. */
export const nameOf = ({ variant, contextWindow }: Target): string =>
	`${variant.id} at ${contextWindow}`;
