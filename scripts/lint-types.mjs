/**
 * Lint rules that need types, by oxlint: a tenth of what they cost with ESLint. It reads modules alone, so the script
 * of every component is written as a module, on the same lines; `rootDirs` lets a relative import find what lies
 * beside the component.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const FOLDER = '.cache/component-scripts';

/**
 * A component's source with everything but its scripts left blank, so that lines keep their numbers.
 * @param {string} source
 */
export function scriptsAlone(source) {
	let out = '';
	let end = 0;
	for (const { index, 0: whole, 1: body = '' } of source.matchAll(
		/<script\b[^>]*>([\s\S]*?)<\/script>/g
	)) {
		const start = index + whole.indexOf('>') + 1;
		const [, generics = ''] = /\bgenerics="([^"]*)"/.exec(source.slice(index, start)) ?? [];
		out += '\n'.repeat(source.slice(end, start).split('\n').length - 1);
		// As wide as they may be. What `$props` returns is any, which its pattern gives a type.
		out += generics.replace(/(\w+) extends ([^,]+),?/g, 'type $1 = $2;');
		out += body.replace('$props()', '($props() as never)');
		end = start + body.length;
	}
	return out;
}

/** @param {string} folder */
function writeScripts(folder) {
	rmSync(folder, { recursive: true, force: true });
	// Else oxlint leaves out what the repository's .gitignore does.
	mkdirSync(join(folder, '.git'), { recursive: true });
	for (const path of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
		if (!path.endsWith('.svelte')) continue;
		const module = join(folder, 'src', `${path}.ts`);
		mkdirSync(dirname(module), { recursive: true });
		writeFileSync(module, scriptsAlone(readFileSync(join('src', path), 'utf8')));
	}
	const up = relative(folder, '.');
	writeFileSync(
		join(folder, 'tsconfig.json'),
		JSON.stringify({
			extends: `${up}/tsconfig.json`,
			compilerOptions: { rootDirs: [up, `${up}/.svelte-kit/types`, '.'] },
			include: ['src', `${up}/.svelte-kit/*.d.ts`, `${up}/.svelte-kit/types`, `${up}/src/*.d.ts`]
		})
	);
}

/** @param {string} folder */
function lint(folder) {
	const { status } = spawnSync(
		resolve('node_modules/.bin/oxlint'),
		['--type-aware', '--config', resolve('.oxlintrc.json')],
		{ cwd: folder, stdio: 'inherit' }
	);
	return status === 0;
}

if (process.argv[1] === import.meta.filename) {
	writeScripts(FOLDER);
	const passed = [lint('.'), lint(FOLDER)].every(Boolean);
	process.exit(passed ? 0 : 1);
}
