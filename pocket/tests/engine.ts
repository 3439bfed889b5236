import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import ts from 'typescript';
import { chromiumArgs } from '../../scripts/browsers.mjs';
import type { VariantName } from '../model/architecture.ts';
import type { Calls, LoadOptions } from './protocol.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const webllm = dirname(createRequire(import.meta.url).resolve('@mlc-ai/web-llm'));

const TYPES: Record<string, string> = {
	'.js': 'text/javascript',
	'.wasm': 'application/wasm',
	'.json': 'application/json',
	'.html': 'text/html'
};
const PAGE = `<!doctype html><link rel="icon" href="data:,"><title>pocket</title><script type="module">
const worker = new Worker('/worker.js', { type: 'module' });
const waiting = new Map();
let last = 0;
worker.onmessage = ({ data }) => {
	waiting.get(data.id)(data);
	waiting.delete(data.id);
};
worker.onerror = (e) => { for (const answer of waiting.values()) answer({ error: e.message }); };
window.call = (name, args) => new Promise((resolve) => {
	waiting.set(++last, resolve);
	worker.postMessage({ id: last, name, args });
});
</script>`;

/** Where the build writes. */
export const site = join(root, 'static/pocket');

interface Description {
	hash: string;
	contextWindow: number;
	variants: {
		quantization: VariantName;
		model: string;
		library: string;
		downloadBytes: number;
		declaredBytes: number;
	}[];
}
/** What the build says of the files it wrote last. */
export function built(): Description {
	return JSON.parse(
		readFileSync(join(root, 'packages/plan/src/models/generated/pocket.json'), 'utf8')
	) as Description;
}

export type Engine = Omit<Calls, 'load'> & {
	/** Loads a variant, at the library's own context window unless told otherwise. */
	load(options: Pick<LoadOptions, 'variant'> & Partial<LoadOptions>): Promise<void>;
	/** Ends the worker as a closed tab does, and starts another one on the same storage. */
	restart(): Promise<void>;
	close(): Promise<void>;
};

/**
 * A Chromium with the engine in a worker, and a server with the built files; `executable` from scripts/browsers.mjs.
 * `libraries`: served beside those that were built, by name.
 */
export async function startEngine(
	executable: string,
	libraries: Readonly<Record<string, Buffer>> = {}
): Promise<Engine> {
	const transpiled = (file: string) =>
		ts.transpileModule(readFileSync(file, 'utf8'), {
			compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 }
		}).outputText;
	const worker = transpiled(join(here, 'engine.worker.ts'));
	const server = createServer((request, response) => {
		const path = new URL(request.url ?? '/', 'http://localhost').pathname;
		const send = (type: string, body: string | Buffer) =>
			response.writeHead(200, { 'content-type': type }).end(body);
		try {
			const library = libraries[/\/pocket-([^/]+)\.wasm$/.exec(path)?.[1] ?? ''];
			if (library) send('application/wasm', library);
			else if (path === '/') send('text/html', PAGE);
			else if (path === '/worker.js') send('text/javascript', worker);
			// What the worker imports of the site, above its own folder.
			else if (path.endsWith('.ts')) send('text/javascript', transpiled(join(root, path)));
			else {
				const file = path.startsWith('/web-llm/')
					? join(webllm, path.slice('/web-llm/'.length))
					: join(root, 'static', path);
				send(TYPES[extname(path)] ?? 'application/octet-stream', readFileSync(file));
			}
		} catch {
			response.writeHead(404).end();
		}
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const browser = await chromium.launch({
		executablePath: executable,
		args: chromiumArgs
	});
	const close = async () => {
		await browser.close();
		await new Promise((resolve) => server.close(resolve));
	};
	try {
		const page = await browser.newPage();
		if (process.env.POCKET_VERBOSE) page.on('console', (m) => console.log(m.text()));
		await page.goto(origin);
		// Errors come as text and are thrown here, where their stack means something.
		const call = async (name: string, ...args: unknown[]): Promise<unknown> => {
			const { value, error } = await page.evaluate(
				([n, a]) =>
					(
						window as unknown as {
							call(name: string, args: unknown[]): Promise<{ value?: unknown; error?: string }>;
						}
					).call(n, a),
				[name, args] as const
			);
			if (error !== undefined) throw new Error(error);
			return value;
		};
		const base = `${origin}/pocket/${built().hash}`;
		const handlers: ProxyHandler<object> = {
			get: (_, name: string) => {
				if (name === 'then') return undefined;
				if (name === 'close') return close;
				if (name === 'restart') return () => page.goto(origin);
				if (name === 'load')
					return (options: Partial<LoadOptions>) =>
						call('load', {
							...{ base, contextWindow: built().contextWindow, capture: false },
							...options
						});
				return (...args: unknown[]) => call(name, ...args);
			}
		};
		return new Proxy({}, handlers) as Engine;
	} catch (error) {
		await close();
		throw error;
	}
}
