import { KEEP } from './guard-message.ts';

/** Asks for the site to be kept, so that the next visit needs no network. */
export function keepForOffline(): void {
	if ('serviceWorker' in navigator) navigator.serviceWorker.controller?.postMessage(KEEP);
}
