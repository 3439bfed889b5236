import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildLibrary } from '../../pocket/library.ts';
import { architecture, parameters, variants } from '../../pocket/model/architecture.ts';
import { SITE, variantOf } from '../lab.ts';
import { pacedLine } from '../paced.ts';
import type { Extra } from '../server.ts';

/** The variant of pocket that is served with more and wider layers. */
export const LARGE_ID = 'pocket-q0f32';
const QUANTIZATION = 'q0f32';
const LAYERS = 24;
const SIZES = {
	...architecture,
	hidden: 512,
	intermediate: 1152,
	layers: LAYERS,
	heads: 16,
	kvHeads: 4
};
const BYTES_PER_SECOND = 50e6;

/**
 * Pocket with 24 layers of 10 MB, one in each shard, in place of its own files, from a server that sends 50 MB/s to all
 * together. Its weights are small random numbers: it answers nonsense, in as many steps as a real one.
 */
export async function largePocket(): Promise<{ extra: Extra; note: string }> {
	const { modelUrl } = variantOf(LARGE_ID);
	const folder = join(import.meta.dirname, '../../build', modelUrl, 'resolve/main');
	const files = weights();
	const config = JSON.parse(readFileSync(join(folder, 'mlc-chat-config.json'), 'utf8')) as {
		model_config: Record<string, number>;
	};
	Object.assign(config.model_config, {
		hidden_size: SIZES.hidden,
		intermediate_size: SIZES.intermediate,
		num_hidden_layers: SIZES.layers,
		num_attention_heads: SIZES.heads,
		num_key_value_heads: SIZES.kvHeads
	});
	files.set('mlc-chat-config.json', Buffer.from(JSON.stringify(config)));
	const library = await buildLibrary(SIZES, QUANTIZATION);
	const prefix = join(SITE, modelUrl, 'resolve/main/');
	const send = pacedLine(BYTES_PER_SECOND);
	const total = [...files.values()].reduce((sum, { length }) => sum + length, 0);
	return {
		extra: (path, response) => {
			const body = path.endsWith(`/${LARGE_ID}.wasm`)
				? library
				: path.startsWith(prefix)
					? files.get(path.slice(prefix.length))
					: undefined;
			if (!body) return false;
			send(response, body);
			return true;
		},
		note: `first-load-large: ${(total / 1e6).toFixed(0)} MB in ${LAYERS} shards at 50 MB/s`
	};
}

/** The manifest and its shards. Layers share their bytes, so that they take little memory here. */
function weights(): Map<string, Buffer> {
	const files = new Map<string, Buffer>();
	const same = new Map<string, Buffer>();
	const records: { dataPath: string; format: string; nbytes: number; records: object[] }[] = [];
	let parts: Buffer[] = [];
	let tensors: object[] = [];
	let nbytes = 0;
	const all = parameters(SIZES, variants[QUANTIZATION]);
	for (const [index, { name, shape, dtype }] of all.entries()) {
		const key = `${shape.join()} ${name.replace(/\.\d+\./, '.')}`;
		const bytes = same.get(key) ?? filled(shape);
		same.set(key, bytes);
		tensors.push({ name, shape, dtype, format: 'raw', nbytes: bytes.length, byteOffset: nbytes });
		parts.push(bytes);
		nbytes += bytes.length;
		const next = all[index + 1];
		if (next && !(next.name.endsWith('input_layernorm.weight') && records.length < LAYERS - 1))
			continue;
		const dataPath = `params_shard_${records.length}.bin`;
		files.set(dataPath, Buffer.concat(parts));
		records.push({ dataPath, format: 'raw-shard', nbytes, records: tensors });
		parts = [];
		tensors = [];
		nbytes = 0;
	}
	const bytes = records.reduce((sum, each) => sum + each.nbytes, 0);
	const metadata = { ParamSize: all.length, ParamBytes: bytes, BitsPerParam: 32 };
	files.set('tensor-cache.json', Buffer.from(JSON.stringify({ metadata, records })));
	return files;
}

/** Norms of 1, and matrices that keep what goes through them finite. */
function filled(shape: readonly number[]): Buffer {
	const values = new Float32Array(shape.reduce((product, n) => product * n, 1));
	if (shape.length === 1) values.fill(1);
	else {
		let seed = 1;
		const scale = 3.4 / Math.sqrt(shape[1] ?? 1);
		for (let i = 0; i < values.length; i++) {
			seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
			values[i] = (seed / 2 ** 32 - 0.5) * scale;
		}
	}
	return Buffer.from(values.buffer);
}
