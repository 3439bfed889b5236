/**
 * Writes what the engine provides to the libraries it instantiates into packages/plan/src/models/generated/engine-imports.json,
 * so that a library of another generation is told before its weights are downloaded. The list is the engine's own: it
 * is made to load a model with an empty library, and the import object it passes to WebAssembly is read.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { MLCEngine } from '@mlc-ai/web-llm';
import type { EngineImports } from '../packages/plan/src/models/engine-imports.ts';
import type { ImportKind } from '../packages/plan/src/models/wasm.ts';

const EMPTY_LIBRARY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const HOST = 'https://engine.invalid/';

/** Ends the load where enough was seen. */
class Caught extends Error {}

/** The import object with which the engine instantiates a library. Throws when it never comes to that. */
async function importObject(): Promise<WebAssembly.Imports> {
	let caught: WebAssembly.Imports | undefined;
	const answer = (asked: Request | URL | string) => {
		const url = asked instanceof Request ? asked.url : String(asked);
		return Promise.resolve(new Response(url.endsWith('.wasm') ? EMPTY_LIBRARY : '{}'));
	};
	const cache = {
		match: answer,
		add: () => Promise.resolve(),
		put: () => Promise.resolve()
	};
	const location = { origin: HOST, href: HOST };
	// The engine is told that it runs in a worker: its code for Node expects another kind of module.
	const replaced = {
		location,
		self: { location },
		importScripts: () => undefined,
		process: Object.create(process, { versions: { value: {} } }) as typeof process,
		caches: { open: () => Promise.resolve(cache), has: () => Promise.resolve(true) },
		fetch: answer
	};
	const before = new Map(
		Object.keys(replaced).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)])
	);
	const { instantiate } = WebAssembly;
	for (const [name, value] of Object.entries(replaced))
		Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
	WebAssembly.instantiate = ((_: unknown, imports: WebAssembly.Imports) => {
		caught = imports;
		return Promise.reject(new Caught());
	}) as typeof instantiate;
	try {
		const record = { model: HOST, model_id: 'empty', model_lib: `${HOST}empty.wasm` };
		await new MLCEngine({ appConfig: { model_list: [record], cacheBackend: 'cache' } }).reload(
			'empty'
		);
	} catch (error) {
		if (!(error instanceof Caught)) throw error;
	} finally {
		WebAssembly.instantiate = instantiate;
		for (const [name, descriptor] of before)
			if (descriptor) Object.defineProperty(globalThis, name, descriptor);
			else Reflect.deleteProperty(globalThis, name);
	}
	if (!caught) throw new Error('The engine loaded an empty library without instantiating it.');
	return caught;
}

function kindOf(value: unknown): ImportKind | null {
	if (typeof value === 'function') return 'function';
	if (value instanceof WebAssembly.Memory) return 'memory';
	if (value instanceof WebAssembly.Table) return 'table';
	return value instanceof WebAssembly.Global ? 'global' : null;
}

/** What the engine provides: name and kind of each import, by module, in the order of the alphabet. */
export async function engineImports(): Promise<EngineImports> {
	const provided: Record<string, Record<string, ImportKind>> = {};
	for (const [module, values] of Object.entries(await importObject()).sort()) {
		const named: Record<string, ImportKind> = {};
		for (const [name, value] of Object.entries(values).sort()) {
			const kind = kindOf(value);
			if (kind) named[name] = kind;
		}
		provided[module] = named;
	}
	return provided;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
	const target = join(
		import.meta.dirname,
		'../packages/plan/src/models/generated/engine-imports.json'
	);
	const provided = await engineImports();
	mkdirSync(dirname(target), { recursive: true });
	writeFileSync(target, JSON.stringify(provided));
	const names = Object.values(provided).flatMap((module) => Object.keys(module));
	console.log(`engine: ${names.length} imports for libraries`);
}
