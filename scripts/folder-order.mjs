import { posix, relative } from 'node:path';

/** The folders of the product, lowest first: a file imports from its own folder and from those before it. */
export const ORDER = [
	'packages/plan/src',
	'src/lib/rpc',
	'src/lib/kit',
	'src/lib/network',
	'src/lib/files',
	'src/lib/tokens',
	'src/lib/engine',
	'src/lib/remote',
	'src/lib/runner',
	'src/lib/statistics',
	'src/lib/quality',
	'src/lib/ui',
	'src/lib/markdown',
	'src/lib/chat',
	'src/lib/settings',
	'src/lib/app',
	'src/lib/api',
	'src/lib/disk',
	'src/lib/panel',
	'src/lib/models-table',
	'src/lib/advise',
	'src/lib/measure',
	'src/lib/compare',
	'src/lib/adapt',
	'src/lib/help',
	'src/lib/welcome',
	'src/routes'
];
const APP = 'src/lib/app';
const TEST = /\.(?:test|fixture)\.(?:ts|svelte)$/;

/** @param {string} path */
const rankOf = (path) => ORDER.findIndex((folder) => path.startsWith(`${folder}/`));

/**
 * Why the file may not import this, or null. Paths are relative to the project's root. Components take the app from
 * their context and may know its type; tests and test data stand outside.
 * @param {string} file
 * @param {string} specifier
 * @returns {string | null}
 */
export function outOfOrder(file, specifier) {
	if (TEST.test(file)) return null;
	const own = rankOf(file);
	if (own === -1) return null;
	const path = pathOf(file, specifier);
	if (path === null) return null;
	const folder = ORDER[own];
	const imported = rankOf(path);
	if (imported === -1)
		return file.startsWith('packages/')
			? `${folder} stands alone and may not import ${path}.`
			: null;
	if (imported <= own) return null;
	if (ORDER[imported] === APP && file.endsWith('.svelte')) return null;
	return `${folder} comes before ${ORDER[imported]} and may not import from it.`;
}

/**
 * @param {string} file
 * @param {string} specifier
 */
function pathOf(file, specifier) {
	if (specifier.startsWith('#plan/'))
		return `packages/plan/src/${specifier.slice('#plan/'.length)}`;
	if (specifier.startsWith('$lib/')) return `src/lib/${specifier.slice('$lib/'.length)}`;
	return specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : null;
}

/** @type {import('eslint').Rule.RuleModule} */
export const folderOrder = {
	meta: { type: 'problem', schema: [] },
	create(context) {
		const file = relative(context.cwd, context.filename).replaceAll('\\', '/');
		/** @param {{ source?: import('estree').Node | null | undefined }} node */
		const check = ({ source }) => {
			if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
			const message = outOfOrder(file, source.value);
			if (message !== null) context.report({ node: source, message });
		};
		return {
			ImportDeclaration: check,
			ExportNamedDeclaration: check,
			ExportAllDeclaration: check,
			ImportExpression: check
		};
	}
};
