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
	readonly #hosts: () => Promise<readonly string[]>;
	#started: Promise<WorkerClient<FilesContract>> | null = null;
	readonly #revisions = new Map<string, string>();

	/** `hosts`: what the worker may reach, asked when it starts; it starts when that is known. */
	constructor(hosts: () => Promise<readonly string[]>) {
		this.#hosts = hosts;
	}

	/** Ends the worker; the next call starts one that may reach what `hosts` says then. */
	restart() {
		void this.#started?.then((client) => client.end());
		this.#started = null;
	}

	#client(): Promise<WorkerClient<FilesContract>> {
		return (this.#started ??= this.#hosts().then(
			(hosts) => new WorkerClient(spawn(workerUrl, 'headroom-files', hosts))
		));
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
			await (await this.#client()).call('inspect', { source, library, purpose }, { signal })
		);
	}

	/** As `inspect`, of a model that lies whole on disk; null of any other. Fetches nothing. */
	async onDisk(source: ModelSource): Promise<Inspection | null> {
		const found = await (await this.#client()).call('onDisk', { source });
		return found && this.#noted(source, found);
	}

	async download(
		source: ModelSource,
		{ purpose = 'load', ...options }: DownloadOptions = {}
	): Promise<Inspection> {
		// What the site ships itself is small and comes again with it: not worth a question.
		if (new URL(source.baseUrl).origin !== location.origin)
			askToPersistOnce().catch(() => undefined);
		return this.#noted(
			source,
			await (await this.#client()).call('download', { source, purpose }, options)
		);
	}

	/** The revision from which a source's files came: the engine must be given the same. Null: nothing was read. */
	revision({ baseUrl }: ModelSource): string | null {
		return this.#revisions.get(baseUrl) ?? null;
	}

	async distrust(source: ModelSource): Promise<null> {
		return (await this.#client()).call('distrust', { source });
	}
	async pinLibrary(source: ModelSource): Promise<null> {
		return (await this.#client()).call('pinLibrary', { source });
	}
	async acceptLibrary(source: ModelSource): Promise<null> {
		return (await this.#client()).call('acceptLibrary', { source });
	}
	async verify(
		baseUrl: string,
		options?: CallOptions<{ doneBytes: number; totalBytes: number }>
	): Promise<Verification> {
		return (await this.#client()).call('verify', { baseUrl }, options);
	}
	async list(): Promise<CachedModel[]> {
		return (await this.#client()).call('list', null);
	}
	async remove(baseUrl: string): Promise<number> {
		return (await this.#client()).call('remove', { baseUrl });
	}
	async removeAll(): Promise<number> {
		return (await this.#client()).call('removeAll', null);
	}
	/** Deletes what lies in folders beside the one that holds this model: other builds of the same. */
	async tidyBeside(modelUrl: string): Promise<number> {
		return (await this.#client()).call('tidy', {
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
