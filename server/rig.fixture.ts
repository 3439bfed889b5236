import { mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { FakePage } from './fake-page.fixture.ts';
import { serve, type ServeOptions } from './serve.ts';

export const TOKEN = 'a-token-for-these-tests';

/** A site of a few files, as a build leaves them. */
export function siteFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), 'headroom-site-'));
	for (const [name, text] of Object.entries({
		'index.html': 'the chat',
		'api.html': 'for programs',
		'404.html': 'not here',
		'app.js': 'export {}',
		_headers:
			"# a comment\n/*\n  X-Content-Type-Options: nosniff\n  Content-Security-Policy: frame-ancestors 'none'\n/app.*\n  Content-Security-Policy: default-src 'none'\n"
	}))
		writeFileSync(join(folder, name), text);
	return folder;
}

/** A server with its programs; `page` opens a fake page by the address that it printed. */
export async function served(change: Partial<ServeOptions> = {}, origins: readonly string[] = []) {
	const own = await serve({
		folder: siteFolder(),
		base: '',
		plain: false,
		host: '127.0.0.1',
		port: 0,
		api: { token: TOKEN, origins },
		...change
	});
	const url = `http://127.0.0.1:${own.port}`;
	const secret = () => /#relay=(\w+)$/.exec(own.addressToOpen() ?? '')?.[1] ?? '';
	return {
		...own,
		url,
		secret,
		client: new OpenAI({ baseURL: `${url}/v1`, apiKey: TOKEN }),
		page: async (answer?: FakePage['answer']) => {
			const page = new FakePage(own.port, secret());
			if (answer) page.answer = answer;
			await page.settled;
			return page;
		},
		get: (path: string, headers: Record<string, string> = {}) =>
			fetch(`${url}${path}`, { headers: { authorization: `Bearer ${TOKEN}`, ...headers } }),
		post: (path: string, body: unknown, init: RequestInit = {}) =>
			fetch(`${url}${path}`, {
				method: 'POST',
				headers: { authorization: `Bearer ${TOKEN}` },
				body: JSON.stringify(body),
				...init
			})
	};
}

/** A request whose `Host` is chosen, which fetch does not allow: its status. */
export const statusFor = (port: number, path: string, headers: Record<string, string>) =>
	new Promise<number | undefined>((resolve, reject) => {
		request({ host: '127.0.0.1', port, path, headers }, (response) => {
			response.resume();
			resolve(response.statusCode);
		})
			.on('error', reject)
			.end();
	});

export const until = async (holds: () => boolean) => {
	for (let tries = 0; !holds(); tries++) {
		if (tries > 1_000) throw new Error('It never came to be.');
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
};
