import type { Facts } from '../models/facts.ts';
import type { Contract } from '../worker/contract.ts';

/** Where a variant's files lie. All URLs absolute; the engine uses exactly these as cache keys. */
export interface ModelSource {
	/** Ends with `/`, after `/resolve/<revision>/`. */
	baseUrl: string;
	libraryUrl: string;
	/** The package manifest some records name, else null. */
	packageUrl: string | null;
	/** Of the record: they replace fields of the config. */
	overrides: Readonly<Record<string, number>>;
}

/** What is known of a variant before its weights are downloaded. */
export interface Inspection {
	facts: Facts;
	/** Bytes of all files together. The library's size is known only once it was fetched. */
	downloadBytes: number;
	/** How much of it already lies on disk. */
	cachedBytes: number;
}

export interface DownloadProgress {
	doneBytes: number;
	totalBytes: number;
	/** Bytes that came over the network since the download began. */
	receivedBytes: number;
	elapsedMs: number;
	/** Files being fetched just now. */
	files: string[];
}

/** Everything of one model that lies in this browser's caches. */
export interface CachedModel {
	baseUrl: string;
	bytes: number;
	files: number;
}

export interface FilesContract extends Contract {
	calls: {
		/** Reads config and manifest, and the library too when asked; what was fetched is kept. */
		inspect: {
			params: { source: ModelSource; library: boolean };
			result: Inspection;
			progress: never;
		};
		/** Brings everything the engine needs into the cache, checked. Aborting keeps what is complete. */
		download: { params: { source: ModelSource }; result: Inspection; progress: DownloadProgress };
		/** Deletes all but the weights of a model that the engine could not use although its files look right. */
		distrust: { params: { source: ModelSource }; result: null; progress: never };
		list: { params: null; result: CachedModel[]; progress: never };
		/** Deletes everything whose URL starts with one of the prefixes; resolves with the entries deleted. */
		remove: { params: { prefixes: string[] }; result: number; progress: never };
	};
	events: Record<string, never>;
}
