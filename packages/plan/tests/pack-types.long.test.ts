import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examples, installed } from './installed.fixture.ts';

const require = createRequire(import.meta.url);
let folder = '';

beforeAll(() => {
	folder = installed();
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('its types hold in a strict project', () => {
	writeFileSync(
		join(folder, 'tsconfig.json'),
		JSON.stringify({
			compilerOptions: {
				strict: true,
				module: 'nodenext',
				target: 'es2023',
				lib: ['es2023', 'dom'],
				types: [],
				skipDefaultLibCheck: true,
				noEmit: true
			},
			include: ['*.ts']
		})
	);
	examples('ts').forEach((text, n) => writeFileSync(join(folder, `typed-${n}.ts`), text));
	writeFileSync(
		join(folder, 'uses.ts'),
		`import { understand, families, type Family } from '@headroom/plan';
		const all: readonly Family[] = families;
		export const kind: 'variant' | 'unknown' | 'ambiguous' = understand('x', all).kind;
		// @ts-expect-error a window is a number of tokens
		export const wrong: string = all.length;`
	);
	const tsc = require.resolve('typescript/bin/tsc');
	const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
	expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
}, 120_000);
