import { WorkerClient, type CallOptions } from '../worker/client.ts';
import { spawn } from '../worker/spawn.ts';
import workerUrl from './files.worker.ts?worker&url';
import { askToPersistOnce } from './persistence.ts';
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
	readonly #hosts: () => readonly string[];
	#started: WorkerClient<FilesContract> | null = null;
	readonly #revisions = new Map<string, string>();

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

	/** `load`: someone waits for the model, so that a busy server is waited for longer. */
	async inspect(
		source: ModelSource,
		library: boolean,
		signal?: AbortSignal,
		purpose: 'plan' | 'load' = 'plan'
	): Promise<Inspection> {
		return this.#noted(
			source,
			await this.#client.call('inspect', { source, library, purpose }, { signal })
		);
	}

	async download(
		source: ModelSource,
		{ purpose = 'load', ...options }: DownloadOptions = {}
	): Promise<Inspection> {
		// What the site ships itself is small and comes again with it: not worth a question.
		if (new URL(source.baseUrl).origin !== location.origin)
			askToPersistOnce().catch(() => undefined);
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
	/** Deletes what lies in folders beside the one that holds this model: other builds of the same. */
	tidyBeside(modelUrl: string): Promise<number> {
		return this.#client.call('tidy', {
			below: new URL('../../', modelUrl).href,
			keep: new URL('../', modelUrl).href
		});
	}
	end() {
		this.restart();
	}

	#noted({ baseUrl }: ModelSource, inspection: Inspection): Inspection {
		this.#revisions.set(baseUrl, inspection.revision);
		return inspection;
	}
}
