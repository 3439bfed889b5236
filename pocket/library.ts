/** Compiles the model library of a variant: the AssemblyScript runtime with the WGSL kernels and metadata in it. */
import { createHash } from 'node:crypto';
import {
	existsSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	renameSync,
	writeFileSync
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Architecture, type VariantName, variants } from './model/architecture.ts';
import {
	floatBytes,
	libraryMetadata,
	temporaryBytes,
	TURNS_STEP,
	turns
} from './model/metadata.ts';

const here = dirname(fileURLToPath(import.meta.url));
const cache = join(here, '../.cache/pocket');

export interface Kernel {
	name: string;
	wgsl: string;
	/** Its entry in the function map that tvmjs launches it by (ABI.md, 8). */
	info: { name: string; arg_types: string[]; launch_param_tags: string[] };
}

/** Shared by all kernels. F is what a variant stores; sums, logits and sampling are f32 everywhere. */
function prelude(a: Architecture, name: VariantName): string {
	const { float } = variants[name];
	const constants = {
		HIDDEN: a.hidden,
		INTERMEDIATE: a.intermediate,
		VOCAB: a.vocab,
		HEADS: a.heads,
		KV_HEADS: a.kvHeads,
		HEAD_DIM: a.headDim,
		GROUP: a.group,
		TURNS_STEP
	};
	return [
		...(float === 'f16' ? ['enable f16;'] : []),
		`alias F = ${float};`,
		...Object.entries(constants).map(([key, value]) => `const ${key} = ${value}u;`),
		`const RMS_EPS = ${a.rmsEps.toFixed(10)};`,
		'const LOWEST = -3.0e38;',
		// A grid too wide for one dimension arrives folded into z (ABI.md, 8).
		'fn block(id: vec3u, grid: vec3u) -> u32 { return id.z * grid.x + id.x; }',
		''
	].join('\n');
}

const read = (file: string) => readFileSync(join(here, 'kernels', file), 'utf8');
const POD_TYPES: Record<string, string> = { u32: 'uint32', i32: 'int32', f32: 'float32' };

/**
 * Completes a kernel. `#each` lines are repeated for every four elements of a head; `#name` lines become parts/name.wgsl, in the form for this variant's weights (`#weights`, `#dots`,
 * `#lookup`) or for `rows` rows at once (`#rows`); every buffer gets its binding in order of appearance, the uniform
 * the last. The function map entry follows from the declarations.
 */
function complete(file: string, a: Architecture, name: VariantName, rows: 1 | 4): Kernel {
	const form = (part: string) =>
		part === 'normed' ? '' : part === 'rows' ? `.${rows}` : `.${variants[name].weights}`;
	const include = (text: string): string =>
		text.replace(/^#(?!each)(\w+).*$/gm, (_, part: string) =>
			include(read(`parts/${part}${form(part)}.wgsl`))
		);
	const suffix = rows > 1 ? `_${rows}` : '';
	const quads = Array.from({ length: a.headDim / 4 }, (_, i) => String(i));
	const body = include(read(file))
		.replace(/^ *#each (.*)$/gm, (_, line: string) =>
			quads.map((i) => `  ${line.replaceAll('$i', i)}`).join('\n')
		)
		.replace(/\s*\/\/.*$/gm, '')
		.replace(/(@compute[^{]*?fn \w+)/s, `$1${suffix}`);
	const entry = /@compute[^{]*?fn (\w+)/s.exec(body)?.[1];
	const pod = /struct Pod \{(.*?)\}/s.exec(body)?.[1];
	if (!entry || pod === undefined)
		throw new Error(`${file} has no compute entry point or no struct Pod`);
	const access: (0 | 1)[] = [];
	const bound = body.replace(/^var<storage, (read|read_write)>/gm, (declaration, mode) => {
		access.push(mode === 'read' ? 0 : 1);
		return `@group(0) @binding(${access.length - 1}) ${declaration}`;
	});
	const wgsl = `${prelude(a, name)}@group(0) @binding(${access.length}) var<uniform> pod: Pod;\n${bound}`;
	const pods = [...pod.matchAll(/\w+: (u32|i32|f32)/g)].map(([, type]) => POD_TYPES[type!]!);
	pods.pop(); // `grid`, which tvmjs fills in
	return {
		name: entry,
		wgsl: wgsl.replace(/\n{2,}/g, '\n'),
		info: {
			name: entry,
			arg_types: [...access.map(() => 'handle'), ...pods],
			launch_param_tags: ['blockIdx.x', 'blockIdx.y', `paramWriteAccess:${JSON.stringify(access)}`]
		}
	};
}

/** These exist twice, for one row (decoding) and, with the suffix _4, for four rows at once (prompts). */
const BY_ROWS = ['project_qkv.wgsl', 'gate_up.wgsl', 'add_linear.wgsl'];

/** The kernels of a variant, by name. */
export function kernels(a: Architecture, name: VariantName): Kernel[] {
	return readdirSync(join(here, 'kernels'))
		.filter((file) => file.endsWith('.wgsl'))
		.sort()
		.flatMap((file) =>
			(BY_ROWS.includes(file) ? ([1, 4] as const) : ([1] as const)).map((rows) =>
				complete(file, a, name, rows)
			)
		);
}

/**
 * GPU buffers that a library for tests allocates with its first token and keeps, as MLC's libraries do for sampling:
 * `factor` buffers of `batch` rows of f32, one per entry of the vocabulary. Its metadata do not mention them.
 */
export interface HiddenSampling {
	factor: number;
	batch: number;
}

/** Bytes of one of these buffers: whole pages of 4096 bytes, as TVM allocates. */
export const samplingBufferBytes = (a: Architecture, { batch }: HiddenSampling): number =>
	Math.ceil((batch * a.vocab * 4) / 4096) * 4096;

/** u64, little endian, one character per byte. */
function lengthPrefix(length: number): string {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64LE(BigInt(length));
	return bytes.toString('latin1');
}

function ascii(text: string): string {
	if (/[^\x20-\x7e\n\t]/.test(text))
		throw new Error('tvmjs reads one character per byte: embedded text must be ASCII');
	return text;
}

/** The AssemblyScript modules `./generated/*` that the runtime imports, by file name. */
function generatedModules(
	a: Architecture,
	name: VariantName,
	sampling: HiddenSampling | null
): Map<string, string> {
	const variant = variants[name];
	const list = kernels(a, name);
	let text = '';
	const put = (s: string): [at: number, size: number] => {
		const at = text.length;
		text += s;
		return [at, s.length];
	};
	const rows = list.map((k) => {
		const name = put(k.name);
		// As TVM writes a text: whoever reads the file finds each shader behind its length.
		put(lengthPrefix(k.wgsl.length));
		return [...name, ...put(ascii(k.wgsl))];
	});
	const [fmapAt, fmapSize] = put(
		ascii(JSON.stringify(Object.fromEntries(list.map((k) => [k.name, k.info]))))
	);
	const [metadataAt, metadataSize] = put(ascii(JSON.stringify(libraryMetadata(a, name))));
	put('\0'); // the metadata can be read from the file as a C string
	const constants = {
		HIDDEN: a.hidden,
		INTERMEDIATE: a.intermediate,
		LAYERS: a.layers,
		HEADS: a.heads,
		KV_HEADS: a.kvHeads,
		HEAD_DIM: a.headDim,
		VOCAB: a.vocab,
		ROPE_THETA: a.ropeTheta.toFixed(1),
		MAX_POSITIONS: a.contextWindow,
		CHUNK: a.prefillChunk,
		FLOAT_BYTES: floatBytes(variant),
		WEIGHT_TENSORS: variant.weights === 'q4' ? 2 : 1,
		TURNS_STEP,
		TURNS: turns(a),
		SMALLEST_TEMPORARY: temporaryBytes(a, 0),
		SAMPLING_BUFFERS: sampling?.factor ?? 0,
		SAMPLING_BYTES: sampling ? samplingBufferBytes(a, sampling) : 0
	};
	return new Map([
		[
			'generated/config.ts',
			Object.entries(constants)
				.map(([key, value]) => `export const ${key} = ${value};\n`)
				.join('')
		],
		[
			'generated/kernels.ts',
			`export const enum K { ${list.map((k) => k.name).join(', ')} }
export const KERNELS = ${list.length};
export const TEXT = memory.data<u8>([${[...Buffer.from(text, 'latin1')].join()}]);
/** Per kernel: where in TEXT its name and its WGSL lie, each [at, size]. */
export const TABLE = memory.data<u32>([${rows.flat().join()}]);
export const FMAP: usize = TEXT + ${fmapAt}, FMAP_SIZE = ${fmapSize};
export const METADATA: usize = TEXT + ${metadataAt}, METADATA_SIZE = ${metadataSize};
`
		]
	]);
}

const OPTIONS = [
	...['--baseDir', '.', '--outFile', 'library.wasm'],
	...['--runtime', 'minimal'],
	...['--exportStart', '_initialize'],
	...['--memoryBase', '2048'], // tvmjs writes to [16, 24)
	...['--optimizeLevel', '3', '--shrinkLevel', '1', '--noAssert'],
	...['--use', 'abort=index/abort']
];

/** What the kernels take for granted about the sizes. */
function requireSizes(a: Architecture) {
	const rules: Record<string, boolean> = {
		'hidden and intermediate are multiples of the group':
			a.hidden % a.group === 0 && a.intermediate % a.group === 0 && a.group % 8 === 0,
		'heads are multiples of the group together': (a.heads * a.headDim) % a.group === 0,
		'headDim is a multiple of 4': a.headDim % 4 === 0,
		'heads is a multiple of kvHeads': a.heads % a.kvHeads === 0,
		'vocab is a multiple of 4': a.vocab % 4 === 0,
		'prefillChunk is a multiple of 4': a.prefillChunk % 4 === 0
	};
	for (const [rule, holds] of Object.entries(rules))
		if (!holds) throw new Error(`The kernels need it so: ${rule}. Found ${JSON.stringify(a)}`);
}

/**
 * The library of a variant. The result is kept in .cache/pocket under the hash of all that went into it. `sampling` is
 * for tests only: the build never passes it.
 */
export async function buildLibrary(
	a: Architecture,
	name: VariantName,
	sampling: HiddenSampling | null = null
): Promise<Buffer> {
	requireSizes(a);
	// A machine that only measures what was built has no compiler.
	const { default: asc } = await import('assemblyscript/asc');
	const modules = generatedModules(a, name, sampling);
	for (const file of readdirSync(join(here, 'runtime'))
		.filter((f) => f.endsWith('.ts'))
		.sort())
		modules.set(file, readFileSync(join(here, 'runtime', file), 'utf8'));
	const digest = createHash('sha256').update(JSON.stringify([asc.version, OPTIONS, [...modules]]));
	const cached = join(cache, `${digest.digest('hex')}.wasm`);
	if (!sampling && existsSync(cached)) return readFileSync(cached);

	let library: Uint8Array | undefined;
	let said = '';
	const { error } = await asc.main(['index.ts', ...OPTIONS], {
		readFile: (file) => modules.get(file.replaceAll('\\', '/')) ?? null,
		writeFile: (_, contents) => {
			if (typeof contents !== 'string') library = contents;
		},
		listFiles: () => [],
		stderr: { write: (text) => (said += String(text)) }
	});
	if (error || !library) throw new Error(`The library of ${name} does not compile:\n${said}`);
	// What is drawn for one run is not built again.
	if (sampling) return Buffer.from(library);
	mkdirSync(cache, { recursive: true });
	writeFileSync(`${cached}.${process.pid}`, library);
	renameSync(`${cached}.${process.pid}`, cached); // whole or absent, also when two builds run at once
	return Buffer.from(library);
}
