import { expect, it } from 'vitest';
import { missingImports, otherEngine } from './engine-imports.ts';
import type { WasmImport } from './wasm.ts';

const needs = (...names: string[]): { imports: WasmImport[] } => ({
	imports: names.map((name) => ({ module: 'env', name, kind: 'function' }))
});

it('names the first import that the engine lacks, and counts the others', () => {
	expect(otherEngine({ imports: null })).toBeNull();
	expect(otherEngine(needs())).toBeNull();
	expect(otherEngine(needs('no_such_a'))).toContain('it needs env.no_such_a, which WebLLM');
	expect(otherEngine(needs('no_such_a', 'no_such_b'))).toContain(
		'it needs env.no_such_a and 1 more, which WebLLM'
	);
	expect(otherEngine(needs('no_such_a', 'no_such_b', 'no_such_c'))).toContain('and 2 more');
});

it('takes an import of another kind, module or prototype for missing', () => {
	const engine = { env: { run: 'function' } } as const;
	expect(missingImports(needs('run'), engine)).toEqual([]);
	expect(missingImports(needs('toString'), engine)).toEqual(['env.toString']);
	const others: WasmImport[] = [
		{ module: 'env', name: 'run', kind: 'memory' },
		{ module: 'toString', name: 'run', kind: 'function' }
	];
	expect(missingImports({ imports: others }, engine)).toEqual(['env.run', 'toString.run']);
});
