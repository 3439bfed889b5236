/// <reference types="@sveltejs/kit" />
import { base, build, files, prerendered, version } from '$service-worker';
import { hostsOf, workerPolicy } from './lib/worker/policy.ts';

/** What a service worker's global scope offers; TypeScript's DOM library types `self` as a window. */
interface Scope {
	clients: { claim(): Promise<void> };
	location: Location;
	addEventListener<T extends Event>(type: string, listener: (event: T) => void): void;
}
interface Lifetime extends Event {
	waitUntil(work: Promise<unknown>): void;
}
interface Fetched extends Event {
	request: Request;
	respondWith(response: Promise<Response>): void;
}

const scope = globalThis as unknown as Scope;
const SHELL_PREFIX = 'headroom-shell-';
const SHELL = `${SHELL_PREFIX}${version}`;
/** Where the engine's chunk lies; megabytes: kept when it was first fetched, not before the page can be used. */
const LARGE = '/workers/chunks/';

/** The page itself. Models have their own caches, and never lie in this one. */
const shell = [...build, ...prerendered, ...files].filter(
	(path) => !path.startsWith(`${base}/pocket/`) && !path.includes(LARGE)
);
const immutable = new Set(build);

scope.addEventListener<Lifetime>('install', (event) => {
	event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(shell)));
});

scope.addEventListener<Lifetime>('activate', (event) => {
	event.waitUntil(
		(async () => {
			for (const key of await caches.keys())
				if (key.startsWith(SHELL_PREFIX) && key !== SHELL) await caches.delete(key);
			await scope.clients.claim();
		})()
	);
});

scope.addEventListener<Fetched>('fetch', (event) => {
	const { request } = event;
	const url = new URL(request.url);
	if (request.method !== 'GET' || url.origin !== scope.location.origin) return;
	if (request.destination === 'worker') event.respondWith(boundWorker(request, url));
	else if (request.mode === 'navigate') event.respondWith(fromNetworkFirst(request));
	else if (immutable.has(url.pathname) || files.includes(url.pathname)) {
		if (!url.pathname.startsWith(`${base}/pocket/`)) event.respondWith(fromShell(request, url));
	}
});

/** A host such as GitHub Pages sends no policy for a worker's script, and the page's own does not bind it. */
async function boundWorker(request: Request, url: URL): Promise<Response> {
	const plain = await fromShell(request, url);
	const headers = new Headers(plain.headers);
	headers.set('content-security-policy', workerPolicy(hostsOf(url)));
	return new Response(plain.body, { status: plain.status, headers });
}

async function fromShell(request: Request, url: URL): Promise<Response> {
	const cache = await caches.open(SHELL);
	const cached = await cache.match(url.pathname, { ignoreVary: true });
	if (cached) return cached;
	const response = await fetch(request.destination === 'worker' ? url.pathname : request);
	if (response.ok && immutable.has(url.pathname)) await cache.put(url.pathname, response.clone());
	return response;
}

/** A text shared with the page stands in the query: it is the page's to read, and no server's. */
async function fetchedPage(request: Request): Promise<Response> {
	const { pathname, search } = new URL(request.url);
	if (search === '') return fetch(request);
	const { body, status, headers } = await fetch(pathname);
	// A response made here has no address of its own, so that the page keeps the one that was asked for.
	return new Response(body, { status, headers });
}

/** A new version of the page is seen at once; offline, the one kept last is served. */
async function fromNetworkFirst(request: Request): Promise<Response> {
	try {
		return await fetchedPage(request);
	} catch (error) {
		const cache = await caches.open(SHELL);
		const { pathname } = new URL(request.url);
		const cached = (await cache.match(pathname)) ?? (await cache.match(`${base}/`));
		if (cached) return cached;
		throw error;
	}
}
