import { expect, it } from 'vitest';
import generated from '../packages/plan/src/models/generated/engine-imports.json';
import { engineImports } from './engine-imports.ts';

const system = [
	'clock_time_get',
	'emscripten_notify_memory_growth',
	'environ_get',
	'environ_sizes_get',
	'fd_close',
	'fd_read',
	'fd_seek',
	'fd_write',
	'proc_exit'
];
const runtime = ['TVMFFIWasmFunctionDeleter', 'TVMFFIWasmSafeCall'];

it('the engine provides what it did, or the libraries that were checked may no longer load', async () => {
	const before = [globalThis.process, globalThis.fetch, WebAssembly.instantiate];
	const provided = await engineImports();
	const names = Object.fromEntries(
		Object.entries(provided).map(([module, named]) => [module, Object.keys(named)])
	);
	expect(names).toEqual({
		env: [...runtime, '__console_log', '__cxa_thread_atexit', ...system],
		wasi_snapshot_preview1: [...runtime, ...system]
	});
	expect(new Set(Object.values(provided).flatMap((named) => Object.values(named)))).toEqual(
		new Set(['function'])
	);
	expect([globalThis.process, globalThis.fetch, WebAssembly.instantiate]).toEqual(before);
	expect('caches' in globalThis).toBe(false);
});

it('the page is built with that list', async () => {
	expect(generated).toEqual(await engineImports());
});
