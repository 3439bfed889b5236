import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostsOf, mayReach, MODEL_HOSTS, workerPolicy } from './policy.ts';

const directives = (policy: string) => policy.split(';').map((part) => part.trim().split(' ')[0]);

test('a worker without hosts reaches its own origin only', () => {
	expect(workerPolicy([])).toContain("connect-src 'self';");
});

test('every model host is reached over TLS', () => {
	for (const host of MODEL_HOSTS) expect(workerPolicy(MODEL_HOSTS)).toContain(` https://${host}`);
});

test('no host can add a directive or a keyword', () => {
	const plain = directives(workerPolicy([]));
	fc.assert(
		fc.property(fc.array(fc.string()), (hosts) => {
			const policy = workerPolicy(hosts);
			expect(directives(policy)).toEqual(plain);
			expect(policy).not.toContain('unsafe-inline');
		})
	);
	expect(workerPolicy(["a.b; script-src 'unsafe-eval'", '*', "'unsafe-inline'"])).toBe(
		workerPolicy([])
	);
});

test('a whole origin keeps its scheme, and nothing else of it is reached', () => {
	const worker = new URL('https://x.test/w.js?allow=http://10.0.0.7:8000');
	expect(workerPolicy(hostsOf(worker))).toContain("connect-src 'self' http://10.0.0.7:8000;");
	expect(mayReach(new URL('http://10.0.0.7:8000/v1/models'), worker)).toBe(true);
	for (const url of ['https://10.0.0.7:8000/', 'http://10.0.0.7/', 'http://10.0.0.8:8000/'])
		expect(mayReach(new URL(url), worker), url).toBe(false);
	for (const bad of ['http://', 'http://a.test/path', 'http://*', 'ftp://a.test', 'http://a.test;'])
		expect(workerPolicy([bad]), bad).toBe(workerPolicy([]));
});

test('the hosts come from the URL of the worker', () => {
	expect(hostsOf(new URL('https://x.test/w.js?allow=a.test,b.test'))).toEqual(['a.test', 'b.test']);
	expect(hostsOf(new URL('https://x.test/w.js'))).toEqual([]);
});

test('the headers file for static hosts says what the service worker says', () => {
	const headers = readFileSync('static/_headers', 'utf8');
	const policyFor = (path: string) =>
		new RegExp(`^${path.replaceAll('*', '\\*')}\\n  Content-Security-Policy: (.*)$`, 'm').exec(
			headers
		)?.[1];
	expect(policyFor('/_app/immutable/workers/engine.worker-*')).toBe(workerPolicy([]));
	expect(policyFor('/_app/immutable/workers/files.worker-*')).toBe(workerPolicy(MODEL_HOSTS));
});

test('a worker asks no host but its own and those it was given', () => {
	const worker = new URL('https://x.test/w.js?allow=a.test,*.b.test,localhost:8080');
	const reached = (url: string) => mayReach(new URL(url), worker);
	for (const url of [
		'https://x.test/pocket/a',
		'https://a.test/f',
		'https://c.b.test/f',
		'http://localhost:8080/f'
	])
		expect(reached(url), url).toBe(true);
	for (const url of [
		'http://a.test/f',
		'https://a.test:444/f',
		'https://sub.a.test/f',
		'https://b.test/f',
		'https://evilb.test/f',
		'http://localhost:8081/f',
		'https://x.test:444/f'
	])
		expect(reached(url), url).toBe(false);
	expect(mayReach(new URL('https://a.test/f'), new URL('https://x.test/w.js'))).toBe(false);
});
