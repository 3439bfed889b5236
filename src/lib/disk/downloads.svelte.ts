import type { App } from '../app/app.svelte.ts';
import type { Files } from '../files/client.ts';
import { modelsInUse } from '../files/in-use.ts';
import { askToPersist, persistenceAnswer } from '../files/persistence.ts';
import type { Verification } from '../files/protocol.ts';
import type { Variant } from '#plan/models/catalog.ts';
import { asFailure, type Failure } from '../rpc/failure.ts';
import type { Loader } from '../runner/loader.svelte.ts';
import { attribute, bytesTogether, byVariant, type Download } from './on-disk.ts';

export type DownloadsHost = Pick<Files, 'list' | 'remove' | 'removeAll' | 'verify'>;

export type DownloadsStatus =
	{ kind: 'idle' } | { kind: 'removing' } | { kind: 'verifying'; baseUrl: string; ratio: number };

/** What the browser says of this site's room; null: it does not say. */
export interface Room {
	usedBytes: number | null;
	quotaBytes: number | null;
	/** The browser will not clear it by itself when the disk fills up. */
	persisted: boolean | null;
	/** When it was last asked for that, milliseconds since 1970; null: never. */
	askedAt: number | null;
}

/** The model files that lie in this browser's caches. */
export class Downloads {
	/** null: not listed yet. */
	list = $state.raw<readonly Download[] | null>(null);
	room = $state.raw<Room>({ usedBytes: null, quotaBytes: null, persisted: null, askedAt: null });
	status = $state.raw<DownloadsStatus>({ kind: 'idle' });
	problem = $state.raw<Failure | null>(null);
	/** What the last verification found, and of which model. */
	verified = $state.raw<{ download: Download; result: Verification } | null>(null);

	/** What other tabs have in use, and this one: the URLs their files were asked for at. */
	#inUse = $state.raw<ReadonlySet<string> | null>(null);

	readonly #byVariant = $derived(byVariant(this.list ?? []));
	readonly #files: DownloadsHost;
	readonly #variants: () => readonly Variant[];
	readonly #askedUrlOf: (variant: Variant) => string;
	#verification: AbortController | null = null;

	/** `askedUrlOf`: the URL the catalogue asks for a variant's files at. */
	constructor(
		files: DownloadsHost,
		variants: () => readonly Variant[],
		askedUrlOf: (variant: Variant) => string
	) {
		this.#files = files;
		this.#variants = variants;
		this.#askedUrlOf = askedUrlOf;
	}

	/** Of everything on disk, a library that several models share counted once. */
	readonly totalBytes: number = $derived(bytesTogether(this.list ?? []));

	of(variant: Variant): Download | null {
		return this.#byVariant.get(variant.id) ?? null;
	}

	/** Some tab has it loaded, or is loading it; as of the last `refresh`. */
	isLoaded({ askedUrl }: Download): boolean {
		return this.#inUse?.has(askedUrl) ?? false;
	}

	async refresh() {
		try {
			this.#inUse = await modelsInUse();
			this.list = attribute(await this.#files.list(), this.#variants(), this.#askedUrlOf);
			this.room = await readRoom();
			this.problem = null;
		} catch (thrown) {
			this.problem = asFailure(thrown);
		}
	}

	/** Deletes a model's files, with its library unless another model on disk needs that. False: `problem` says why not. */
	remove({ baseUrl }: Download) {
		return this.#change({ kind: 'removing' }, () => this.#files.remove(baseUrl));
	}

	removeEach(downloads: readonly Download[]) {
		return this.#change({ kind: 'removing' }, async () => {
			for (const { baseUrl } of downloads) await this.#files.remove(baseUrl);
		});
	}

	removeAll() {
		return this.#change({ kind: 'removing' }, () => this.#files.removeAll());
	}

	/** Hashes a model's files again; wrong ones are deleted, and the next load fetches them. */
	verify(download: Download) {
		const { baseUrl } = download;
		const { signal } = (this.#verification = new AbortController());
		this.verified = null;
		return this.#change({ kind: 'verifying', baseUrl, ratio: 0 }, async () => {
			const result = await this.#files.verify(baseUrl, {
				signal,
				onProgress: ({ doneBytes, totalBytes }) => {
					this.status = { kind: 'verifying', baseUrl, ratio: doneBytes / Math.max(1, totalBytes) };
				}
			});
			this.verified = { download, result };
		});
	}

	cancelVerification() {
		this.#verification?.abort();
	}

	/** Asks the browser to keep the files when the disk fills up; it may ask the person, or say no. */
	async persist() {
		await askToPersist();
		this.room = await readRoom();
	}

	async #change(status: DownloadsStatus, work: () => Promise<unknown>): Promise<boolean> {
		if (this.status.kind !== 'idle') return false;
		this.status = status;
		try {
			await work();
			await this.refresh();
			return true;
		} catch (thrown) {
			const failure = asFailure(thrown);
			// Of several models some may be gone.
			await this.refresh();
			if (failure.kind !== 'cancelled') this.problem = failure;
			return false;
		} finally {
			this.status = { kind: 'idle' };
		}
	}
}

export const downloadsOf = (app: App): Downloads =>
	new Downloads(
		app.files,
		() => app.catalog.variants(),
		(variant) => app.catalog.sourceOf(variant).baseUrl
	);

/** Loaded or being loaded in any tab, or being downloaded: never proposed for deletion. */
export function isInUse(app: App, downloads: Downloads, download: Download): boolean {
	const { variant } = download;
	if (downloads.isLoaded(download)) return true;
	if (!variant) return false;
	const kind = app.queue.status(variant.id)?.kind;
	return (
		isLoadedHere(app.loader, variant) ||
		(kind !== undefined && kind !== 'complete' && kind !== 'failed')
	);
}

function isLoadedHere({ loaded, status }: Pick<Loader, 'loaded' | 'status'>, variant: Variant) {
	const loading = status.kind === 'idle' ? null : status.target.variant;
	return variant === loaded?.variant || variant === loading;
}

async function readRoom(): Promise<Room> {
	const [estimate, persisted, answer] = await Promise.all([
		navigator.storage.estimate().catch(() => null),
		navigator.storage.persisted().catch(() => null),
		persistenceAnswer().catch(() => null)
	]);
	return {
		usedBytes: estimate?.usage ?? null,
		quotaBytes: estimate?.quota ?? null,
		persisted,
		askedAt: answer?.at ?? null
	};
}
