/** Compiles the package into dist/: ESM and declarations, its data as modules that Node and browsers read without a flag. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';

const here = import.meta.dirname;
const dist = join(here, 'dist');
const require = createRequire(import.meta.url);

rmSync(dist, { recursive: true, force: true });
const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
execFileSync(process.execPath, [compiler, '-p', join(here, 'tsconfig.json')], {
	cwd: here,
	stdio: 'inherit'
});

// Node 20 warns of every JSON module it imports.
for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
	const file = join(dist, path);
	if (path.endsWith('.json')) {
		const text = JSON.stringify(JSON.parse(readFileSync(file, 'utf8')));
		writeFileSync(file, `${text}\n`);
		writeFileSync(file.replace(/json$/, 'js'), `export default ${text};\n`);
	} else if (path.endsWith('.js')) {
		const text = readFileSync(file, 'utf8');
		const changed = text.replace(/\.json' with \{ type: 'json' \}/g, ".js'");
		if (changed !== text) writeFileSync(file, changed);
	}
}
for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' }))
	if (path.endsWith('.js') && /with \{ ?type:/.test(readFileSync(join(dist, path), 'utf8')))
		throw new Error(`${path} still imports JSON.`);

/** @type {{ version: string }} */
const { version } = JSON.parse(
	readFileSync(join(here, '../../node_modules/@mlc-ai/web-llm/package.json'), 'utf8')
);
writeFileSync(join(dist, 'webllm.json'), `${JSON.stringify({ version })}\n`);
copyFileSync(join(here, '../../static/headroom.d.ts'), join(dist, 'page.d.ts'));
