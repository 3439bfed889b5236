import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { CLOSED_REFUSED, RELAY_PROTOCOL } from '../src/lib/api/relay-protocol.ts';
import { FakePage } from './fake-page.fixture.ts';
import { isNear } from './guard.ts';
import { served, statusFor, TOKEN } from './rig.fixture.ts';
import type { ServeOptions } from './serve.ts';

const open: { end: () => void }[] = [];
afterEach(() => {
	for (const each of open.splice(0)) each.end();
});
async function rig(change: Partial<ServeOptions> = {}, origins: readonly string[] = []) {
	const made = await served(change, origins);
	open.push(made);
	return made;
}

describe('the site', () => {
	test('is served with the headers of its own file, under names without .html, and with its 404 page', async () => {
		const { url } = await rig({ api: null });
		const chat = await fetch(`${url}/`);
		expect([chat.status, await chat.text()]).toEqual([200, 'the chat']);
		expect(chat.headers.get('content-type')).toBe('text/html;charset=utf-8');
		expect(chat.headers.get('x-content-type-options')).toBe('nosniff');
		expect(await (await fetch(`${url}/api`)).text()).toBe('for programs');
		const missing = await fetch(`${url}/no/such`);
		expect([missing.status, await missing.text()]).toEqual([404, 'not here']);
		const script = await fetch(`${url}/app.js`);
		expect(script.headers.get('content-type')).toBe('text/javascript');
		expect(script.headers.get('content-security-policy')).toBe(
			"frame-ancestors 'none', default-src 'none'"
		);
		const again = await fetch(`${url}/app.js`, {
			headers: { 'if-none-match': script.headers.get('etag') ?? '' }
		});
		expect(again.status).toBe(304);
		expect((await fetch(`${url}/`, { method: 'POST' })).status).toBe(405);
		expect((await fetch(`${url}/..%2f..%2fetc/passwd`)).status).toBe(404);
	});

	test('lies below its base path alone', async () => {
		const { url } = await rig({ api: null, base: '/headroom' });
		const led = await fetch(`${url}/headroom?x=1`, { redirect: 'manual' });
		expect([led.status, led.headers.get('location')]).toEqual([302, '/headroom/?x=1']);
		expect(await (await fetch(`${url}/headroom/api`)).text()).toBe('for programs');
		expect((await fetch(`${url}/`)).status).toBe(404);
	});

	test('can do without headers of its own', async () => {
		const { url } = await rig({ api: null, plain: true });
		expect((await fetch(url)).headers.get('x-content-type-options')).toBeNull();
	});

	test('without programs has none of their paths, and takes no socket', async () => {
		const { url, port } = await rig({ api: null });
		expect((await fetch(`${url}/v1/models`)).status).toBe(404);
		expect(await new FakePage(port, 'a'.repeat(64)).settled).toBe('not let in');
	});
});

describe('who is let in', () => {
	test('health needs no token, everything else does', async () => {
		const { url } = await rig();
		for (const path of ['/health', '/api/health'])
			expect(await (await fetch(url + path)).json()).toEqual({ status: 'ok', page: 'none' });
		for (const path of ['/v1/models', '/openapi.json', '/api/v1/events', '/api/no-such'])
			for (const authorization of ['', 'Bearer wrong', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`]) {
				const refused = await fetch(url + path, { headers: { authorization } });
				expect([path, refused.status]).toEqual([path, 401]);
				expect(await refused.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
			}
	});

	test('a foreign Host is refused, for programs, the site and the socket', async () => {
		const { port, secret } = await rig();
		const authorization = `Bearer ${TOKEN}`;
		for (const path of ['/v1/models', '/health', '/'])
			for (const host of [
				'evil.example',
				`evil.example:${port}`,
				'192.168.0.7',
				'localhost.evil.example'
			])
				expect(await statusFor(port, path, { host, authorization })).toBe(403);
		for (const host of [`localhost:${port}`, '127.0.0.1', `[::1]:${port}`])
			expect(await statusFor(port, '/health', { host })).toBe(200);
		const rebound = new FakePage(port, secret(), {
			host: 'evil.example',
			origin: 'http://evil.example'
		});
		expect(await rebound.settled).toBe('not let in');
	});

	test('beyond this computer its addresses are let in, foreign names are not', async () => {
		const { port, addressToOpen } = await rig({ host: '0.0.0.0' });
		expect(addressToOpen()).toMatch(new RegExp(`^http://localhost:${port}/api#relay=`));
		for (const [host, status] of [
			['192.168.0.7', 200],
			[`localhost:${port}`, 200],
			['evil.example', 403]
		] as const)
			expect([host, await statusFor(port, '/health', { host })]).toEqual([host, status]);
	});

	test('a foreign Origin is refused, unless it was named', async () => {
		const { get, url } = await rig({}, ['https://editor.example']);
		for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1'])
			expect((await get('/openapi.json', { origin })).status).toBe(403);
		const named = await get('/openapi.json', { origin: 'https://editor.example' });
		expect(named.status).toBe(200);
		expect(named.headers.get('access-control-allow-origin')).toBe('https://editor.example');
		const own = await get('/openapi.json', { origin: url });
		expect([own.status, own.headers.get('access-control-allow-origin')]).toEqual([200, null]);
		const asked = await fetch(`${url}/v1/models`, {
			method: 'OPTIONS',
			headers: {
				origin: 'https://editor.example',
				'access-control-request-headers': 'authorization'
			}
		});
		expect(asked.status).toBe(204);
		expect(asked.headers.get('access-control-allow-headers')).toBe('authorization');
	});
});

test.each([
	['127.0.0.1', undefined, true],
	['127.8.0.1', undefined, true],
	['::1', undefined, true],
	['::ffff:127.0.0.1', undefined, true],
	['192.168.0.7', undefined, false],
	['::ffff:10.0.0.1', undefined, false],
	[undefined, undefined, false],
	['127.0.0.1', 'http://localhost:4173', false],
	['127.0.0.1', 'null', false]
])('from %s with origin %s: near is %s', (remoteAddress, origin, near) => {
	const request = { socket: { remoteAddress }, headers: { origin } } as IncomingMessage;
	expect(isNear(request)).toBe(near);
});

describe('the page that answers', () => {
	test('comes by a secret that works once, and again by the key it got for it', async () => {
		const { port, secret } = await rig();
		const first = secret();
		const page = new FakePage(port, first);
		expect(await page.settled).toBe('welcome');
		expect(secret()).not.toBe(first);
		const second = new FakePage(port, first);
		expect(await second.settled).toBe('closed');
		expect(second.closed).toBe(CLOSED_REFUSED);
		await page.close();
		expect(await new FakePage(port, page.key ?? '').settled).toBe('welcome');
	});

	test.each(['none of the server’s', 'let in'])(
		'that resets its connection during the upgrade, %s, does not end the server',
		async (which) => {
			const { url, port, secret } = await rig();
			const socket = connect(port, '127.0.0.1');
			socket.on('error', () => {});
			await new Promise((resolve) => socket.once('connect', resolve));
			const mine = which === 'let in';
			socket.write(
				[
					`GET ${mine ? '/relay' : '/other'} HTTP/1.1`,
					`Host: 127.0.0.1:${port}`,
					`Origin: ${url}`,
					'Connection: Upgrade',
					'Upgrade: websocket',
					'Sec-WebSocket-Version: 13',
					'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
					`Sec-WebSocket-Protocol: ${RELAY_PROTOCOL}, ${secret()}`,
					'',
					''
				].join('\r\n')
			);
			socket.resetAndDestroy();
			await new Promise((resolve) => socket.once('close', resolve));
			expect((await fetch(`${url}/health`)).status).toBe(200);
		}
	);

	test('is refused with a wrong secret, and another site’s page is not even heard', async () => {
		const { port, secret } = await rig();
		const wrong = new FakePage(port, '0'.repeat(64));
		await wrong.settled;
		expect(wrong.closed).toBe(CLOSED_REFUSED);
		for (const origin of ['https://evil.example', 'null', `http://localhost:${port}`])
			expect(await new FakePage(port, secret(), { origin }).settled).toBe('not let in');
		expect(await new FakePage(port, secret()).settled).toBe('welcome');
	});

	test('that says what is no message is closed', async () => {
		const { page } = await rig();
		const made = await page();
		made.socket.send('{"type":"done"}');
		const code = await new Promise((resolve) => made.socket.on('close', resolve));
		expect(code).toBe(4400);
	});

	test('of a server that was restarted is refused, until it is opened by the new address', async () => {
		const before = await rig();
		const page = await before.page();
		before.end();
		const after = await rig({ port: before.port });
		const old = new FakePage(after.port, page.key ?? '');
		await old.settled;
		expect(old.closed).toBe(CLOSED_REFUSED);
		const { error } = (await (await after.get('/v1/models')).json()) as {
			error: { message: string };
		};
		const [, secret = ''] = /#relay=(\w+)/.exec(error.message) ?? [];
		expect(await new FakePage(after.port, secret).settled).toBe('welcome');
	});

	test('is named by its one-time address to programs of this computer alone', async () => {
		const { url, get, secret } = await rig({}, ['https://editor.example']);
		expect(await (await get('/v1/models')).text()).toContain(`#relay=${secret()}`);
		for (const origin of ['https://editor.example', url])
			for (const path of ['/v1/models', '/api/v1/events']) {
				const refused = await get(path, { origin });
				expect(refused.status).toBe(503);
				const text = await refused.text();
				expect(text).toContain('Open the address that the server printed.');
				expect(text).not.toContain(secret());
			}
	});

	test('is the one that holds a model, else the one opened last', async () => {
		const { page, get } = await rig();
		const named = (name: string) => (call: { id: number }, from: FakePage) =>
			from.done(call.id, { name });
		const a = await page(named('a'));
		const b = await page(named('b'));
		const answers = async () =>
			((await (await get('/vram_status')).json()) as { name: string }).name;
		expect(await answers()).toBe('b');
		a.say({ type: 'holds', holds: true });
		await expect.poll(answers).toBe('a');
		await a.close();
		await expect.poll(answers).toBe('b');
		await b.close();
		await expect.poll(async () => (await get('/vram_status')).status).toBe(503);
	});
});
