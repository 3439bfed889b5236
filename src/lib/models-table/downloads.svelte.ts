import type { CachedModel } from '../files/protocol.ts';
import type { Variant } from '../models/catalog.ts';
import { asFailure, type Failure } from '../worker/failure.ts';

export interface DownloadsHost {
	list(): Promise<CachedModel[]>;
	/** Deletes by the beginnings of URLs. */
	remove(prefixes: string[]): Promise<number>;
	variants: readonly Variant[];
	/** Where a variant's own files lie, ending with a slash, and its library. */
	urlsOf(variant: Variant): { baseUrl: string; libraryUrl: string };
}

/** What lies on disk at one place; `variant` is null for libraries and for what the catalogue no longer has. */
export interface Download extends CachedModel {
	variant: Variant | null;
	libraries: boolean;
}

/** What the browser says of this site's room. */
export interface Room {
	usedBytes: number | null;
	quotaBytes: number | null;
	/** The browser will not clear it by itself when the disk fills up. */
	persisted: boolean | null;
}

/** The model files that lie in this browser's caches. */
export class Downloads {
	/** null: not listed yet. Largest first. */
	list = $state.raw<Download[] | null>(null);
	room = $state.raw<Room>({ usedBytes: null, quotaBytes: null, persisted: null });
	problem = $state.raw<Failure | null>(null);
	/** The base URL of what is being deleted. */
	removing = $state.raw<string | null>(null);
	totalBytes = $derived((this.list ?? []).reduce((sum, { bytes }) => sum + bytes, 0));
	readonly #bytesOf = $derived(
		new Map((this.list ?? []).map(({ variant, bytes }) => [variant?.id ?? '', bytes]))
	);

	readonly #host: DownloadsHost;
	readonly #variantOf: ReadonlyMap<string, Variant>;

	constructor(host: DownloadsHost) {
		this.#host = host;
		this.#variantOf = new Map(
			host.variants.map((variant) => [host.urlsOf(variant).baseUrl, variant])
		);
	}

	bytesOf(variant: Variant): number {
		return this.#bytesOf.get(variant.id) ?? 0;
	}

	async refresh() {
		try {
			const folder = (url: string) => url.slice(0, url.lastIndexOf('/') + 1);
			const libraryFolders = new Set(
				this.#host.variants.map((variant) => folder(this.#host.urlsOf(variant).libraryUrl))
			);
			this.list = (await this.#host.list())
				.map((model) => ({
					...model,
					variant: this.#variantOf.get(model.baseUrl) ?? null,
					libraries: libraryFolders.has(model.baseUrl)
				}))
				.sort((a, b) => b.bytes - a.bytes);
			this.room = await readRoom();
			this.problem = null;
		} catch (thrown) {
			this.problem = asFailure(thrown);
		}
	}

	/** Deletes the files at a place, and the library too where nothing else on disk needs it. */
	async remove(download: Download) {
		this.removing = download.baseUrl;
		try {
			await this.#host.remove([download.baseUrl, ...this.#ownLibrary(download)]);
		} catch (thrown) {
			this.problem = asFailure(thrown);
			return;
		} finally {
			this.removing = null;
		}
		await this.refresh();
	}

	async removeAll() {
		this.removing = '';
		try {
			await this.#host.remove((this.list ?? []).map(({ baseUrl }) => baseUrl));
		} catch (thrown) {
			this.problem = asFailure(thrown);
			return;
		} finally {
			this.removing = null;
		}
		await this.refresh();
	}

	async persist() {
		await navigator.storage.persist();
		this.room = await readRoom();
	}

	#ownLibrary({ variant }: Download): string[] {
		if (!variant) return [];
		const { libraryUrl } = this.#host.urlsOf(variant);
		const shared = (this.list ?? []).some(
			({ variant: other }) =>
				other && other.id !== variant.id && this.#host.urlsOf(other).libraryUrl === libraryUrl
		);
		return shared ? [] : [libraryUrl];
	}
}

async function readRoom(): Promise<Room> {
	const [estimate, persisted] = await Promise.all([
		navigator.storage.estimate().catch(() => null),
		navigator.storage.persisted().catch(() => null)
	]);
	return {
		usedBytes: estimate?.usage ?? null,
		quotaBytes: estimate?.quota ?? null,
		persisted
	};
}
