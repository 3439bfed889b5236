import type { Family } from '#plan/models/catalog.ts';
import { FileError } from '#plan/models/file-error.ts';
import { parseJsonFile } from '#plan/models/json-file.ts';
import { parseLibrary, type LibraryMetadata } from '#plan/models/library.ts';
import type { TensorShape } from '#plan/models/manifest.ts';
import { libraryCandidates, type Candidate } from '#plan/own/candidates.ts';
import {
	compiledDifferences,
	compiledIn,
	shapeDifference,
	type CompiledIn
} from '#plan/own/compiled-in.ts';
import { parameterDifference, type Difference } from '#plan/own/parameters.ts';
import type { LookedLibrary } from '../files/protocol.ts';
import { asFailure, type Failure } from '../rpc/failure.ts';

/** What an added model is held to. */
export interface Asked {
	name: string;
	quantization: string;
	vocabSize: number;
	compiled: CompiledIn;
	tensors: readonly TensorShape[];
}

export interface LibraryReads {
	/** Of the catalogue model that a library belongs to. */
	config(candidate: Candidate): Promise<string>;
	library(candidate: Candidate): Promise<LookedLibrary>;
}

export type LibraryFound =
	/** Equal parameters; `differences` is what else is compiled in and differs, and empty where nothing is. */
	| {
			kind: 'fits';
			candidate: Candidate;
			library: LibraryMetadata;
			looked: LookedLibrary;
			differences: readonly Difference[];
	  }
	| {
			kind: 'none';
			/** What comes nearest, and the first thing in which it differs; null: nothing has the quantization. */
			closest: { candidate: Candidate; difference: Difference } | null;
			/** Why one could not be looked at; null: all could. */
			unread: Failure | null;
	  };

/** Configurations are small, but the hub slows down a client that asks for more at once. */
const AT_ONCE = 4;

/**
 * The catalogue's library for a model: candidates in order, the configurations before any library is fetched. One that
 * agrees in everything wins over one that only reads the same tensors. Fails only when aborted.
 */
export async function findLibrary(
	asked: Asked,
	families: readonly Family[],
	reads: LibraryReads,
	signal: AbortSignal
): Promise<LibraryFound> {
	const { name, quantization, compiled } = asked;
	const candidates = libraryCandidates(
		{ name, modelType: compiled.modelType, quantization },
		families
	);
	const differing: { candidate: Candidate; differences: Difference[] }[] = [];
	let unread: Failure | null = null;
	const note = (error: unknown) => {
		const failure = error instanceof FileError ? asFailure(error, 'bad-file') : asFailure(error);
		if (failure.kind === 'cancelled') throw failure;
		unread ??= failure;
	};
	for (let at = 0; at < candidates.length; at += AT_ONCE) {
		signal.throwIfAborted();
		const compared = await Promise.all(
			candidates.slice(at, at + AT_ONCE).map(async (candidate) => {
				try {
					const text = await reads.config(candidate);
					const its = compiledIn(parseJsonFile('mlc-chat-config.json', text));
					return { candidate, differences: compiledDifferences(compiled, its) };
				} catch (error) {
					note(error);
					return null;
				}
			})
		);
		differing.push(...compared.filter((each) => each !== null));
		// One that agrees in everything will not be beaten by a later one.
		if (differing.some(({ differences }) => differences.length === 0)) break;
	}
	differing.sort((a, b) => a.differences.length - b.differences.length);
	let closest: { candidate: Candidate; difference: Difference } | null = null;
	for (const { candidate, differences } of differing) {
		const shape = shapeDifference(differences);
		if (shape) {
			closest ??= { candidate, difference: shape };
			continue;
		}
		try {
			const looked = await reads.library(candidate);
			const library = parseLibrary(looked.metadata, looked.imports);
			const difference = parameterDifference(library.params, asked.tensors, asked.vocabSize);
			if (!difference) return { kind: 'fits', candidate, library, looked, differences };
			closest =
				closest?.difference.kind === 'compiled-in' || !closest
					? { candidate, difference }
					: closest;
		} catch (error) {
			note(error);
		}
	}
	return { kind: 'none', closest, unread };
}
