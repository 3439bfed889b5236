import type { Component } from 'svelte';

/** Showing messages, with the Markdown in them, is a third of the page's script, and a newcomer has none. */
class MessagesPart {
	view = $state.raw<Component<{ writingId: string | null }> | null>(null);
	failed = $state(false);

	async load() {
		if (this.view) return;
		try {
			this.view = (await import('./Messages.svelte')).default;
			this.failed = false;
		} catch {
			this.failed = true;
		}
	}
}

export const messagesPart = new MessagesPart();
