import { CLAIM } from './guard-message.ts';

/** SvelteKit registers the service worker when the page has loaded. What is not being installed by then will not come. */
const LIMIT_MS = 5_000;
const LOOK_MS = 200;

/**
 * Resolves when the service worker that binds our workers to their policy is in charge. False where the browser
 * has none, or it could not be installed: the workers then run without that second fence.
 */
export async function guarded(): Promise<boolean> {
	if (import.meta.env.DEV || !('serviceWorker' in navigator)) return false;
	const container = navigator.serviceWorker;
	const began = performance.now();
	let asked = false;
	while (!container.controller) {
		const registration = await container.getRegistration().catch(() => undefined);
		if (registration?.active && !asked) {
			registration.active.postMessage(CLAIM);
			asked = true;
		}
		if (!registration?.installing && performance.now() - began > LIMIT_MS) return false;
		await changed(container);
	}
	return true;
}

/** Until another service worker is in charge, or it is time to look again. */
function changed(container: ServiceWorkerContainer): Promise<void> {
	return new Promise((resolve) => {
		const timer = setTimeout(done, LOOK_MS);
		container.addEventListener('controllerchange', done);
		function done() {
			clearTimeout(timer);
			container.removeEventListener('controllerchange', done);
			resolve();
		}
	});
}
