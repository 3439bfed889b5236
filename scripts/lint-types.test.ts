import { readFileSync } from 'node:fs';
import ts from 'typescript-eslint';
import { describe, expect, test } from 'vitest';
import { scriptsAlone } from './lint-types.mjs';

describe('Rules that need types', () => {
	test('are those that typescript-eslint recommends, and exhaustive switches', () => {
		const { rules } = JSON.parse(readFileSync('.oxlintrc.json', 'utf8')) as { rules: object };
		const recommended = ts.configs.recommendedTypeCheckedOnly.flatMap(({ rules = {} }) =>
			Object.entries(rules).flatMap(([name, level]) =>
				name.startsWith('@') && level === 'error' ? [name] : []
			)
		);
		const asked = [...recommended, '@typescript-eslint/switch-exhaustiveness-check'];
		expect(Object.keys(rules).sort()).toEqual(
			asked.map((name) => name.replace('@typescript-eslint/', 'typescript/')).sort()
		);
	});

	test('the scripts of a component keep their lines, and nothing else is left', () => {
		const source = [
			'<script module lang="ts">',
			'	export const one = 1;',
			'</script>',
			'',
			'<script lang="ts" generics="Item extends object, Key extends string">',
			'	let { items }: { items: Item[] } = $props();',
			'</script>',
			'<p>{items.length}</p>'
		];
		expect(scriptsAlone(source.join('\n')).split('\n')).toEqual([
			'',
			'	export const one = 1;',
			'',
			'',
			'type Item = object; type Key = string;',
			'	let { items }: { items: Item[] } = ($props() as never);',
			''
		]);
	});
});
