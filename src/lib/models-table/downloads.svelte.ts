import type { CachedModel } from '../files/protocol.ts';
import type { Variant } from '../models/catalog.ts';
import { asFailure, type Failure } from '../worker/failure.ts';
import { attribute, bytesByVariant, type BaseUrlOf, type Download } from './on-disk.ts';

export interface DownloadsHost {
	list(): Promise<CachedModel[]>;
	/** Deletes what lies below the URL, and its library where nothing else needs that. */
	remove(baseUrl: string): Promise<unknown>;
	variants: readonly Variant[];
	baseUrlOf: BaseUrlOf;
}

/** What the browser says of this site's room; null: it does not say. */
export interface Room {
	usedBytes: number | null;
	quotaBytes: number | null;
	/** The browser will not clear it by itself when the disk fills up. */
	persisted: boolean | null;
}

/** The model files that lie in this browser's caches. */
export class Downloads {
	/** null: not listed yet. */
	list = $state.raw<readonly Download[] | null>(null);
	room = $state.raw<Room>({ usedBytes: null, quotaBytes: null, persisted: null });
	problem = $state.raw<Failure | null>(null);
	removing = $state.raw(false);
	totalBytes = $derived((this.list ?? []).reduce((sum, { bytes }) => sum + bytes, 0));

	readonly #bytes = $derived(bytesByVariant(this.list ?? []));
	readonly #host: DownloadsHost;

	constructor(host: DownloadsHost) {
		this.#host = host;
	}

	/** Bytes of the variant's own files, without the library. */
	bytesOf(variant: Variant): number {
		return this.#bytes.get(variant.id) ?? 0;
	}

	async refresh() {
		try {
			const host = this.#host;
			this.list = attribute(await host.list(), host.variants, host.baseUrlOf);
			this.room = await readRoom();
			this.problem = null;
		} catch (thrown) {
			this.problem = asFailure(thrown);
		}
	}

	async remove(...downloads: readonly Download[]) {
		this.removing = true;
		try {
			for (const { baseUrl } of downloads) await this.#host.remove(baseUrl);
			await this.refresh();
		} catch (thrown) {
			this.problem = asFailure(thrown);
		} finally {
			this.removing = false;
		}
	}

	/** Asks the browser to keep the files when the disk fills up; it may ask the person, or say no. */
	async persist() {
		await navigator.storage.persist();
		this.room = await readRoom();
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
