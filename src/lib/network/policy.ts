/** Hosts that catalogue models and their libraries come from: the hub, where its files lie, and the libraries' host. */
export const MODEL_HOSTS: readonly string[] = [
	'huggingface.co',
	'*.huggingface.co',
	'*.hf.co',
	'raw.githubusercontent.com'
];

/** The name of the query in a worker's URL that carries the hosts it may reach. */
export const ALLOW_PARAM = 'allow';

// What may stand in a policy: anything else could end the directive and begin another.
const HOST = /^(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/;

/** A host name with an optional port, as `location.host` writes it: no scheme, path or wildcard. */
export const PLAIN_HOST =
	/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?::\d{1,5})?$/;

/** An origin as `location.origin` writes it, for hosts whose scheme a person chose. */
const ORIGIN = new RegExp(`^https?://${PLAIN_HOST.source.slice(1)}`);

export const isLoopback = (host: string) => /^(localhost|127\.0\.0\.1)(:|$)/.test(host);

/**
 * The Content-Security-Policy of a worker that may reach its own origin and these hosts, and nothing else. Hosts
 * that are no host names are left out. Loopback hosts may be reached without TLS, all others only with it, unless a
 * whole origin is named.
 */
export function workerPolicy(hosts: readonly string[]): string {
	const sources = hosts
		.filter((host) => HOST.test(host) || ORIGIN.test(host))
		.map((host) => {
			if (ORIGIN.test(host)) return host;
			return isLoopback(host) ? `http://${host}` : `https://${host}`;
		});
	return [
		"default-src 'none'",
		"script-src 'self' 'wasm-unsafe-eval'",
		`connect-src ${["'self'", ...sources].join(' ')}`,
		"require-trusted-types-for 'script'",
		"trusted-types 'none'"
	].join('; ');
}

/** The hosts that a worker's own URL names. */
export const hostsOf = (url: URL): string[] =>
	(url.searchParams.get(ALLOW_PARAM) ?? '').split(',').filter((host) => host !== '');

/** Whether a worker of ours at `worker` may fetch `url`: what the policy says, for where no policy binds it. */
export function mayReach(url: URL, worker: URL): boolean {
	if (url.origin === worker.origin) return true;
	return hostsOf(worker).some(
		(host) =>
			url.origin === host ||
			(url.protocol === (isLoopback(host) ? 'http:' : 'https:') &&
				(host.startsWith('*.') ? url.host.endsWith(host.slice(1)) : url.host === host))
	);
}
