import { type Architecture, type VariantSpec, parameters } from './architecture.ts';
import { roundFloat16, toFloat16 } from './float16.ts';

const bits = new DataView(new ArrayBuffer(4));

/** Rounds to the nearest bfloat16 (ties to even) and returns its 16 bits. */
export function bf16(x: number): number {
	bits.setFloat32(0, x);
	const u = bits.getUint32(0);
	return ((u + 0x7fff + ((u >>> 16) & 1)) >>> 16) & 0xffff;
}
export function fromBf16(h: number): number {
	bits.setUint32(0, h << 16);
	return bits.getFloat32(0);
}

/** The full-precision weights: base name ("model.norm", "lm_head", ...) to values, row-major. */
export type Checkpoint = (base: string, shape: number[]) => Float32Array;

function random(seed: number): () => number {
	return () => {
		seed = (seed + 0x6d2b79f5) | 0;
		let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}
const hash = (s: string) =>
	[...s].reduce((h, c) => Math.imul(h ^ c.charCodeAt(0), 16777619), 2166136261);

/** Deterministic pseudo-random weights, the same for every variant: for tests of the arithmetic alone. */
export const randomCheckpoint: Checkpoint = (base, shape) => {
	const next = random(hash(base));
	const data = new Float32Array(shape.reduce((x, y) => x * y, 1));
	if (shape.length === 1) return data.map(() => 0.8 + 0.4 * next());
	const scale =
		(base.endsWith('embed_tokens') ? 1 : Math.sqrt(3 / (shape[1] ?? 1))) *
		(base === 'lm_head' ? 3 : 1);
	return data.map(() => (2 * next() - 1) * scale);
};

export interface Packed {
	/** Eight 4-bit values a word, least significant first. */
	q: Uint32Array;
	/** One per group. */
	scale: Float32Array;
}

/**
 * MLC group quantization along the last axis: values 0..14 with zero point 7 (pocket/ABI.md, 9.2).
 * `round` brings a scale to the precision it is stored in.
 */
export function quantize(data: Float32Array, group: number, round: (x: number) => number): Packed {
	const q = new Uint32Array(data.length / 8);
	const scale = new Float32Array(data.length / group);
	for (let g = 0; g < scale.length; g++) {
		let top = 0;
		for (let i = 0; i < group; i++) top = Math.max(top, Math.abs(data[g * group + i]!));
		const s = (scale[g] = round(top / 7));
		for (let i = 0; i < group; i++) {
			const e = g * group + i;
			const v = s === 0 ? 7 : Math.min(14, Math.max(0, Math.round(data[e]! / s) + 7));
			q[e >> 3]! |= v << (4 * (e & 7));
		}
	}
	return { q, scale };
}
export function dequantize({ q, scale }: Packed, group: number): Float32Array {
	const out = new Float32Array(q.length * 8);
	for (let e = 0; e < out.length; e++)
		out[e] = (((q[e >> 3]! >>> (4 * (e & 7))) & 15) - 7) * scale[Math.floor(e / group)]!;
	return out;
}

export interface StoredTensor {
	name: string;
	shape: number[];
	dtype: 'float32' | 'float16' | 'uint32';
	/** How the file holds it: as the GPU does, or two bytes for each f32. */
	format: 'raw' | 'f32-to-bf16';
	bytes: Uint8Array<ArrayBuffer>;
}

/** How a kind of tensor travels: its type on the GPU, its bytes in the file, and the values both stand for. */
interface Storage {
	dtype: 'float32' | 'float16';
	format: StoredTensor['format'];
	round: (x: number) => number;
	pack: (data: Float32Array) => Uint8Array<ArrayBuffer>;
}
const asFloat16: Storage = {
	dtype: 'float16',
	format: 'raw',
	round: roundFloat16,
	pack: (data) => new Uint8Array(Uint16Array.from(data, toFloat16).buffer)
};
const asBf16: Storage = {
	dtype: 'float32',
	format: 'f32-to-bf16',
	round: (x) => fromBf16(bf16(x)),
	pack: (data) => new Uint8Array(Uint16Array.from(data, bf16).buffer)
};
const asFloat32: Storage = {
	dtype: 'float32',
	format: 'raw',
	round: Math.fround,
	pack: (data) => new Uint8Array(data.slice().buffer)
};

/** Every tensor of a variant: what goes into the shard, and the values (by base name) the reference computes with. */
export function tensors(
	a: Architecture,
	variant: VariantSpec,
	checkpoint: Checkpoint
): { records: StoredTensor[]; values: Map<string, Float32Array> } {
	const records: StoredTensor[] = [];
	const values = new Map<string, Float32Array>();
	const matrix = variant.float === 'f16' ? asFloat16 : asBf16;
	const vector = variant.float === 'f16' ? asFloat16 : asFloat32;
	for (const { name, shape } of parameters(a, variant)) {
		if (name.endsWith('.q_scale')) continue; // written with its q_weight
		const base = name.replace(/\.(weight|q_weight)$/, '');
		if (name.endsWith('.q_weight')) {
			const [rows, words] = shape as [number, number];
			const columns = words * 8;
			const packed = quantize(checkpoint(base, [rows, columns]), a.group, matrix.round);
			records.push(
				{
					name,
					shape,
					dtype: 'uint32',
					format: 'raw',
					bytes: new Uint8Array(packed.q.buffer as ArrayBuffer)
				},
				{
					name: `${base}.q_scale`,
					shape: [rows, columns / a.group],
					dtype: matrix.dtype,
					format: matrix.format,
					bytes: matrix.pack(packed.scale)
				}
			);
			values.set(base, dequantize(packed, a.group));
		} else {
			const { dtype, format, round, pack } = shape.length === 1 ? vector : matrix;
			const data = checkpoint(base, shape).map(round);
			records.push({ name, shape, dtype, format, bytes: pack(data) });
			values.set(base, data);
		}
	}
	return { records, values };
}
