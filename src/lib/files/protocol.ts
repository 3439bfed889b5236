import type { Facts } from '#plan/models/facts.ts';
import type { WasmImport } from '#plan/models/wasm.ts';
import type { Contract } from '../rpc/contract.ts';
import type { WireFailure } from '../rpc/failure.ts';
import type { MissingFile } from './arrivals.ts';
import type { Wait } from './persist.ts';

/** Where a variant's files lie. All URLs absolute; the engine uses exactly these as cache keys. */
export interface ModelSource {
	/** Ends with `/`, after `/resolve/<revision>/`. Of the hub's `main` the commit is looked up and kept. */
	baseUrl: string;
	libraryUrl: string;
	/** The package manifest some records name, else null. Lies below `baseUrl`. */
	packageUrl: string | null;
	/** Of the record: they replace fields of the config. */
	overrides: Readonly<Record<string, number>>;
	/** The folder that the files below `baseUrl` are fetched from, where it is another one; ends with `/`. */
	from?: string;
	/** What the library must be, in hex, whatever was loaded before. */
	librarySha256?: string;
	/** What configuration and manifest must hash to: see `contentHash`. */
	contentHash?: string;
}

/** What lies in a place that a person named, before anything of it is kept. */
export interface Looked {
	/** With the commit in place of a branch. */
	baseUrl: string;
	revision: string;
	/** Of a repository of the hub: every commit that its `main` stands for here, as kept and as it is now. */
	mainCommits: readonly string[];
	/** Every file with its size and hash, where the host tells; null: it does not. */
	files: readonly LookedFile[] | null;
	/** As they came; null: they are not there. */
	config: string | null;
	manifest: string | null;
}

export interface LookedFile {
	path: string;
	bytes: number;
	/** The hub gives it, or it will be told when the file comes. */
	sum: { algorithm: 'sha256' | 'git-blob'; hex: string };
}

/** A library, looked at and not kept. */
export interface LookedLibrary {
	/** JSON, as the library carries it; `parseLibrary` reads it. */
	metadata: string;
	imports: readonly WasmImport[] | null;
	/** In hex. */
	sha256: string;
	bytes: number;
}

/** Files picked by a person, by their path below the folder. */
export type PickedFiles = readonly { path: string; file: File }[];

export interface FolderProgress {
	doneBytes: number;
	totalBytes: number;
}

/** What is known of a variant before its weights are downloaded. */
export interface Inspection {
	facts: Facts;
	/** Bytes of all files together. The library's size is known only once it was fetched. */
	downloadBytes: number;
	/** How much of it already lies on disk. */
	cachedBytes: number;
	/** What a download would bring. */
	missing: readonly MissingFile[];
	/** The base URL with the revision its files come from. */
	baseUrl: string;
	/** The commit, where `main` could be pinned; else what the URL says. */
	revision: string;
	/** Why `main` could not be pinned to a commit, so that its files may change between two downloads. */
	unpinned: WireFailure | null;
}

/** What a download is for: a load is waited for and counts as a use. */
export type DownloadPurpose = 'load' | 'keep';

export interface DownloadProgress {
	doneBytes: number;
	totalBytes: number;
	/** Bytes that came over the network since the download began. */
	receivedBytes: number;
	elapsedMs: number;
	/** Over the last seconds; null before there is a figure. */
	bytesPerSecond: number | null;
	/** Files being fetched just now. */
	files: string[];
	/** Nothing arrives now, and this is why; null: something does. */
	waiting: Wait | null;
}

export type CachedState =
	/** Everything the engine needs is there, in full length. */
	| 'complete'
	/** Some weights are missing. */
	| 'partial'
	/** A file has the wrong length, or the manifest cannot be read. */
	| 'damaged'
	/** Only what was read for a plan: no weights. */
	| 'plan';

/** Everything of one model that lies in this browser's caches. */
export interface CachedModel {
	/** With the revision. */
	baseUrl: string;
	/** As the catalogue has it, ending in `/resolve/main/`; tells which variant this is. */
	askedUrl: string;
	state: CachedState;
	/** Of all files, the library included. */
	bytes: number;
	/** Bytes that are freed when it is removed: the library stays while another model uses it. */
	freedBytes: number;
	files: number;
	/** Files that are missing or have the wrong length, as far as the manifest tells. */
	missing: string[];
	libraryUrl: string | null;
	/** Milliseconds since 1970; null: never loaded. */
	lastUsedAt: number | null;
	/** Milliseconds since 1970; null: its weights never came whole. */
	fetchedAt: number | null;
	uses: number;
}

export interface Verification {
	/** Files checked against a hash. */
	checked: number;
	/** Files of which no hash is known. */
	unknown: string[];
	/** Deleted; the next download fetches them again. */
	bad: { file: string; expected: string; found: string }[];
}

export interface FilesContract extends Contract {
	calls: {
		/** Reads config and manifest, and the library too when asked; what was fetched is kept. */
		inspect: {
			params: { source: ModelSource; library: boolean; purpose: 'plan' | 'load' };
			result: Inspection;
			progress: never;
		};
		/** The same of a model that lies whole on disk, null of any other: nothing is fetched for it. */
		onDisk: { params: { source: ModelSource }; result: Inspection | null; progress: never };
		/** Brings everything the engine needs into the cache, checked. Aborting keeps what is complete. */
		download: {
			params: { source: ModelSource; purpose: DownloadPurpose };
			result: Inspection;
			progress: DownloadProgress;
		};
		/** Deletes those files of a model, its weights apart, in which something is found wrong after the engine failed. */
		distrust: { params: { source: ModelSource }; result: null; progress: never };
		/** Keeps the hash of the library of a model that was just loaded: from now on another one is refused. */
		pinLibrary: { params: { source: ModelSource }; result: null; progress: never };
		/** Forgets a library, so that the one its host has now is taken. */
		acceptLibrary: { params: { source: ModelSource }; result: null; progress: never };
		/** Hashes every file again and deletes those that are wrong. */
		verify: {
			params: { baseUrl: string };
			result: Verification;
			progress: { doneBytes: number; totalBytes: number };
		};
		list: { params: null; result: CachedModel[]; progress: never };
		/**
		 * Deletes a model whole, with its library unless another model uses it; resolves with the bytes freed. Fails with
		 * `in-use` while a tab has it loaded, or loads it.
		 */
		remove: { params: { baseUrl: string }; result: number; progress: never };
		/** Deletes every model that no tab has in use; resolves with the bytes freed, or fails with `in-use`. */
		removeAll: { params: null; result: number; progress: never };
		/**
		 * Looks at a place without keeping anything: which commit, which files, what configuration and manifest. Fails with
		 * `network` where there is nothing, `gated` where a token or a licence is wanted.
		 */
		look: { params: { baseUrl: string; from: string | null }; result: Looked; progress: never };
		/** The text of a configuration, of at most 1 MB, without keeping it; from the disk where it lies there. */
		lookAtConfig: { params: { url: string }; result: string; progress: never };
		/**
		 * Reads a library without keeping it: from the disk where it lies there, unless `fresh`. Fails with `bad-file` or
		 * `unsupported`.
		 */
		lookAtLibrary: {
			params: { url: string; fresh: boolean };
			result: LookedLibrary;
			progress: never;
		};
		/** What is sent to the hub where it asks for a token; null: nothing. */
		authorize: { params: { token: string | null }; result: null; progress: never };
		/**
		 * Copies a model's files to where the engine reads them, below `baseUrl`, each checked against the manifest. Fails
		 * with `quota` before the first, and with `bad-file` at one that is wrong or was changed; then nothing stays.
		 */
		copyFolder: {
			params: { baseUrl: string; libraryUrl: string; files: PickedFiles };
			result: null;
			progress: FolderProgress;
		};
		/** Deletes what lies below one URL but not below another: builds of pocket that the site no longer ships. */
		tidy: { params: { below: string; keep: string }; result: number; progress: never };
	};
	events: Record<string, never>;
}
