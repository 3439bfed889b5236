import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tokenizersOfEngine } from './engine-tokenizers.ts';

const FILE = 'node_modules/@mlc-ai/web-llm/lib/index.js';
const transform = (code: string, id = `/site/${FILE}`) => tokenizersOfEngine.transform(code, id);

test('the engine is given one more export, and is otherwise as it was', () => {
	const engine = readFileSync(FILE, 'utf8');
	const { code } = transform(engine) ?? { code: '' };
	expect(code.startsWith(engine)).toBe(true);
	expect(code.slice(engine.length).trim()).toBe('export { libExports as tokenizers };');
});

test('an engine that keeps them elsewhere ends the build', () => {
	const use = 'libExports.Tokenizer.fromJSON(model)';
	expect(() => transform(use)).toThrow('no longer');
	expect(() => transform('\nvar libExports = requireLib();\n')).toThrow('no longer');
	expect(transform(`\nvar libExports = requireLib();\n${use}`)).not.toBeNull();
	expect(transform(use, '/site/src/other.ts')).toBeNull();
});
