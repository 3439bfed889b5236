import { untrack } from 'svelte';
import type { Family, Variant } from '#plan/models/catalog.ts';
import { variantById } from '#plan/models/catalog-data.ts';
import { ownFamilies } from '#plan/own/own-families.ts';
import {
	MAX_OWN_MODELS,
	ownId,
	ownVariant,
	proposalOf,
	type OwnModel
} from '#plan/own/own-model.ts';
import { Persisted } from '../kit/persisted.svelte.ts';
import { Failure } from '../rpc/failure.ts';
import type { Loaded } from '../runner/target.ts';
import type { App } from './app.svelte.ts';
import { parseOwnModels, type KeptModels } from './own-models-record.ts';
import type { AppParts } from './parts.ts';

export interface ModelFollowers extends Pick<App, 'catalog' | 'queue' | 'loader' | 'answers'> {
	files: Pick<AppParts['files'], 'greet' | 'call' | 'remove'>;
}

/** The models that a person added to the catalogue, and the token with which some of them come. */
export class OwnModels {
	readonly #kept: Persisted<KeptModels>;
	/** Those that were built, by all that they are built from: a variant is told by its identity. */
	// eslint-disable-next-line svelte/prefer-svelte-reactivity -- a cache: nothing is drawn from it
	readonly #built = new Map<string, Variant>();
	/** By their ids. Those of removed models stay, because something on the page may still speak of them. */
	// eslint-disable-next-line svelte/prefer-svelte-reactivity -- a cache: nothing is drawn from it
	readonly #families = new Map<string, Family>();
	#app: ModelFollowers | null = null;
	#checked: Loaded | null = null;
	/** Of this visit alone. */
	#fleeting = $state.raw<string | null>(null);

	readonly families: readonly Family[] = $derived.by(() =>
		ownFamilies(this.list, {
			before: (model) => this.#built.get(keyOf(model))?.familyId,
			variantOf: (model, familyId) => this.#variantOf(model, familyId)
		}).map((family) => this.#known(family))
	);

	constructor(database: string) {
		this.#kept = new Persisted('models', parseOwnModels, database);
	}

	get list(): readonly OwnModel[] {
		return this.#kept.current.list;
	}

	variant(id: string): Variant | undefined {
		return this.families.flatMap(({ variants }) => variants).find((variant) => variant.id === id);
	}

	/** Of a model that is there, or was. */
	family(id: string): Family | undefined {
		return this.families.find((family) => family.id === id) ?? this.#families.get(id);
	}

	get proposed(): readonly string[] {
		return this.#kept.current.proposed;
	}

	/** Why the list is not being kept, if so. */
	get problem(): string | null {
		return this.#kept.problem?.message ?? null;
	}

	/** Whether the hub is given a token where it asks for one, and whether this browser keeps it. */
	get token(): 'none' | 'for-this-visit' | 'kept' {
		if (this.#kept.current.token !== null) return 'kept';
		return this.#fleeting === null ? 'none' : 'for-this-visit';
	}

	of(variantId: string): OwnModel | null {
		return this.list.find(({ source }) => ownId(source) === variantId) ?? null;
	}

	/** Throws a Failure when there is no place for a model that is not there yet. */
	refuseWhereFull({ source }: OwnModel): void {
		if (this.list.length < MAX_OWN_MODELS || this.of(ownId(source))) return;
		throw new Failure(
			'network',
			`${MAX_OWN_MODELS} models are the most that can be added. Remove one under “Your models” first.`,
			{ cause: 'full', expected: `fewer than ${MAX_OWN_MODELS} models`, found: this.list.length }
		);
	}

	/**
	 * Adds the model, or replaces the one of the same files; then neither it nor `address`, by which it was found, is
	 * proposed any more. Throws a Failure when it is not
	 * there afterwards: another tab took the last place, or it could not be read again.
	 */
	async add(model: OwnModel, address: string | null = null): Promise<void> {
		const id = ownId(model.source);
		const named = [proposalOf(model.source), address];
		this.refuseWhereFull(model);
		await this.#kept.update((kept) => ({
			...kept,
			// It keeps its place: of two revisions the one that was there first is in the family.
			list: kept.list.some(({ source }) => ownId(source) === id)
				? kept.list.map((each) => (ownId(each.source) === id ? model : each))
				: [...kept.list, model],
			proposed: kept.proposed.filter((each) => !named.includes(each))
		}));
		if (this.of(id)) return;
		this.refuseWhereFull(model);
		throw new Failure('page', 'The model could not be kept.');
	}

	/** Deletes its files, then the model. Throws the Failure of the deletion, `in-use` above all; then all stays. */
	async remove(variantId: string): Promise<void> {
		const app = this.#app;
		const variant = app?.catalog.variant(variantId);
		if (!app || !variant) return;
		await app.queue.cancel(variantId);
		await app.files.remove(app.catalog.sourceOf(variant).baseUrl);
		await this.#kept.update((kept) => ({
			...kept,
			list: kept.list.filter(({ source }) => ownId(source) !== variantId)
		}));
	}

	/** Keeps what the model's first load here said of itself. */
	noteCheck(variantId: string, problem: string | null): Promise<void> {
		return this.#kept.update((kept) => ({
			...kept,
			list: kept.list.map((model) =>
				ownId(model.source) === variantId ? { ...model, check: { at: Date.now(), problem } } : model
			)
		}));
	}

	/** Keeps addresses of an imported file, for a person to look at. Nothing is asked of them before. */
	propose(addresses: readonly string[]): Promise<void> {
		return this.#kept.update((kept) => ({
			...kept,
			proposed: [...kept.proposed, ...addresses]
		}));
	}

	dropProposal(address: string): Promise<void> {
		return this.#kept.update((kept) => ({
			...kept,
			proposed: kept.proposed.filter((each) => each !== address)
		}));
	}

	/** `token`: null forgets it. Resolves when the files worker knows. */
	async useToken(token: string | null, keep: boolean): Promise<void> {
		this.#fleeting = keep ? null : token;
		await this.#kept.set({ token: keep ? token : null });
		await this.#app?.files.call('authorize', { token });
	}

	/** Resolves when the models of earlier visits are in the catalogue, with the way to stop. */
	async follow(app: ModelFollowers): Promise<() => void> {
		this.#app = app;
		await this.#kept.ready;
		const token = () => this.#fleeting ?? this.#kept.current.token;
		app.files.greet = (client) => {
			if (token() !== null) client.call('authorize', { token: token() }).catch(() => undefined);
		};
		const stop = $effect.root(() => {
			// Given or forgotten here, or in another tab.
			$effect(() => {
				const { loaded } = app.loader;
				if (loaded && this.of(loaded.variant.id)?.check === null)
					untrack(() => void this.#check(app, loaded));
			});
			let told: string | null = null;
			$effect(() => {
				const now = token();
				if (now === told) return;
				told = now;
				app.files.call('authorize', { token: now }).catch(() => undefined);
			});
		});
		app.catalog.own = this;
		return () => {
			stop();
			this.#kept.close();
		};
	}

	/** Once for each load, until one could be told. */
	async #check({ answers }: ModelFollowers, loaded: Loaded) {
		if (this.#checked === loaded) return;
		this.#checked = loaded;
		const { selfCheck } = await import('./self-check.svelte.ts');
		const problem = await selfCheck(answers, loaded);
		if (problem !== undefined) await this.noteCheck(loaded.variant.id, problem);
	}

	#variantOf(model: OwnModel, familyId: string): Variant {
		const key = keyOf(model);
		const before = this.#built.get(key);
		if (before?.familyId === familyId) return before;
		const { library } = model;
		const lender = library.kind === 'catalog' ? variantById.get(library.variantId) : undefined;
		const variant = ownVariant(model, lender, familyId);
		this.#built.set(key, variant);
		return variant;
	}

	/** The same as before where nothing of it changed. */
	#known(family: Family): Family {
		const before = this.#families.get(family.id);
		const { name, variants } = family;
		if (
			before?.name === name &&
			before.variants.length === variants.length &&
			variants.every((variant, index) => variant === before.variants[index])
		)
			return before;
		this.#families.set(family.id, family);
		return family;
	}
}

const keyOf = (model: OwnModel): string => JSON.stringify({ ...model, check: null, addedAt: 0 });
