import * as v from 'valibot';
import { bufferBytes, elementBytes } from './dtype.ts';
import { excerpt, FileError, looksLikeHtml } from './file-error.ts';
import { parseShape } from './json-file.ts';

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
	/** Bytes the library declares for all it allocates on loading besides weights and KV cache. */
	workspaceBytes: number | null;
}

export interface LibraryParam {
	name: string;
	/** A string stands for a size that the chat config gives: `vocab_size`. */
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

const schema = v.object({
	model_type: v.pipe(v.string(), v.nonEmpty()),
	quantization: v.nullish(v.string()),
	params: v.nullish(
		v.array(
			v.object({
				name: v.string(),
				shape: v.array(v.union([size, v.string()])),
				dtype: v.string()
			})
		)
	),
	memory_usage: v.nullish(v.record(v.string(), size)),
	kv_cache: v.nullish(
		v.object({
			num_hidden_layers: v.nullish(positive),
			num_attention_heads: v.nullish(positive),
			num_key_value_heads: v.nullish(positive),
			head_dim: v.nullish(positive),
			pages_extra: v.nullish(size)
		})
	),
	prefill_chunk_size: v.nullish(windowSize),
	context_window_size: v.nullish(windowSize),
	sliding_window_size: v.nullish(windowSize),
	max_batch_size: v.nullish(windowSize),
	kv_state_kind: v.nullish(v.string()),
	workspace_bytes: v.nullish(size)
});

const START = new TextEncoder().encode('{"model_type"');
const MAX_METADATA_BYTES = 32 * 2 ** 20;
const MAX_DEPTH = 64;
const MAX_CANDIDATES = 1000;

/**
 * Finds a library's metadata without running it: JSON text that starts with `{"model_type"` and ends where
 * the JSON value ends. Of several such texts the first that has the right shape and lists parameters counts;
 * if none lists parameters, the first with the right shape. Throws FileError, whatever the bytes.
 */
export function readLibraryMetadata(bytes: Uint8Array, file = 'library'): LibraryMetadata {
	return findLibraryMetadata(bytes, file).metadata;
}

/** The same, with the text it was read from: reading that text again gives the same metadata. */
export function findLibraryMetadata(
	bytes: Uint8Array,
	file = 'library'
): { metadata: LibraryMetadata; text: string } {
	let withoutParams: { metadata: LibraryMetadata; text: string } | null = null;
	let problem: FileError | null = null;
	// Text that opens many values and ends none would otherwise be walked again and again.
	let effort = bytes.length + MAX_METADATA_BYTES;
	let at = indexOf(bytes, START, 0);
	for (let n = 0; at >= 0 && n < MAX_CANDIDATES && effort > 0; n++) {
		const end = endOfJson(bytes, at, Math.min(bytes.length, at + MAX_METADATA_BYTES, at + effort));
		effort -= Math.abs(end) - at;
		if (end > 0) {
			try {
				const text = decode(bytes.subarray(at, end));
				const metadata = parseMetadata(text, file);
				if (metadata.params) return { metadata, text };
				withoutParams ??= { metadata, text };
			} catch (error) {
				if (!(error instanceof FileError)) throw error;
				problem ??= error;
			}
		} else {
			problem ??= new FileError(
				'truncated',
				file,
				'metadata as one JSON value',
				`text that breaks off after ${-end - at} bytes: ${excerpt(decode(bytes.subarray(at, at + 120)))}`
			);
		}
		// A good candidate is skipped whole: what it quotes is not another one.
		at = indexOf(bytes, START, end > 0 ? end : at + START.length);
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

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function parseMetadata(json: string, file: string): LibraryMetadata {
	let value: unknown;
	try {
		value = JSON.parse(json);
	} catch {
		throw new FileError(
			'not-json',
			file,
			'metadata as JSON',
			`broken JSON: ${excerpt(json.slice(0, 120))}`
		);
	}
	const raw = parseShape(file, schema, value);
	const kv = raw.kv_cache;
	return {
		modelType: raw.model_type,
		quantization: raw.quantization ?? null,
		params: raw.params ?? null,
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
		slidingWindowSize: positiveOrNull(raw.sliding_window_size),
		maxBatchSize: positiveOrNull(raw.max_batch_size),
		kvStateKind: raw.kv_state_kind ?? 'kv_cache',
		workspaceBytes: raw.workspace_bytes ?? null
	};
}

const positiveOrNull = (n: number | null | undefined): number | null => (n && n > 0 ? n : null);

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

/** The index behind the JSON object that starts at `start`; where there is none, minus the index at which the text stops being one. */
function endOfJson(bytes: Uint8Array, start: number, limit: number): number {
	let depth = 0;
	let inString = false;
	for (let i = start; i < limit; i++) {
		const byte = bytes[i] ?? 0;
		if (inString) {
			if (byte === BACKSLASH) i++;
			else if (byte === QUOTE) inString = false;
			else if (byte < 0x20) return -i;
		} else if (byte === QUOTE) inString = true;
		else if (byte === 0x7b || byte === 0x5b) {
			if (++depth > MAX_DEPTH) return -i;
		} else if (byte === 0x7d || byte === 0x5d) {
			if (--depth === 0) return i + 1;
		} else if (byte === 0) return -i;
	}
	return -limit;
}

const SECTION_NAMES = [
	'custom',
	'type',
	'import',
	'function',
	'table',
	'memory',
	'global',
	'export',
	'start',
	'element',
	'code',
	'data',
	'data count',
	'tag'
];

/** Throws FileError unless the bytes are a whole WebAssembly module: header right, sections known and none cut short. */
export function checkWasm(bytes: Uint8Array, file = 'library'): void {
	const wasm = 'a WebAssembly library';
	if (bytes.length === 0) throw new FileError('empty', file, wasm, 'an empty file');
	const head = bytes.subarray(0, 1000);
	const magic = [0x00, 0x61, 0x73, 0x6d];
	if (!magic.every((byte, i) => head[i] === byte)) {
		const text = decode(head);
		if (looksLikeHtml(text))
			throw new FileError('html', file, wasm, `an HTML page: ${excerpt(text)}`);
		const found = /^\s*[{[]/.test(text)
			? `JSON: ${excerpt(text)}`
			: isText(head)
				? `other text: ${excerpt(text)}`
				: `${bytes.length} bytes of something else`;
		throw new FileError('not-wasm', file, wasm, found);
	}
	if (bytes.length < 8)
		throw new FileError('truncated', file, wasm, `only ${bytes.length} bytes of one`);
	const version = [...bytes.subarray(4, 8)];
	if (version.join() !== '1,0,0,0')
		throw new FileError('not-wasm', file, 'WebAssembly version 1', `version ${version.join('.')}`);
	let at = 8;
	while (at < bytes.length) {
		const id = bytes[at] ?? 0;
		const name = SECTION_NAMES[id];
		if (name === undefined)
			throw new FileError('not-wasm', file, 'a WebAssembly section', `section ${id} at byte ${at}`);
		const length = readLeb(bytes, at + 1);
		if (!length || length.next + length.value > bytes.length)
			throw new FileError(
				'truncated',
				file,
				length ? `${length.value} bytes of ${name} section` : `a length of the ${name} section`,
				`${Math.max(0, bytes.length - (length?.next ?? at + 1))} bytes before the file ends`
			);
		at = length.next + length.value;
	}
}

/** An unsigned LEB128 of 32 bits, or null where the bytes hold none. */
function readLeb(bytes: Uint8Array, at: number): { value: number; next: number } | null {
	let value = 0;
	for (let i = 0; i < 5; i++) {
		const byte = bytes[at + i];
		if (byte === undefined) return null;
		value += (byte & 0x7f) * 2 ** (7 * i);
		if (byte < 0x80) return value < 2 ** 32 ? { value, next: at + i + 1 } : null;
	}
	return null;
}

const isText = (bytes: Uint8Array): boolean =>
	bytes.every((byte) => byte >= 0x20 || byte === 9 || byte === 10 || byte === 13);

/** A parameter's bytes on the GPU; null when its shape or type cannot be resolved. */
export function paramBytes(param: LibraryParam, vocabSize: number | null): number | null {
	const element = elementBytes(param.dtype);
	if (element === null) return null;
	let elements = 1;
	for (const dim of param.shape) {
		const n = typeof dim === 'number' ? dim : dim === 'vocab_size' ? vocabSize : null;
		if (n === null) return null;
		elements *= n;
	}
	return Number.isSafeInteger(elements * element) ? bufferBytes(elements * element) : null;
}

export const hasSymbolicVocab = (library: LibraryMetadata): boolean =>
	library.params?.some((param) => param.shape.includes('vocab_size')) ?? false;
