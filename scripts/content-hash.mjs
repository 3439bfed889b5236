import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Made by the build itself, or read by tests alone. */
const LEFT_OUT = /(^|\/)(node_modules|generated|dist|__pycache__)(\/|$)|^static\/pocket(\/|$)/;
const TESTS = /\.test\.ts$|\.fixture\.ts$|^pocket\/tests(\/|$)/;

/**
 * A name for the content of files and folders, and for what else a result depends on, such as a base path.
 * @param {readonly string[]} paths relative to the project's root
 * @param {string} [and]
 * @param {{ tests?: boolean }} [options] with tests: files that only tests read count too
 * @returns {string} 16 hexadecimal digits
 */
export function contentHash(paths, and = '', { tests = false } = {}) {
	const hash = createHash('sha256').update(`${process.version}\0${and}\0`);
	for (const file of new Set(paths.flatMap(filesIn).sort())) {
		if (LEFT_OUT.test(file) || (!tests && TESTS.test(file))) continue;
		hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
	}
	return hash.digest('hex').slice(0, 16);
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesIn(path) {
	if (!existsSync(path)) return [];
	if (!statSync(path).isDirectory()) return [path];
	return readdirSync(path).flatMap((name) => {
		const inside = join(path, name);
		return LEFT_OUT.test(inside) ? [] : filesIn(inside);
	});
}
