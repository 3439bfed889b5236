import { WorkerClient, type CallOptions } from '../worker/client.ts';
import { spawn } from '../worker/spawn.ts';
import workerUrl from './files.worker.ts?worker&url';
import type {
	CachedModel,
	DownloadProgress,
	FilesContract,
	Inspection,
	ModelSource
} from './protocol.ts';

/** The worker that fetches, checks, lists and deletes model files. It never touches the GPU. */
export class Files {
	readonly #hosts: () => readonly string[];
	#started: WorkerClient<FilesContract> | null = null;

	/** `hosts`: what the worker may reach, asked when it starts. */
	constructor(hosts: () => readonly string[]) {
		this.#hosts = hosts;
	}

	/** Ends the worker; the next call starts one that may reach what `hosts` says then. */
	restart() {
		this.#started?.end();
		this.#started = null;
	}

	get #client(): WorkerClient<FilesContract> {
		return (this.#started ??= new WorkerClient(spawn(workerUrl, 'headroom-files', this.#hosts())));
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
