/// <reference types="@sveltejs/kit" />
import { base, build, files, prerendered, version } from '$service-worker';
import { CLAIM, KEEP } from './lib/network/guard-message.ts';
import { hostsOf, workerPolicy } from './lib/network/policy.ts';
import { otherShells, shellName } from './lib/network/shell.ts';

/** What a service worker's global scope offers; TypeScript's DOM library types `self` as a window. */
interface Scope {
	clients: { claim(): Promise<void> };
	registration: { active: unknown };
	location: Location;
	addEventListener<T extends Event>(type: string, listener: (event: T) => void): void;
}
interface Lifetime extends Event {
	waitUntil(work: Promise<unknown>): void;
}
interface Told extends Lifetime {
	data: unknown;
}
interface Fetched extends Event {
	request: Request;
	respondWith(response: Promise<Response>): void;
}

const scope = globalThis as unknown as Scope;
const SHELL = shellName(base, version);
/** What has its content's hash in its name. The engine's chunk lies there too, although `build` does not list it. */
const IMMUTABLE = `${base}/_app/immutable/`;
/** Where the engine's chunk lies; megabytes: kept when it was first fetched, not before the page can be used. */
const LARGE = `${IMMUTABLE}workers/chunks/`;
/** The page that is open may still have the engine of the version before. */
const LARGE_KEPT = 2;

/** While some are written the cache is not read: a worker that is started meanwhile waits for them. */
const TOGETHER = 6;

/** The page itself, which must be there whole. Models have their own caches, and never lie in this one. */
const shell = [...build, ...files].filter(
	(path) =>
		!path.startsWith(`${base}/pocket/`) &&
		!path.startsWith(LARGE) &&
		// For hosts that read it, which then have no such file to give.
		path !== `${base}/_headers`
);

/** A first visit's workers wait for their guard, so it comes at once and the page says later when to keep the rest. */
scope.addEventListener<Lifetime>('install', (event) => {
	if (scope.registration.active !== null) event.waitUntil(keepShell());
});

scope.addEventListener<Told>('message', (event) => {
	if (event.data === KEEP) event.waitUntil(keepShell());
	// A page that was reloaded past its service worker has none, until it is claimed.
	else if (event.data === CLAIM) event.waitUntil(scope.clients.claim());
});

async function keepShell() {
	const cache = await caches.open(SHELL);
	const kept = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
	const missing = (paths: string[]) => paths.filter((path) => !kept.has(path));
	const files = missing(shell);
	while (files.length > 0) await cache.addAll(files.splice(0, TOGETHER));
	// A host that does not know /models by that name still has the page's first address.
	await Promise.allSettled(missing(prerendered).map((path) => cache.add(path)));
}

scope.addEventListener<Lifetime>('activate', (event) => {
	event.waitUntil(
		(async () => {
			for (const name of await otherShells(caches, base, version)) {
				await keepLarge(await caches.open(name));
				await caches.delete(name);
			}
			await scope.clients.claim();
		})()
	);
});

/** A new version of the page mostly has the same engine, and the network may be gone before it is fetched again. */
async function keepLarge(from: Cache) {
	const shell = await caches.open(SHELL);
	const large = (await from.keys()).filter(({ url }) => new URL(url).pathname.startsWith(LARGE));
	for (const request of large.slice(-LARGE_KEPT)) {
		const response = await from.match(request);
		if (response && !(await shell.match(request))) await shell.put(request, response);
	}
}

scope.addEventListener<Fetched>('fetch', (event) => {
	const { request } = event;
	const url = new URL(request.url);
	if (request.method !== 'GET' || url.origin !== scope.location.origin) return;
	if (request.destination === 'worker') event.respondWith(boundWorker(request, url));
	else if (request.mode === 'navigate') event.respondWith(fromNetworkFirst(request));
	else if (url.pathname.startsWith(IMMUTABLE) || files.includes(url.pathname)) {
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
	if (response.ok && url.pathname.startsWith(IMMUTABLE))
		// Without room for a copy the page still works.
		await cache.put(url.pathname, response.clone()).catch(() => undefined);
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
