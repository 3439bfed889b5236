import provided from './generated/engine-imports.json' with { type: 'json' };
import { count } from '../words.ts';
import type { LibraryMetadata } from './library.ts';
import type { ImportKind } from './wasm.ts';

/** What the engine provides to a library: the kind of each import, by its module and name. */
export type EngineImports = Readonly<Record<string, Readonly<Record<string, ImportKind>>>>;

/** Why a library cannot be instantiated, in a sentence; null: nothing that it imports is missing. */
export function otherEngine(library: Pick<LibraryMetadata, 'imports'>): string | null {
	const [first, ...others] = missingImports(library);
	if (first === undefined) return null;
	const more = others.length > 0 ? ` and ${count(others.length)} more` : '';
	return `Its library was built for another version of the engine: it needs ${first}${more}, which WebLLM does not provide here. It cannot be loaded.`;
}

/**
 * What a library imports and the engine does not provide, as "module.name": with any of these it cannot be
 * instantiated. Empty where its imports are not known.
 */
export function missingImports(
	{ imports }: Pick<LibraryMetadata, 'imports'>,
	engine: EngineImports = provided as EngineImports
): string[] {
	const has = (module: string, name: string) =>
		Object.hasOwn(engine, module) && Object.hasOwn(engine[module] ?? {}, name)
			? engine[module]?.[name]
			: null;
	return (imports ?? [])
		.filter(({ module, name, kind }) => has(module, name) !== kind)
		.map(({ module, name }) => `${module}.${name}`);
}
