import * as v from 'valibot';
import { tensorBytes } from './dtype.ts';
import { excerpt, FileError } from './file-error.ts';
import { fingerprintOf } from './fingerprint.ts';
import { parseShape } from './json-file.ts';
import { checkWasm, readImports, type WasmImport } from './wasm.ts';

/** What a model library says of itself; plain data. null: the library does not say. */
export interface LibraryMetadata {
	modelType: string;
	quantization: string | null;
	params: readonly LibraryParam[] | null;
	/** Bytes of temporaries of each function. */
	memoryUsage: Readonly<Record<string, number>>;
	attention: Attention | null;
	/** Tokens a prefill takes at once: fixed in the library, whatever the chat config says. */
	prefillChunkSize: number | null;
	/** Tokens; null also where the library writes -1. */
	contextWindowSize: number | null;
	slidingWindowSize: number | null;
	maxBatchSize: number | null;
	/** `kv_cache` (the default), `hybrid`, `rnn_state`, `none`. */
	kvStateKind: string;
	/** GPUs it was compiled to be spread over; then heads and parameters are those of one of them. */
	shards: number;
	/** Bytes the library declares for all it allocates on loading besides weights and KV cache. */
	workspaceBytes: number | null;
	/** It names `pipeline_parallel_stages`, whatever their number: compilers that do lay out the KV cache in less. */
	namesStages: boolean;
	/** What its module imports from the engine, from its import section; null: not known. */
	imports: readonly WasmImport[] | null;
	/** Equal for libraries of the same compiler and runtime with the same functions and batch. 16 hex digits. */
	fingerprint: string;
}

export interface LibraryParam {
	name: string;
	/** A string stands for a size that is not fixed in the library; `vocab_size` is in the chat config. */
	shape: readonly (number | string)[];
	dtype: string;
}

/** The shape of a model's attention, which sets what a token costs in the KV cache. */
export interface Attention {
	layers: number;
	queryHeads: number;
	keyValueHeads: number;
	headDim: number;
	/** Pages the KV cache keeps beside those of its tokens, where a library of our own says so; TVM's keep one. */
	pagesExtra?: number;
}

// Above these a number is no dimension or size but damage; products stay below 2^53 where it matters.
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const windowSize = v.pipe(v.number(), v.safeInteger(), v.minValue(-1));

/** Older compilers write -1 for a symbolic dimension, and only the vocabulary was ever one. */
const dimension = v.union([
	size,
	v.string(),
	v.pipe(
		v.literal(-1),
		v.transform(() => 'vocab_size')
	)
]);

const schema = v.object({
	model_type: v.pipe(v.string(), v.nonEmpty()),
	quantization: v.nullish(v.string()),
	params: v.nullish(
		v.array(
			v.object({
				name: v.string(),
				shape: v.array(dimension),
				dtype: v.string()
			})
		)
	),
	memory_usage: v.nullish(v.record(v.string(), size)),
	kv_cache: v.nullish(
		v.object({
			num_hidden_layers: v.nullish(size),
			num_attention_heads: v.nullish(size),
			num_key_value_heads: v.nullish(size),
			head_dim: v.nullish(size),
			pages_extra: v.nullish(size)
		})
	),
	prefill_chunk_size: v.nullish(windowSize),
	context_window_size: v.nullish(windowSize),
	sliding_window_size: v.nullish(windowSize),
	/** Its name in the first compilers. */
	sliding_window: v.nullish(windowSize),
	tensor_parallel_shards: v.nullish(positive),
	pipeline_parallel_stages: v.nullish(positive),
	max_batch_size: v.nullish(windowSize),
	kv_state_kind: v.nullish(v.string()),
	workspace_bytes: v.nullish(size)
});

const START = new TextEncoder().encode('{"model_type"');
const MAX_CANDIDATES = 1000;
const MAX_DEPTH = 64;
// Real metadata are some 100 KB: about ten values for each of some hundred parameters. Far more would only take long.
const MAX_BYTES = 4 * 2 ** 20;
const MAX_VALUES = 100_000;

interface Found {
	metadata: LibraryMetadata;
	/** What it was read from: with the imports it gives the same metadata again (`parseLibrary`). */
	text: string;
}

/**
 * Finds a library's metadata without running it: JSON text that starts with `{"model_type"` and ends where
 * the JSON value ends. Of several such texts the first that has the right shape and lists parameters counts;
 * if none lists parameters, the first with the right shape. Throws FileError, whatever the bytes.
 */
export function readLibraryMetadata(bytes: Uint8Array, file = 'library'): LibraryMetadata {
	return findLibraryMetadata(bytes, file).metadata;
}

/** The same, with its text. */
export function findLibraryMetadata(bytes: Uint8Array, file = 'library'): Found {
	const imports = readImports(bytes);
	let withoutParams: Found | null = null;
	let problem: FileError | null = null;
	// Bytes and values that are walked in all: texts within texts would otherwise be walked again and again.
	let effort = 2 * bytes.length;
	let values = MAX_VALUES;
	let at = indexOf(bytes, START, 0);
	for (let n = 0; at >= 0 && n < MAX_CANDIDATES && effort > 0 && values > 0; n++) {
		const span = jsonSpan(bytes, at, Math.min(effort, MAX_BYTES), values);
		effort -= span.end - at;
		values -= span.values;
		let next = at + START.length;
		if (span.kind === 'whole') {
			try {
				const text = decode(bytes.subarray(at, span.end));
				const metadata = parseLibrary(text, imports, file);
				if (metadata.params) return { metadata, text };
				withoutParams ??= { metadata, text };
				// A good one is skipped whole: what it quotes is not another one.
				next = span.end;
			} catch (error) {
				if (!(error instanceof FileError)) throw error;
				problem ??= error;
			}
		} else problem ??= brokenSpan(bytes, at, span, file);
		at = indexOf(bytes, START, next);
	}
	if (withoutParams) return withoutParams;
	if (problem) throw problem;
	checkWasm(bytes, file);
	throw new FileError(
		'no-metadata',
		file,
		'JSON metadata starting with {"model_type"',
		`${bytes.length} bytes of WebAssembly without it`
	);
}

function brokenSpan(bytes: Uint8Array, at: number, span: Span, file: string): FileError {
	const start = excerpt(decode(bytes.subarray(at, span.end)));
	return span.kind === 'too-large'
		? new FileError(
				'wrong-shape',
				file,
				`metadata of at most ${MAX_BYTES} bytes and ${MAX_VALUES} values`,
				`more of them: ${start}`
			)
		: new FileError(
				'truncated',
				file,
				'metadata as one JSON value',
				`text that breaks off after ${span.end - at} bytes: ${start}`
			);
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Metadata from their JSON text and the imports of the module that carried it. Throws FileError. */
export function parseLibrary(
	json: string,
	imports: readonly WasmImport[] | null,
	file = 'library'
): LibraryMetadata {
	let value: unknown;
	try {
		value = JSON.parse(json);
	} catch {
		throw new FileError('not-json', file, 'metadata as JSON', `broken JSON: ${excerpt(json)}`);
	}
	const raw = parseShape(file, schema, value);
	const kv = raw.kv_cache;
	return {
		modelType: raw.model_type,
		quantization: raw.quantization ?? null,
		params: raw.params?.length ? raw.params : null,
		memoryUsage: raw.memory_usage ?? {},
		attention:
			kv?.num_hidden_layers && kv.num_attention_heads && kv.num_key_value_heads && kv.head_dim
				? {
						layers: kv.num_hidden_layers,
						queryHeads: kv.num_attention_heads,
						keyValueHeads: kv.num_key_value_heads,
						headDim: kv.head_dim,
						...(typeof kv.pages_extra === 'number' && { pagesExtra: kv.pages_extra })
					}
				: null,
		prefillChunkSize: positiveOrNull(raw.prefill_chunk_size),
		contextWindowSize: positiveOrNull(raw.context_window_size),
		slidingWindowSize: positiveOrNull(raw.sliding_window_size ?? raw.sliding_window),
		maxBatchSize: positiveOrNull(raw.max_batch_size),
		kvStateKind: raw.kv_state_kind ?? 'kv_cache',
		shards: (raw.tensor_parallel_shards ?? 1) * (raw.pipeline_parallel_stages ?? 1),
		workspaceBytes: raw.workspace_bytes ?? null,
		namesStages: typeof raw.pipeline_parallel_stages === 'number',
		imports,
		fingerprint: fingerprintOf(
			Object.keys(value as object),
			Object.keys(raw.memory_usage ?? {}),
			raw.max_batch_size ?? null,
			imports
		)
	};
}

/**
 * The import by which runtimes that sample on the GPU are told from older ones, which carry the same functions and
 * sample on the CPU. null: the imports are not known.
 */
export const importsSafeCall = ({ imports }: LibraryMetadata): boolean | null =>
	imports && imports.some(({ name }) => name === 'TVMFFIWasmSafeCall');

const positiveOrNull = (n: number | null | undefined): number | null =>
	typeof n === 'number' && n > 0 ? n : null;

/** Where `needle` starts at or after `from`, or -1. Horspool: it looks at about one byte in thirteen. */
function indexOf(bytes: Uint8Array, needle: Uint8Array, from: number): number {
	const last = needle.length - 1;
	const shift = new Uint8Array(256).fill(needle.length);
	for (let i = 0; i < last; i++) shift[needle[i] ?? 0] = last - i;
	let at = from;
	while (at + last < bytes.length) {
		let i = last;
		while (i >= 0 && bytes[at + i] === needle[i]) i--;
		if (i < 0) return at;
		at += shift[bytes[at + last] ?? 0] ?? 1;
	}
	return -1;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

interface Span {
	kind: 'whole' | 'broken' | 'too-large';
	/** Behind the last byte that was looked at: of a whole one, where it ends. */
	end: number;
	values: number;
}

/** How far the JSON object that starts at `start` goes, by its brackets and strings alone. */
function jsonSpan(bytes: Uint8Array, start: number, mostBytes: number, mostValues: number): Span {
	const limit = Math.min(bytes.length, start + mostBytes);
	let depth = 0;
	let values = 0;
	let inString = false;
	for (let i = start; i < limit; i++) {
		const byte = bytes[i] ?? 0;
		if (inString) {
			if (byte === BACKSLASH) i++;
			else if (byte === QUOTE) inString = false;
			else if (byte < 0x20) return { kind: 'broken', end: i, values };
		} else if (byte === QUOTE) inString = true;
		else if (byte === COMMA) values++;
		else if (byte === 0x7b || byte === 0x5b) {
			values++;
			if (++depth > MAX_DEPTH) return { kind: 'broken', end: i, values };
		} else if (byte === 0x7d || byte === 0x5d) {
			if (--depth === 0) return { kind: 'whole', end: i + 1, values };
		} else if (byte === 0) return { kind: 'broken', end: i, values };
		if (values > mostValues) return { kind: 'too-large', end: i, values };
	}
	return { kind: limit < bytes.length ? 'too-large' : 'broken', end: limit, values };
}

/** A parameter's bytes on the GPU; null when its shape or type cannot be resolved. */
export function paramBytes(param: LibraryParam, vocabSize: number | null): number | null {
	const shape = param.shape.map((dim) => (dim === 'vocab_size' ? vocabSize : dim));
	return shape.every((dim) => typeof dim === 'number') ? tensorBytes(shape, param.dtype) : null;
}

export const hasSymbolicVocab = (library: LibraryMetadata): boolean =>
	library.params?.some((param) => param.shape.includes('vocab_size')) ?? false;
