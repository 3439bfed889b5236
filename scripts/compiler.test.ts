import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Compiler } from './compiler.ts';

test('a file is accepted as it is, refused without a guard that its types ask for, and accepted again', () => {
	const folder = mkdtempSync(join(tmpdir(), 'compiler-'));
	const compilerOptions = {
		strict: true,
		noUncheckedIndexedAccess: true,
		types: [],
		lib: ['ES2022']
	};
	writeFileSync(
		join(folder, 'tsconfig.json'),
		JSON.stringify({ compilerOptions, files: ['list.ts'] })
	);
	const file = join(folder, 'list.ts');
	const guarded =
		'export const first = (list: number[]) => { const [one] = list; if (one === undefined) return 0; return one.valueOf(); };';
	writeFileSync(file, guarded);
	const compiler = new Compiler(folder);
	expect(compiler.accepts(file, guarded)).toBe(true);
	expect(compiler.accepts(file, guarded.replace('if (one === undefined) return 0; ', ''))).toBe(
		false
	);
	expect(compiler.accepts(file, guarded.replace('return 0', 'return 1'))).toBe(true);
});
