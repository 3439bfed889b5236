import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import { defineConfig, globalIgnores } from 'eslint/config';
import ts from 'typescript-eslint';
import { folderOrder } from './scripts/folder-order.mjs';
import svelteConfig from './svelte.config.js';

// The cache compares configurations as text, and functions have none.
const plainSvelteConfig = JSON.parse(JSON.stringify(svelteConfig));

export default defineConfig(
	globalIgnores([
		'.cache/',
		'.gpu/',
		'build/',
		'.svelte-kit/',
		'node_modules/',
		'test-results/',
		'playwright-report/',
		'static/pocket/',
		'pocket/dist/',
		'packages/plan/dist/',
		'static/headroom.d.ts', // made by scripts/api-types.ts, which asks the compiler about it
		'pocket/runtime/' // AssemblyScript: its own compiler checks it
	]),
	js.configs.recommended,
	ts.configs.recommended, // what needs types is checked by scripts/lint-types.mjs
	svelte.configs.recommended,
	{
		plugins: { headroom: { rules: { 'folder-order': folderOrder } } },
		rules: {
			'headroom/folder-order': 'error',
			'no-undef': 'off', // TypeScript already knows which globals exist
			'svelte/no-at-html-tags': 'error',
			'no-restricted-syntax': [
				'error',
				{
					selector: "MemberExpression[property.name='isComposing']",
					message:
						'Safari ends a composition before its last key: use composing() of ui/composing.ts.'
				}
			]
		}
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { parser: ts.parser, svelteConfig: plainSvelteConfig } }
	}
);
