import { untrack } from 'svelte';
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { Draft, DraftStore } from './store/draft-store.ts';
import type { Session } from './session.svelte.ts';

/** So long after the last key a draft is written. */
const PAUSE_MS = 300;

/**
 * Keeps what is being typed in each conversation on the disk, and puts it back when the conversation is shown again.
 * A failing disk costs only that: the page still has every draft.
 */
export class Drafts {
	readonly #session: Session;
	readonly #store: Pick<DraftStore, 'read' | 'keep'>;
	/** Read or written before: from then on an empty draft is one that was emptied. */
	readonly #known = new SvelteSet<string>();
	readonly #reading = new SvelteSet<string>();
	readonly #unsaved = new SvelteMap<string, Draft>();
	readonly #stop: () => void;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(session: Session, store: Pick<DraftStore, 'read' | 'keep'>) {
		this.#session = session;
		this.#store = store;
		const flush = () => void this.flush();
		const watch = $effect.root(() => {
			$effect(() => {
				const key = session.draftKey;
				untrack(() => void this.#restore(key));
			});
			// The composer writes the draft itself, at every key.
			$effect(() => {
				const key = session.draftKey;
				const draft = { text: session.draft, images: session.draftImages };
				untrack(() => this.#note(key, draft));
			});
		});
		const forget = session.onDraft((key, draft) => this.#write(key, draft));
		addEventListener('pagehide', flush);
		document.addEventListener('visibilitychange', flush);
		this.#stop = () => {
			watch();
			forget();
			removeEventListener('pagehide', flush);
			document.removeEventListener('visibilitychange', flush);
		};
	}

	async dispose() {
		this.#stop();
		await this.flush();
	}

	/** Writes what was not written yet. */
	async flush() {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const unsaved = [...this.#unsaved];
		this.#unsaved.clear();
		await Promise.all(
			unsaved.map(([key, draft]) => this.#store.keep(key, draft).catch(() => undefined))
		);
	}

	async #restore(key: string) {
		if (this.#known.has(key) || this.#reading.has(key)) return;
		this.#reading.add(key);
		const draft = await this.#store.read(key).catch(() => null);
		this.#reading.delete(key);
		const session = this.#session;
		if (session.draftKey !== key) return;
		this.#known.add(key);
		if (!draft) return;
		// What was typed or put there meanwhile follows it: neither is lost.
		session.draft = [draft.text, session.draft].filter((text) => text !== '').join('\n\n');
		session.draftImages = [...draft.images, ...session.draftImages];
	}

	#note(key: string, draft: Draft) {
		const empty = draft.text === '' && draft.images.length === 0;
		if (!empty || this.#known.has(key)) this.#write(key, draft);
	}

	#write(key: string, draft: Draft) {
		this.#known.add(key);
		this.#unsaved.set(key, draft);
		this.#timer ??= setTimeout(() => void this.flush(), PAUSE_MS);
	}
}
