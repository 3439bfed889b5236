import provided from './generated/engine-imports.json';
import type { LibraryMetadata } from './library.ts';
import type { ImportKind } from './wasm.ts';

/** What the engine provides to a library: the kind of each import, by its module and name. */
export type EngineImports = Readonly<Record<string, Readonly<Record<string, ImportKind>>>>;

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
