import { WorkerClient, type CallOptions, type Port } from '../rpc/client.ts';
import { Failure } from '../rpc/failure.ts';
import { spawn } from '../network/spawn.ts';
import workerUrl from './files.worker.ts?worker&url';
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

const RESTARTED = new Failure('cancelled', 'The allowed hosts have changed.');

/** Whether the browser will keep the files: none of the download's business. */
const askToPersist = () =>
	import('./persistence.ts')
		.then(({ askToPersistOnce }) => askToPersistOnce())
		// What is fetched may be deleted when the disk fills up, as before.
		.catch(() => undefined);

/** The worker that fetches, checks, lists and deletes model files. It never touches the GPU. */
export class Files {
	readonly #spawn: (hosts: readonly string[]) => Port;
	#hosts: readonly string[] | null;
	/** Resolves when it is known which hosts may be reached. */
	readonly #known: Promise<void>;
	#tell = () => {};
	#client: WorkerClient<FilesContract> | null = null;
	/** What a new worker is told first. */
	greet: (client: WorkerClient<FilesContract>) => void = () => {};

	/** `hosts`: what the worker may reach; null: not known yet, and calls wait until `allow` says so. */
	constructor(
		hosts: readonly string[] | null = null,
		spawnWorker = (hosts: readonly string[]): Port => spawn(workerUrl, 'headroom-files', hosts)
	) {
		this.#hosts = hosts;
		this.#spawn = spawnWorker;
		this.#known = new Promise((resolve) => (this.#tell = resolve));
		if (hosts) this.#tell();
	}

	/** Says what may be reached from now on. Calls in flight begin again under the new rule. */
	allow(hosts: readonly string[]) {
		const same =
			this.#hosts?.length === hosts.length && hosts.every((host, i) => host === this.#hosts?.[i]);
		if (same) return;
		this.#hosts = hosts;
		this.#client?.end(RESTARTED);
		this.#tell();
	}

	/** `load`: someone waits for the model, so that a busy server is waited for longer. */
	inspect(
		source: ModelSource,
		library: boolean,
		signal?: AbortSignal,
		purpose: 'plan' | 'load' = 'plan'
	): Promise<Inspection> {
		return this.call('inspect', { source, library, purpose }, { signal });
	}

	/** As `inspect`, of a model that lies whole on disk; null of any other. Fetches nothing. */
	onDisk(source: ModelSource): Promise<Inspection | null> {
		return this.call('onDisk', { source });
	}

	download(
		source: ModelSource,
		{ purpose = 'load', ...options }: DownloadOptions = {}
	): Promise<Inspection> {
		// What the site ships itself is small and comes again with it: not worth a question.
		if (new URL(source.baseUrl).origin !== location.origin) void askToPersist();
		return this.call('download', { source, purpose }, options);
	}

	distrust(source: ModelSource): Promise<null> {
		return this.call('distrust', { source });
	}

	pinLibrary(source: ModelSource): Promise<null> {
		return this.call('pinLibrary', { source });
	}

	acceptLibrary(source: ModelSource): Promise<null> {
		return this.call('acceptLibrary', { source });
	}

	verify(
		baseUrl: string,
		options?: CallOptions<{ doneBytes: number; totalBytes: number }>
	): Promise<Verification> {
		return this.call('verify', { baseUrl }, options);
	}
	list(): Promise<CachedModel[]> {
		return this.call('list', null);
	}
	remove(baseUrl: string): Promise<number> {
		return this.call('remove', { baseUrl });
	}
	removeAll(): Promise<number> {
		return this.call('removeAll', null);
	}
	end() {
		this.#client?.end();
	}

	/** Every call may run twice: what the first run has done the second one finds. */
	async call<N extends keyof FilesContract['calls']>(
		name: N,
		params: FilesContract['calls'][N]['params'],
		options?: CallOptions<FilesContract['calls'][N]['progress']>
	): Promise<FilesContract['calls'][N]['result']> {
		await this.#known;
		for (;;)
			try {
				return await this.#worker().call(name, params, options);
			} catch (thrown) {
				if (thrown !== RESTARTED) throw thrown;
			}
	}

	/** One that has died is replaced. */
	#worker(): WorkerClient<FilesContract> {
		if (!this.#client || this.#client.ended)
			this.greet((this.#client = new WorkerClient(this.#spawn(this.#hosts ?? []))));
		return this.#client;
	}
}
