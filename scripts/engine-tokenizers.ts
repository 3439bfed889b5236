import type { Plugin } from 'vite';

/**
 * The engine holds the WebAssembly of its tokenizers as a text of 4.7 MB, which it turns into bytes when a model is
 * loaded: a tenth of a second, once per worker. With this export a worker can have done so before it is asked for a
 * model. Nothing else is changed.
 */
export const tokenizersOfEngine = {
	name: 'tokenizers-of-engine',
	transform(code: string, id: string) {
		if (!id.endsWith('/@mlc-ai/web-llm/lib/index.js')) return null;
		const [, ...found] = code.split('\nvar libExports = requireLib();\n');
		if (found.length !== 1 || !code.includes('libExports.Tokenizer.fromJSON(model)'))
			throw new Error('The engine no longer keeps its tokenizers where they were.');
		return { code: `${code}\nexport { libExports as tokenizers };\n`, map: null };
	}
} satisfies Plugin;
