import type { PipelineSpec } from '../../files/records.ts';

type Layout = PipelineSpec['layouts'][number];

const COMPUTE = new TextEncoder().encode('@compute');
/** A shader of MLC's libraries has some thousand characters. */
const MAX_CHARS = 2 ** 20;
const MAX_SHADERS = 2_000;

const ENTRY = /@compute\s+@workgroup_size\([^)]*\)\s*fn\s+(\w+)/;
const BINDING =
	/@group\((\d+)\)\s*@binding\((\d+)\)\s*var<\s*(storage\s*,\s*read_write|storage\s*,\s*read|uniform)\s*>/g;
const COMPUTE_STAGE = 4;

/**
 * The compute pipelines of a library that the engine will ask for, read from the file: TVM's module of a device is
 * written as a map of names to WGSL, each text behind its length (u64, little endian). Text that is not found, or not
 * understood, is left out: the engine compiles that itself.
 */
export function shadersIn(library: Uint8Array): PipelineSpec[] {
	const found = new Map<string, PipelineSpec>();
	let at = indexOf(library, COMPUTE, 0);
	while (at >= 0 && found.size < MAX_SHADERS) {
		const text = textAround(library, at);
		const spec = text && specOf(new TextDecoder().decode(text));
		if (spec) found.set(spec.entryPoint, spec);
		at = indexOf(
			library,
			COMPUTE,
			text ? text.byteOffset - library.byteOffset + text.length : at + 1
		);
	}
	return [...found.values()];
}

/** Lengths are far below 2^56, so that the byte in front of a text is zero, and the text itself has none. */
function textAround(library: Uint8Array, at: number): Uint8Array | null {
	const start = library.lastIndexOf(0, at) + 1;
	if (start < 8 || at - start > MAX_CHARS) return null;
	const view = new DataView(library.buffer, library.byteOffset + start - 8, 8);
	const length = Number(view.getBigUint64(0, true));
	const end = start + length;
	if (length > MAX_CHARS || end <= at || end > library.length) return null;
	const text = library.subarray(start, end);
	return text.includes(0) ? null : text;
}

/** As the engine asks for it: one group, its storage bindings in order, then the uniform one. */
function specOf(code: string): PipelineSpec | null {
	const entryPoint = ENTRY.exec(code)?.[1];
	if (entryPoint === undefined) return null;
	const layout: Layout = [];
	for (const [, group, binding, kind = ''] of code.matchAll(BINDING)) {
		if (group !== '0') return null;
		layout.push({
			binding: Number(binding),
			visibility: COMPUTE_STAGE,
			type:
				kind === 'uniform' ? 'uniform' : kind.endsWith('write') ? 'storage' : 'read-only-storage'
		});
	}
	layout.sort((a, b) => a.binding - b.binding);
	return layout.every(({ binding }, index) => binding === index) && layout.length > 0
		? { code, entryPoint, layouts: [layout] }
		: null;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
	const [first = 0] = wanted;
	for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1))
		if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
	return -1;
}
