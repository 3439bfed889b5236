import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const require = createRequire(import.meta.url);
const home = join(import.meta.dirname, '..');
const readme = readFileSync(join(home, 'README.md'), 'utf8');
const examples = (language: string): string[] =>
	[...readme.matchAll(/^```(\w+)\n(.*?)^```/gms)].flatMap(([, of, text]) =>
		of === language && text !== undefined ? [text] : []
	);

/** An empty project outside this one, into which the packed file is installed. */
let folder = '';
const npm = (args: readonly string[], cwd: string) =>
	execFileSync('npm', [...args, '--offline', '--no-audit', '--no-fund'], {
		cwd,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'pipe']
	});
const node = (file: string) =>
	spawnSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' });

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'headroom-plan-'));
	writeFileSync(join(folder, 'package.json'), '{"type":"module","private":true}');
	// What `prepack` does, which npm leaves out where it is told to run no scripts.
	execFileSync(process.execPath, ['build.mjs'], { cwd: home });
	const packed = npm(['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], home)
		.trim()
		.split('\n');
	// The one dependency from here: a test reaches no registry.
	const valibot = join(home, '../../node_modules/valibot');
	const [dependency] = npm(['pack', valibot, '--silent', '--ignore-scripts'], folder)
		.trim()
		.split('\n');
	npm(['install', `./${packed.at(-1)}`, `./${dependency}`], folder);
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('an empty project installs what is packed, and the examples of its README run there', () => {
	const scripts = examples('js');
	expect(scripts.length).toBeGreaterThan(1);
	const said = scripts.map((text, n) => {
		writeFileSync(join(folder, `example-${n}.js`), text);
		const { status, stdout, stderr } = node(`example-${n}.js`);
		// No warning either, as Node 20 has for JSON modules.
		expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
		return stdout;
	});
	expect(said[0]).toMatch(/^fits \d+ \d+\n$/);
	expect(said[1]).toContain('best trade between answers and speed');
});

test('its commands run there as the README has them, without colours', () => {
	const lines = examples('sh').flatMap((text) => text.trim().split('\n'));
	expect(lines.length).toBeGreaterThan(3);
	for (const line of lines) {
		const [command = '', ...args] = line.split(' ');
		const bin = join(folder, 'node_modules/.bin', command);
		const { status, stdout, stderr } = spawnSync(bin, args, { cwd: folder, encoding: 'utf8' });
		expect({ line, status, stderr }).toEqual({ line, status: 0, stderr: '' });
		expect(stdout).not.toContain('\u001b');
		if (args.includes('--json')) expect(JSON.parse(stdout)).toMatchObject({ verdict: 'fits' });
	}
	const bin = join(folder, 'node_modules/.bin/headroom');
	expect(spawnSync(bin, ['plan', 'nothing'], { cwd: folder }).status).toBe(2);
	const blocked = ['plan', 'Llama-3.1-70B-Instruct', '--vram', '4GiB'];
	expect(spawnSync(bin, blocked, { cwd: folder }).status).toBe(1);
	expect(spawnSync(bin, ['--version'], { cwd: folder, encoding: 'utf8' }).stdout).toMatch(
		/^WebLLM \d+\.\d+\.\d+, /
	);
});

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
