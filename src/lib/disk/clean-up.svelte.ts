import type { App } from '../app/app.svelte.ts';
import { bytes } from '#plan/words.ts';
import { downloadsOf, isInUse, type Downloads } from './downloads.svelte.ts';
import { bytesTogether, leastRecentlyUsed, nameOfDownload, type Download } from './on-disk.ts';

export interface CleanUpHost {
	/** null: there is none, or nothing may be deleted without asking. */
	limitBytes(): number | null;
	downloads: Pick<Downloads, 'list' | 'refresh' | 'remove' | 'problem'>;
	/** It is loaded, chosen, pinned, wanted for later or not complete: never deleted. */
	isWanted(download: Download): boolean;
	/** A run over several variants has the engine: which files it still needs, it alone knows. */
	inRun(): boolean;
	tell(deleted: readonly Download[]): void;
}

/** Deletes the least recently used models where the person's limit is exceeded and that was allowed. */
export class CleanUp {
	/** What was deleted last, in this visit. */
	last = $state.raw<readonly Download[]>([]);
	/** It has looked in this visit, and deleted what it may. */
	looked = $state.raw(false);
	readonly #host: CleanUpHost;
	#running: Promise<void> | null = null;
	#again = false;

	constructor(host: CleanUpHost) {
		this.#host = host;
	}

	/** Looks, and deletes what is due; asked again meanwhile, it looks once more afterwards. */
	look(): Promise<void> {
		if (this.#running) {
			this.#again = true;
			return this.#running;
		}
		this.#running = this.#look().finally(() => {
			this.#running = null;
			if (!this.#again) return;
			this.#again = false;
			void this.look();
		});
		return this.#running;
	}

	async #look() {
		const host = this.#host;
		if (host.limitBytes() === null) return;
		const { downloads } = host;
		await downloads.refresh();
		const deleted: Download[] = [];
		const refused: string[] = [];
		// Asked before each one: what is wanted, and the limit, may have changed meanwhile.
		while (!host.inRun()) {
			const next = due(
				downloads.list ?? [],
				host.limitBytes(),
				(each) => !refused.includes(each.baseUrl) && !host.isWanted(each)
			);
			if (!next) break;
			if (await downloads.remove(next)) deleted.push(next);
			else refused.push(next.baseUrl);
		}
		this.looked = refused.length === 0;
		if (deleted.length === 0) return;
		this.last = deleted;
		host.tell(deleted);
	}
}

/** The next one to delete; null: nothing is to be, or may be. */
export function due(
	list: readonly Download[],
	limitBytes: number | null,
	mayGo: (download: Download) => boolean
): Download | null {
	if (limitBytes === null) return null;
	const overBytes = bytesTogether(list) - limitBytes;
	if (overBytes <= 0) return null;
	// What frees nothing, such as the last small files of a plan, is not worth a deletion.
	return (
		leastRecentlyUsed(list, overBytes, (each) => each.freedBytes > 0 && mayGo(each))[0] ?? null
	);
}

const cleanUps = new WeakMap<App, CleanUp>();

/** One for the whole visit. */
export function cleanUpOf(app: App): CleanUp {
	const known = cleanUps.get(app);
	if (known) return known;
	const downloads = downloadsOf(app);
	const cleanUp = new CleanUp({
		downloads,
		limitBytes: () => {
			const { diskCleanUp, diskLimitBytes } = app.settings.current;
			return diskCleanUp ? diskLimitBytes : null;
		},
		isWanted: (download) => isWanted(app, downloads, download),
		inRun: () => app.answers.queue.running?.class === 'measurement',
		tell: (deleted) => {
			const names = deleted.map((each) => nameOfDownload(each, app.catalog)).join(', ');
			app.loader.journal.note(`Deleted to stay below the limit for downloads: ${names}`);
			app.announcer.say(`Deleted to stay below your limit: ${names}.`);
		}
	});
	cleanUps.set(app, cleanUp);
	return cleanUp;
}

/** Looks whenever files have come, or the limit has changed, until the returned function is called. */
export function followDisk(app: App): () => void {
	const cleanUp = cleanUpOf(app);
	return $effect.root(() => {
		$effect(() => {
			const { diskCleanUp, diskLimitBytes } = app.settings.current;
			const settled = [...app.queue.entries.values()].every(({ kind }) => kind !== 'running');
			// Until then nobody knows what is pinned.
			const known = app.adaptation !== null;
			if (!diskCleanUp || diskLimitBytes === null || app.loader.busy || !settled || !known) return;
			void cleanUp.look();
		});
	});
}

function isWanted(app: App, downloads: Downloads, download: Download): boolean {
	const { variant } = download;
	if (isInUse(app, downloads, download)) return true;
	// Another tab may be downloading the rest.
	if (download.state === 'partial') return true;
	// Of what the catalogue does not have nothing is chosen.
	if (!variant) return false;
	return (
		variant === app.selection.variant ||
		variant.id === app.settings.current.choice?.variantId ||
		variant.id === app.adaptation?.policy.current.pin?.variantId ||
		app.queue.status(variant.id)?.kind === 'complete'
	);
}

/** What was deleted, in a sentence. */
export const deletedWords = (deleted: readonly Download[], nameOf: (each: Download) => string) =>
	`Deleted by itself in this visit: ${deleted.map((each) => `${nameOf(each)} (${bytes(each.freedBytes)})`).join(', ')}.`;
