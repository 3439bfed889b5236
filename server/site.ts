import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import sirv from 'sirv';

interface Rule {
	matches: RegExp;
	headers: [string, string][];
}

/** The rules of a `_headers` file: a path with `*` for anything, then its headers, indented. */
export function parseHeaders(text: string): Rule[] {
	const rules: Rule[] = [];
	for (const line of text.split('\n')) {
		if (line.trim() === '' || line.startsWith('#')) continue;
		const [, name, value] = /^\s+([\w-]+):\s*(.+)$/.exec(line) ?? [];
		if (name !== undefined && value !== undefined) rules.at(-1)?.headers.push([name, value.trim()]);
		else {
			const literal = line
				.trim()
				.split('*')
				.map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
			rules.push({ matches: new RegExp(`^${literal.join('.*')}$`), headers: [] });
		}
	}
	return rules;
}

export interface SiteOptions {
	/** The built site. */
	folder: string;
	/** Below which path it lies, such as `/headroom`; '' for the root. */
	base: string;
	/** Without the headers of its `_headers` file, as hosts that do not read it. */
	plain: boolean;
}

/** Serves the built site as a static host does: its own 404 page, and the headers of its `_headers` file. */
export function site({ folder, base, plain }: SiteOptions) {
	const rules = plain ? [] : parseHeaders(readFileSync(join(folder, '_headers'), 'utf8'));
	const missing = readFileSync(join(folder, '404.html'));
	const setHeaders = (response: ServerResponse, pathname: string) => {
		response.setHeader('cache-control', 'no-cache');
		for (const { matches, headers } of rules)
			if (matches.test(pathname))
				for (const [name, value] of headers)
					// Several policies bind together, as where a host sends each in a header of its own.
					if (name.toLowerCase() === 'content-security-policy' && response.hasHeader(name))
						response.setHeader(name, [String(response.getHeader(name)), value]);
					else response.setHeader(name, value);
	};
	const files = sirv(folder, {
		etag: true,
		setHeaders,
		onNoMatch: (request, response) => {
			setHeaders(response, '/404');
			response.writeHead(404, { 'content-type': 'text/html;charset=utf-8' });
			response.end(request.method === 'HEAD' ? undefined : missing);
		}
	});
	return (request: IncomingMessage, response: ServerResponse) => {
		if (request.method !== 'GET' && request.method !== 'HEAD') {
			response.writeHead(405, { allow: 'GET, HEAD' }).end();
			return;
		}
		const [path = '/', query] = (request.url ?? '/').split(/\?(.*)/s);
		if (path === base && base !== '') {
			const location = `${base}/${query === undefined ? '' : `?${query}`}`;
			response.writeHead(302, { location }).end();
			return;
		}
		if (!path.startsWith(`${base}/`)) {
			response.writeHead(404, { 'content-type': 'text/plain' }).end(`The site is at ${base}/.\n`);
			return;
		}
		request.url = (request.url ?? '').slice(base.length);
		files(request, response);
	};
}
