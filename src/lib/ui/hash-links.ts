/**
 * Follows a click on a link to a hash of this page. SvelteKit takes a click on the hash that it last went to itself for a
 * click on where one is, and does not know what `replaceState` put in its place: without this, such a link works once.
 */
export function followHash(event: MouseEvent) {
	if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
		return;
	const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
	if (!(link instanceof HTMLAnchorElement)) return;
	event.preventDefault();
	location.hash = link.hash;
}
