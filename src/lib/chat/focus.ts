import { tick } from 'svelte';

const COMPOSER = 'composer-message';
export const composerId = COMPOSER;
export const messageElementId = (messageId: string) => `message-${messageId}`;
export const stepElementId = (messageId: string, by: 1 | -1) => `step${by}-${messageId}`;

/** Where the focus goes when what had it is gone. */
export async function focusComposer() {
	await tick();
	document.getElementById(COMPOSER)?.focus();
}

/** After the next redraw, the element with that id; the composer if there is none. */
export async function focusOn(id: string) {
	await tick();
	const element = document.getElementById(id);
	if (element) element.focus();
	else await focusComposer();
}
