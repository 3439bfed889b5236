import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

const SPECIFIER = /(?:from\s+|import\s*\(\s*|import\s+)'([^']+)'/g;
const TYPES = /^(?:import|export) type[^;]*;$/gm;
const known = new Map<string, readonly string[]>();

/** The project's files that a module runs, those it loads lazily included; types leave nothing to run. Paths from the project's root. */
export function importsOf(file: string): readonly string[] {
	const before = known.get(file);
	if (before) return before;
	const found = /\.(?:ts|svelte|mjs)$/.test(file)
		? [...readFileSync(file, 'utf8').replace(TYPES, '').matchAll(SPECIFIER)].flatMap(
				([, specifier = '']) => pathOf(file, specifier.replace(/\?.*$/, '')) ?? []
			)
		: [];
	known.set(file, found);
	return found;
}

function pathOf(file: string, specifier: string): string | null {
	const path = specifier.startsWith('#plan/')
		? `packages/plan/src/${specifier.slice('#plan/'.length)}`
		: specifier.startsWith('$lib/')
			? `src/lib/${specifier.slice('$lib/'.length)}`
			: specifier.startsWith('.')
				? posix.join(posix.dirname(file), specifier)
				: null;
	return path !== null && existsSync(path) ? path : null;
}
