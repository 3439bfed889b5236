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
