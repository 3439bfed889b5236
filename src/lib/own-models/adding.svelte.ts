import type { Facts } from '#plan/models/facts.ts';
import { parseLibrary, type LibraryMetadata } from '#plan/models/library.ts';
import { AddressError, baseUrlOf, parseAddress, type ModelAddress } from '#plan/own/address.ts';
import { contentHash } from '#plan/own/content-hash.ts';
import { CONFIG_FILE, MANIFEST_FILE } from '#plan/own/holdings.ts';
import {
	ownId,
	ownVariant,
	type OwnLibrary,
	type OwnModel,
	type OwnSource
} from '#plan/own/own-model.ts';
import { parameterDifference } from '#plan/own/parameters.ts';
import { findQuantization, type QuantizationFound } from '#plan/own/quantization-found.ts';
import { variantById } from '#plan/models/catalog-data.ts';
import type { App } from '../app/app.svelte.ts';
import type { Looked, LookedLibrary, PickedFiles } from '../files/protocol.ts';
import { asFailure, Failure } from '../rpc/failure.ts';
import { assess, type Assessed, type NoModel } from './assess.ts';
import { libraryUrlOf } from './library-url.ts';
import { findLibrary, type LibraryFound } from './find-library.ts';

/** A library whose address a person gave. */
export interface Stranger {
	url: string;
	looked: LookedLibrary;
	library: LibraryMetadata;
}

export type AddingState =
	| { kind: 'idle' }
	/** `found`: what is looked at further. */
	| { kind: 'looking'; step: string; found: Found | null }
	| { kind: 'failed'; failure: Failure }
	| NoModel
	| { kind: 'model'; found: Found }
	| { kind: 'copying'; ratio: number }
	| { kind: 'added'; variantId: string };

/** A model as far as it is known before anything of it is downloaded. */
export interface Found {
	assessed: Assessed;
	quantization: QuantizationFound;
	/** Chosen by all sources, or by hand; null: not chosen yet. */
	chosen: string | null;
	library: LibraryFound | null;
	stranger: Stranger | null;
	/** Of a folder on this computer. */
	files: PickedFiles | null;
	/** Why the last thing that was tried with it failed; null: it did not. */
	problem: Failure | null;
}

/** Tokens at first, where the model holds more: as the catalogue's records have it. */
const USUAL_WINDOW = 4096;

type AddingApp = Pick<App, 'catalog' | 'files' | 'settings' | 'planning'>;

/** Looking at a model that a person named, and adding it. Nothing is kept before `add`. */
export class Adding {
	state = $state.raw<AddingState>({ kind: 'idle' });
	readonly #app: AddingApp;
	#run: AbortController | null = null;
	#turn = {};
	/** As it was looked at; null: a folder. */
	#typed: string | null = null;
	#again: () => Promise<void> = () => Promise.resolve();

	constructor(app: AddingApp) {
		this.#app = app;
	}

	/** Another one, whenever something was begun or cancelled. */
	get turn(): unknown {
		return this.#turn;
	}

	cancel() {
		this.#end();
		this.state = { kind: 'idle' };
	}

	#end() {
		this.#run?.abort();
		this.#run = null;
		this.#turn = {};
	}

	/** The same once more: a licence was accepted, a token given, a host allowed. */
	again(): Promise<void> {
		return this.#again();
	}

	async look(typed: string): Promise<void> {
		this.#end();
		let address: ModelAddress;
		try {
			address = parseAddress(typed);
		} catch (error) {
			if (!(error instanceof AddressError)) throw error;
			const { expected, found, problem } = error;
			const failure = new Failure('network', error.message, {
				cause: 'address',
				expected,
				found,
				problem
			});
			this.state = { kind: 'failed', failure };
			return;
		}
		this.#typed = typed.trim();
		this.#again = () => this.look(typed);
		await this.#work('Asking the host', null, async (signal) => {
			const baseUrl = baseUrlOf(address);
			const from = address.kind === 'url' && address.url !== baseUrl ? address.url : null;
			const looked = await this.#app.files.call('look', { baseUrl, from }, { signal });
			this.#refuseCatalogued(address, looked);
			const source = await sourceOf(address, looked);
			signal.throwIfAborted();
			await this.#assess(looked, source, null, signal);
		});
	}

	/** `files`: by their path below the folder. */
	async lookAtFolder(name: string, files: PickedFiles): Promise<void> {
		this.#typed = null;
		this.#again = () => this.lookAtFolder(name, files);
		await this.#work('Reading the folder', null, async (signal) => {
			const config = await textOf(files, CONFIG_FILE);
			const manifest = await textOf(files, MANIFEST_FILE);
			const hash = await contentHash(config ?? '', manifest ?? '');
			signal.throwIfAborted();
			const looked: Looked = {
				baseUrl: '',
				revision: hash,
				mainCommits: [],
				files: files.map(({ path, file }) => ({
					path,
					bytes: file.size,
					sum: { algorithm: 'sha256', hex: '' }
				})),
				config,
				manifest
			};
			await this.#assess(looked, { kind: 'folder', name, hash }, files, signal);
		});
	}

	/** Decides on a quantization where the sources disagree. */
	async choose(quantization: string): Promise<void> {
		const { state } = this;
		if (state.kind !== 'model') return;
		await this.#work('Looking for a library', state.found, async (signal) => {
			await this.#library(
				{ ...state.found, chosen: quantization, stranger: null, problem: null },
				signal
			);
		});
	}

	/** Looks at a stranger's library for a model that none of the catalogue's fits. */
	async lookAtLibrary(typed: string): Promise<void> {
		const { state } = this;
		if (state.kind !== 'model') return;
		const { found } = state;
		this.#again = () => {
			this.state = { kind: 'model', found };
			return this.lookAtLibrary(typed);
		};
		await this.#work('Reading the library', found, async (signal) => {
			const url = libraryUrlOf(typed);
			const looked = await this.#app.files.call('lookAtLibrary', { url, fresh: true }, { signal });
			const library = parseLibrary(looked.metadata, looked.imports);
			const { tensors, config } = found.assessed;
			const difference = parameterDifference(library.params, tensors, config.vocabSize);
			if (difference)
				throw new Failure('bad-file', `This library does not fit. ${difference.sentence}`, {
					file: difference.what,
					expected: difference.expected,
					found: difference.found,
					reason: 'added'
				});
			found.assessed.configWith({});
			this.#show(signal, {
				kind: 'model',
				found: { ...found, problem: null, stranger: { url, looked, library } }
			});
		});
	}

	/** The model as it would be kept; null: something is not decided yet. */
	modelOf(
		found: Found,
		{ overruled, trusted }: { overruled: boolean; trusted: boolean }
	): OwnModel | null {
		const { chosen, assessed } = found;
		const { manifest } = assessed;
		const library = libraryOf(found, trusted);
		const differences =
			found.stranger || found.library?.kind !== 'fits' ? [] : found.library.differences;
		if (chosen === null || library === null || (differences.length > 0 && !overruled)) return null;
		const { config = assessed.config } = factsOf(found);
		const holds = config.contextWindowSize ?? config.slidingWindowSize ?? USUAL_WINDOW;
		const model: OwnModel = {
			source: assessed.source,
			quantization: chosen,
			library,
			overruled: differences
				.map(({ sentence }) => sentence)
				// Long names are cut, and then may be equal.
				.filter((sentence, i, all) => all.indexOf(sentence) === i),
			contextWindow: Math.min(holds, USUAL_WINDOW),
			// Until the plan says.
			declaredBytes: manifest.gpuBytes,
			addedAt: Date.now(),
			check: null
		};
		const peak = this.planOf(found, model).estimate?.peakBytes;
		return { ...model, ...(peak !== undefined && { declaredBytes: Math.round(peak) }) };
	}

	/** Whether it would run here, by its own files. */
	planOf(found: Found, model: OwnModel) {
		const { library } = model;
		const lender = library.kind === 'catalog' ? variantById.get(library.variantId) : undefined;
		const variant = ownVariant(model, lender);
		return this.#app.planning.planOf(variant, model.contextWindow, factsOf(found));
	}

	/** Keeps the model; a folder's files are copied first. */
	async add(found: Found, model: OwnModel): Promise<void> {
		const { files, catalog } = this.#app;
		const { own } = catalog;
		if (!own) return;
		const picked = found.files;
		await this.#work('Adding', found, async (signal) => {
			own.refuseWhereFull(model);
			if (picked) {
				const { library } = model;
				const lender = library.kind === 'catalog' ? variantById.get(library.variantId) : undefined;
				const { baseUrl, libraryUrl } = catalog.sourceOf(ownVariant(model, lender));
				this.#show(signal, { kind: 'copying', ratio: 0 });
				await files.call(
					'copyFolder',
					{ baseUrl, libraryUrl, files: picked },
					{
						signal,
						onProgress: ({ doneBytes, totalBytes }) => {
							const ratio = doneBytes / Math.max(1, totalBytes);
							this.#show(signal, { kind: 'copying', ratio });
						}
					}
				);
			}
			signal.throwIfAborted();
			await own.add(model, this.#typed);
			this.#show(signal, { kind: 'added', variantId: ownId(model.source) });
		});
	}

	/**
	 * What a variant of the catalogue loads would have the same keys in the caches: removing the one would delete the files
	 * of the other.
	 */
	#refuseCatalogued(address: ModelAddress, { revision, mainCommits }: Looked) {
		if (address.kind !== 'hub') return;
		const { catalog } = this.#app;
		const at = (commit: string) => baseUrlOf({ ...address, revision: commit });
		const found = catalog.variants().find((variant) => {
			if (variant.origin === 'own') return false;
			const { baseUrl } = catalog.sourceOf(variant);
			return baseUrl === at(revision) || (baseUrl === at('main') && mainCommits.includes(revision));
		});
		if (!found) return;
		const name = `${catalog.familyOf(found).name} ${found.quantization.name}`;
		throw new Failure('network', `This is ${name} of the catalogue: choose it there.`, {
			cause: 'address',
			expected: 'a model that is not in the catalogue',
			found: found.id
		});
	}

	async #assess(looked: Looked, source: OwnSource, files: PickedFiles | null, signal: AbortSignal) {
		const assessed = assess(looked, source, this.#app.catalog.families);
		if (assessed.kind === 'no-model') {
			this.#show(signal, assessed);
			return;
		}
		const quantization = findQuantization({ ...assessed.said, library: null });
		const found: Found = {
			assessed,
			quantization,
			chosen: quantization.kind === 'agreed' ? quantization.quantization.name : null,
			library: null,
			stranger: null,
			files,
			problem: null
		};
		if (quantization.kind === 'disagree') await this.#askLibraries(found, quantization, signal);
		else await this.#library(found, signal);
	}

	/** Where configuration and name disagree, the library that fits is the third to be heard; a person decides. */
	async #askLibraries(
		found: Found,
		{ sources, choices }: Extract<QuantizationFound, { kind: 'disagree' }>,
		signal: AbortSignal
	) {
		let said: string | null = null;
		for (const { name } of choices) {
			const library = await this.#find(found, name, signal);
			if (library.kind === 'fits') said ??= library.library.quantization ?? name;
		}
		const quantization = findQuantization({ ...sources, library: said });
		this.#show(signal, { kind: 'model', found: { ...found, quantization } });
	}

	async #library(found: Found, signal: AbortSignal) {
		const { chosen } = found;
		const library = chosen === null ? null : await this.#find(found, chosen, signal);
		// It will be loaded so: better refused now.
		if (library?.kind === 'fits') found.assessed.configWith(library.candidate.variant.overrides);
		this.#show(signal, { kind: 'model', found: { ...found, library } });
	}

	#find({ assessed }: Found, quantization: string, signal: AbortSignal): Promise<LibraryFound> {
		const { files, catalog } = this.#app;
		const { state } = this;
		const shown = state.kind === 'looking' ? state.found : null;
		this.#show(signal, { kind: 'looking', step: 'Looking for a library', found: shown });
		const { compiled, tensors, config } = assessed;
		return findLibrary(
			{
				name: ownId(assessed.source),
				quantization,
				vocabSize: config.vocabSize,
				compiled,
				tensors
			},
			catalog.families,
			{
				config: ({ variant }) => {
					const url = catalog.sourceOf(variant).baseUrl + CONFIG_FILE;
					return files.call('lookAtConfig', { url }, { signal });
				},
				library: ({ variant }) =>
					files.call(
						'lookAtLibrary',
						{ url: catalog.libraryUrlOf(variant), fresh: false },
						{ signal }
					)
			},
			signal
		);
	}

	/** What is no longer under way has nothing to show. */
	#show({ aborted }: AbortSignal, state: AddingState) {
		if (!aborted) this.state = state;
	}

	/** One thing at a time: what is begun ends what went on. `found`: what is shown again where it fails. */
	async #work(step: string, found: Found | null, work: (signal: AbortSignal) => Promise<void>) {
		this.#end();
		const run = (this.#run = new AbortController());
		this.state = { kind: 'looking', step, found };
		try {
			await work(run.signal);
		} catch (thrown) {
			// Another one was begun, or this one cancelled.
			if (this.#run !== run) return;
			const failure = asFailure(thrown, 'network');
			const problem = failure.kind === 'cancelled' ? null : failure;
			this.state = found
				? { kind: 'model', found: { ...found, problem } }
				: { kind: 'failed', failure };
		} finally {
			if (this.#run === run) this.#run = null;
		}
	}
}

/** What the plan is made from. */
export function factsOf({ assessed, library, stranger }: Found): Facts {
	const { manifest } = assessed;
	if (stranger) return { config: assessed.config, manifest, library: stranger.library };
	if (library?.kind !== 'fits') return { config: assessed.config, manifest };
	// As it will be loaded: with what the record of the library's own model replaces.
	const config = assessed.configWith(library.candidate.variant.overrides);
	return { config, manifest, library: library.library };
}

function libraryOf({ library, stranger }: Found, trusted: boolean): OwnLibrary | null {
	if (stranger)
		return trusted ? { kind: 'stranger', url: stranger.url, sha256: stranger.looked.sha256 } : null;
	if (library?.kind !== 'fits') return null;
	const { variant } = library.candidate;
	return { kind: 'catalog', variantId: variant.id, url: variant.libraryUrl };
}

async function sourceOf(address: ModelAddress, looked: Looked): Promise<OwnSource> {
	if (address.kind === 'hub') {
		const { owner, name } = address;
		return { kind: 'hub', owner, name, commit: looked.revision };
	}
	return {
		kind: 'url',
		url: address.url,
		hash: await contentHash(looked.config ?? '', looked.manifest ?? '')
	};
}

async function textOf(files: PickedFiles, path: string): Promise<string | null> {
	const found = files.find((each) => each.path === path);
	try {
		return found ? await found.file.text() : null;
	} catch {
		throw new Failure('bad-file', `${path} was changed or moved while the folder was read.`, {
			file: path,
			reason: 'folder'
		});
	}
}
