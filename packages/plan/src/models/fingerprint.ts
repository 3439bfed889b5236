import type { WasmImport } from './wasm.ts';

/**
 * Tells kinds of libraries apart: 16 hex digits from the keys of the metadata, the library's functions, its batch and its
 * imports, in any order. No other size enters it: models of one compiler differ in those.
 */
export function fingerprintOf(
	keys: readonly string[],
	functions: readonly string[],
	batch: number | null,
	imports: readonly WasmImport[] | null
): string {
	const names = imports?.map(({ module, name, kind }) => `${module}.${name} ${kind}`);
	const parts = [[...keys].sort(), [...functions].sort(), batch, names?.sort() ?? null];
	return fnv1a(JSON.stringify(parts));
}

/** FNV-1a with 64 bits, of the text's UTF-8. */
function fnv1a(text: string): string {
	let hash = 0xcbf29ce484222325n;
	for (const byte of new TextEncoder().encode(text))
		hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
	return hash.toString(16).padStart(16, '0');
}
