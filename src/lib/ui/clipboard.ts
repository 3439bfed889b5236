/**
 * Puts a text on the clipboard; false: the browser did not allow it. Without https there is no clipboard for scripts, and
 * what is selected in the page is copied in its place.
 */
export async function copyText(text: string): Promise<boolean> {
	const { clipboard } = navigator as { clipboard?: Clipboard };
	if (clipboard)
		try {
			await clipboard.writeText(text);
			return true;
		} catch {
			// Not allowed, or the page has no focus.
		}
	return copySelected(text);
}

function copySelected(text: string): boolean {
	const focused = document.activeElement;
	const field = document.createElement('textarea');
	field.value = text;
	field.className = 'hidden-label';
	field.readOnly = true;
	// An open dialog makes everything outside of it inert.
	(document.querySelector('dialog[open]') ?? document.body).append(field);
	field.select();
	try {
		// Deprecated, and the only way without https.
		return document.execCommand('copy');
	} catch {
		return false;
	} finally {
		field.remove();
		if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
	}
}
