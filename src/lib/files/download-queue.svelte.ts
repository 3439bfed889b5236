import { SvelteMap } from 'svelte/reactivity';
import { asFailure, type Failure } from '../rpc/failure.ts';
import type { Files } from './client.ts';
import type { DownloadProgress, ModelSource } from './protocol.ts';
import { lazily, type Lazily } from '../kit/lazily.ts';
import type { unfinishedDownloads } from './records.ts';

export type DownloadStatus =
	/** Another download goes first. */
	| { kind: 'queued' }
	/** `progress.waiting` says so when a server or the network has to be waited for. */
	| { kind: 'running'; progress: DownloadProgress | null }
	| { kind: 'paused'; progress: DownloadProgress | null }
	| { kind: 'complete' }
	| { kind: 'failed'; failure: Failure };

interface Run {
	controller: AbortController;
	over: Promise<void>;
}

export interface DownloadQueueOptions {
	/** The path of the deployment, which has a queue of its own. */
	path?: string;
	/** Called when a download has ended well or badly, so that the list of what is on disk can be refreshed. */
	changed?: () => void;
}

/** Not needed before a message can be written. */
const records = () => import('./records.ts');

/**
 * Downloads of variants that are not loaded: one after the other, while another model may be chatting. What is not
 * finished is taken up again by the next visit.
 */
export class DownloadQueue {
	readonly #entries = new SvelteMap<string, DownloadStatus>();
	readonly #files: Pick<Files, 'download' | 'list' | 'remove'>;
	/** Held by the tab whose downloads run: the others' wait, as what one tab has fetched is there for all. */
	readonly #lock: string;
	readonly #unfinished: Lazily<ReturnType<typeof unfinishedDownloads>>;
	/** Variants whose files a load fetches itself, one entry for each load. */
	#away: string[] = [];
	/** Null: the catalogue no longer has the variant. */
	readonly #sourceOf: (variantId: string) => ModelSource | null;
	readonly #changed: () => void;
	/** Resolves when the last wish is on the disk. */
	#noted: Promise<void> = Promise.resolve();
	#running: (Run & { variantId: string }) | null = null;
	/** Nothing may be fetched now, and what waits goes on waiting. */
	held = $state.raw(false);

	constructor(
		files: Pick<Files, 'download' | 'list' | 'remove'>,
		sourceOf: (variantId: string) => ModelSource | null,
		{ path = '/', changed = () => undefined }: DownloadQueueOptions = {}
	) {
		this.#files = files;
		this.#sourceOf = sourceOf;
		this.#changed = changed;
		this.#lock = `headroom-downloads ${path}`;
		this.#unfinished = lazily(async () => (await records()).unfinishedDownloads(path));
	}

	/** One entry per variant, in the order in which they were asked for. */
	get entries(): ReadonlyMap<string, DownloadStatus> {
		return this.#entries;
	}

	status(variantId: string): DownloadStatus | null {
		return this.#entries.get(variantId) ?? null;
	}

	/** Stops what runs without ending it, or keeps it running. Resolves when nothing is fetched any more. */
	async hold(held: boolean): Promise<void> {
		this.held = held;
		if (!held) return this.#next();
		if (!this.#running) return;
		const { variantId } = this.#running;
		this.#entries.set(variantId, { kind: 'queued' });
		await this.#stop(variantId);
	}

	/** A load fetches these files itself: their download stops, and goes on once the returned function is called. */
	async giveWay(variantId: string): Promise<() => void> {
		this.#away.push(variantId);
		if (this.#running?.variantId === variantId) {
			this.#entries.set(variantId, { kind: 'queued' });
			await this.#stop(variantId);
		}
		let back = false;
		return () => {
			if (back) return;
			back = true;
			this.#away.splice(this.#away.indexOf(variantId), 1);
			this.#next();
		};
	}

	/** Takes up what an earlier visit did not finish. */
	async restore(): Promise<void> {
		await this.#moveFormer();
		const stored = await this.#unfinished.entries();
		stored.sort(([, a], [, b]) => a.at - b.at);
		for (const [variantId, { paused }] of stored) {
			if (this.#entries.has(variantId)) continue;
			if (!this.#sourceOf(variantId)) await this.#unfinished.delete(variantId);
			else
				this.#entries.set(
					variantId,
					paused ? { kind: 'paused', progress: null } : { kind: 'queued' }
				);
		}
		this.#next();
	}

	/** Starts a download, or goes on with one that was paused or has failed. */
	async start(variantId: string): Promise<void> {
		const kind = this.status(variantId)?.kind;
		if (kind === 'queued' || kind === 'running') return;
		this.#entries.set(variantId, { kind: 'queued' });
		this.#noted = Promise.resolve(
			this.#unfinished.set(variantId, { version: 1, paused: false, at: Date.now() })
		);
		await this.#noted;
		this.#next();
	}

	/** Stops after the files that are complete; they stay on disk. */
	async pause(variantId: string): Promise<void> {
		const status = this.status(variantId);
		if (status?.kind !== 'queued' && status?.kind !== 'running') return;
		const progress = status.kind === 'running' ? status.progress : null;
		this.#entries.set(variantId, {
			kind: 'paused',
			progress: progress && { ...progress, waiting: null }
		});
		const stopped = this.#stop(variantId);
		await this.#unfinished.set(variantId, { version: 1, paused: true, at: Date.now() });
		await stopped;
	}

	/** Stops, and deletes what an unfinished download has brought. What was complete before stays. */
	async cancel(variantId: string): Promise<void> {
		const source = this.#sourceOf(variantId);
		const finished = this.status(variantId)?.kind === 'complete';
		this.#entries.delete(variantId);
		const stopped = this.#stop(variantId);
		await this.#unfinished.delete(variantId);
		await stopped;
		if (finished || !source) return;
		for (const { askedUrl, baseUrl, state } of await this.#files.list())
			if (askedUrl === source.baseUrl && state !== 'complete')
				await this.#files.remove(baseUrl).catch((thrown: unknown) => {
					// A load needs what has come so far.
					if (asFailure(thrown).kind !== 'in-use') throw thrown;
				});
		this.#changed();
	}

	/** Takes a finished or failed download off the list. */
	async dismiss(variantId: string): Promise<void> {
		const kind = this.status(variantId)?.kind;
		if (kind !== 'complete' && kind !== 'failed') return;
		this.#entries.delete(variantId);
		await this.#unfinished.delete(variantId);
	}

	/** Earlier versions kept one queue for all deployments below an origin. */
	async #moveFormer(): Promise<void> {
		const { formerUnfinished } = await records();
		for (const [variantId, wish] of await formerUnfinished.entries()) {
			if (!this.#sourceOf(variantId)) continue;
			if (!(await this.#unfinished.get(variantId))) await this.#unfinished.set(variantId, wish);
			await formerUnfinished.delete(variantId);
		}
	}

	async #stop(variantId: string): Promise<void> {
		if (this.#running?.variantId !== variantId) return;
		this.#running.controller.abort();
		await this.#running.over;
	}

	#next() {
		if (this.#running || this.held) return;
		for (const [variantId, { kind }] of this.#entries) {
			if (kind !== 'queued' || this.#away.includes(variantId)) continue;
			const controller = new AbortController();
			this.#running = { variantId, controller, over: this.#run(variantId, controller.signal) };
			return;
		}
	}

	async #run(variantId: string, signal: AbortSignal): Promise<void> {
		try {
			await navigator.locks.request(this.#lock, { signal }, () => this.#fetch(variantId, signal));
		} catch (thrown) {
			if (!signal.aborted) {
				const failure = asFailure(thrown, 'network');
				this.#entries.set(variantId, { kind: 'failed', failure });
				// What a person must see to first is not tried again by the next visit.
				if (failure.kind === 'bad-file' || failure.kind === 'quota')
					await this.#unfinished.set(variantId, { version: 1, paused: true, at: Date.now() });
			}
		} finally {
			this.#running = null;
			if (!signal.aborted) this.#changed();
			this.#next();
		}
	}

	async #fetch(variantId: string, signal: AbortSignal): Promise<void> {
		await this.#noted;
		// Another tab may have paused, finished or cancelled it while this one waited.
		const wish = await this.#unfinished.get(variantId);
		const source = this.#sourceOf(variantId);
		if (signal.aborted) return;
		if (!wish || !source) return void this.#entries.delete(variantId);
		if (wish.paused) return void this.#entries.set(variantId, { kind: 'paused', progress: null });
		this.#entries.set(variantId, { kind: 'running', progress: null });
		await this.#files.download(source, {
			purpose: 'keep',
			signal,
			onProgress: (progress) => {
				if (!signal.aborted) this.#entries.set(variantId, { kind: 'running', progress });
			}
		});
		if (signal.aborted) return;
		this.#entries.set(variantId, { kind: 'complete' });
		await this.#unfinished.delete(variantId);
	}
}
