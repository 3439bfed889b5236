import { WorkerClient, type CallOptions } from '../worker/client.ts';
import type {
	CachedModel,
	DownloadProgress,
	FilesContract,
	Inspection,
	ModelSource
} from './protocol.ts';

/** The worker that fetches, checks, lists and deletes model files. It never touches the GPU. */
export class Files {
	readonly #client: WorkerClient<FilesContract>;

	constructor(
		port: Worker = new Worker(new URL('./files.worker.ts', import.meta.url), {
			type: 'module',
			name: 'headroom-files'
		})
	) {
		this.#client = new WorkerClient(port);
	}

	inspect(source: ModelSource, library: boolean, signal?: AbortSignal): Promise<Inspection> {
		return this.#client.call('inspect', { source, library }, { signal });
	}
	download(source: ModelSource, options: CallOptions<DownloadProgress>): Promise<Inspection> {
		return this.#client.call('download', { source }, options);
	}
	distrust(source: ModelSource): Promise<null> {
		return this.#client.call('distrust', { source });
	}
	list(): Promise<CachedModel[]> {
		return this.#client.call('list', null);
	}
	remove(prefixes: string[]): Promise<number> {
		return this.#client.call('remove', { prefixes });
	}
}
