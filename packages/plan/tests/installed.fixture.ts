import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const home = join(import.meta.dirname, '..');
const readme = readFileSync(join(home, 'README.md'), 'utf8');

/** The README's blocks of code in `language`. */
export const examples = (language: string): string[] =>
	[...readme.matchAll(/^```(\w+)\n(.*?)^```/gms)].flatMap(([, of, text]) =>
		of === language && text !== undefined ? [text] : []
	);

const npm = (args: readonly string[], cwd: string) =>
	execFileSync('npm', [...args, '--offline', '--no-audit', '--no-fund'], {
		cwd,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'pipe']
	});

/** Packs the package and installs it into an empty project outside this one; returns that project's folder. */
export function installed(): string {
	const folder = mkdtempSync(join(tmpdir(), 'headroom-plan-'));
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
	return folder;
}
