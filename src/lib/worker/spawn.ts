import { ALLOW_PARAM } from './policy.ts';

interface ScriptUrls {
	createScriptURL(url: string): string;
}
interface PolicyFactory {
	createPolicy(name: string, rules: ScriptUrls): ScriptUrls;
}

// The page's policy demands that a script's URL went through a named rule; other browsers have no such thing.
const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
const rules: ScriptUrls = {
	createScriptURL(url) {
		if (new URL(url, location.href).origin !== location.origin)
			throw new TypeError(`Workers come from ${location.origin} only, not from ${url}.`);
		return url;
	}
};
const scripts = factory?.createPolicy('headroom-worker', rules) ?? rules;

/** Starts one of our workers. `hosts`: what it may reach beside its own origin; enforced by the service worker. */
export function spawn(scriptUrl: string, name: string, hosts: readonly string[]): Worker {
	const url = new URL(scriptUrl, location.href);
	if (hosts.length > 0) url.searchParams.set(ALLOW_PARAM, hosts.join(','));
	return new Worker(scripts.createScriptURL(url.href), { type: 'module', name });
}

/** A first visit's service worker needs a moment; without one a worker would start unbound. */
const GUARD_LIMIT_MS = 5_000;

/**
 * Resolves when the service worker that binds our workers to their policy is in charge. False where the browser
 * has none, or it does not come: the workers then run without that second fence.
 */
export async function guarded(): Promise<boolean> {
	if (import.meta.env.DEV || !('serviceWorker' in navigator)) return false;
	const container = navigator.serviceWorker;
	if (container.controller) return true;
	return new Promise((resolve) => {
		const limit = setTimeout(() => resolve(false), GUARD_LIMIT_MS);
		container.addEventListener(
			'controllerchange',
			() => {
				clearTimeout(limit);
				resolve(true);
			},
			{ once: true }
		);
	});
}
