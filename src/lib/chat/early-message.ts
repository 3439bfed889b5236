import { composerId } from './focus.ts';

/** How sending was asked for; `enter`: by a key that starts a new line for some. */
export type Sending = 'enter' | 'surely';

/** What was typed into the prerendered page, before its script ran. */
export interface EarlyMessage {
	text: string;
	/** null: it was not. static/boot.js notes it. */
	sending: Sending | null;
	/** Where the caret was; null: the field did not have the focus. */
	selection: readonly [start: number, end: number] | null;
}

let noted: EarlyMessage | null = null;

/** Called before the prerendered page is replaced. */
export function noteEarlyMessage() {
	const field = document.getElementById(composerId);
	if (!(field instanceof HTMLTextAreaElement)) return;
	const { early } = field.dataset;
	if (early === undefined) return;
	noted = {
		text: field.value,
		sending: early === 'enter' || early === 'surely' ? early : null,
		selection: document.activeElement === field ? [field.selectionStart, field.selectionEnd] : null
	};
}

/** Once; null: the page was not prerendered, or it has been taken before. */
export function takeEarlyMessage(): EarlyMessage | null {
	const taken = noted;
	noted = null;
	return taken;
}
