import { WorkerClient, type CallOptions } from '../worker/client.ts';
import type {
	CachedModel,
	DownloadProgress,
	DownloadPurpose,
	FilesContract,
	Inspection,
	ModelSource,
	Verification
} from './protocol.ts';

interface DownloadOptions extends CallOptions<DownloadProgress> {
	/** Default: `load`. */
	purpose?: DownloadPurpose;
}

/** The worker that fetches, checks, lists and deletes model files. It never touches the GPU. */
export class Files {
	readonly #client: WorkerClient<FilesContract>;
	readonly #revisions = new Map<string, string>();

	constructor(
		port: Worker = new Worker(new URL('./files.worker.ts', import.meta.url), {
			type: 'module',
			name: 'headroom-files'
		})
	) {
		this.#client = new WorkerClient(port);
	}

	async inspect(source: ModelSource, library: boolean, signal?: AbortSignal): Promise<Inspection> {
		return this.#noted(source, await this.#client.call('inspect', { source, library }, { signal }));
	}

	async download(
		source: ModelSource,
		{ purpose = 'load', ...options }: DownloadOptions = {}
	): Promise<Inspection> {
		return this.#noted(source, await this.#client.call('download', { source, purpose }, options));
	}

	/** The revision from which a source's files came: the engine must be given the same. Null: nothing was read. */
	revision({ baseUrl }: ModelSource): string | null {
		return this.#revisions.get(baseUrl) ?? null;
	}

	distrust(source: ModelSource): Promise<null> {
		return this.#client.call('distrust', { source });
	}
	verify(
		baseUrl: string,
		options?: CallOptions<{ doneBytes: number; totalBytes: number }>
	): Promise<Verification> {
		return this.#client.call('verify', { baseUrl }, options);
	}
	list(): Promise<CachedModel[]> {
		return this.#client.call('list', null);
	}
	remove(baseUrl: string): Promise<number> {
		return this.#client.call('remove', { baseUrl });
	}
	removeAll(): Promise<number> {
		return this.#client.call('removeAll', null);
	}
	tidy(below: string, keep: string): Promise<number> {
		return this.#client.call('tidy', { below, keep });
	}
	end() {
		this.#client.end();
	}

	#noted({ baseUrl }: ModelSource, inspection: Inspection): Inspection {
		this.#revisions.set(baseUrl, inspection.revision);
		return inspection;
	}
}
