/** The trained weights and their tokenizer, from pocket/checkpoint/ (written by pocket/training/). */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { architecture, parameters } from './architecture.ts';
import { fromJSON, type Tokenizer } from './tokenizer.ts';
import { type Checkpoint, fromBf16 } from './weights.ts';

const size = v.pipe(v.number(), v.integer(), v.minValue(1));
const schema = v.object({
	/** In the order of weights.bin: bf16, little-endian, row-major. */
	tensors: v.array(v.object({ name: v.string(), shape: v.array(size) }))
});
const count = (shape: number[]) => shape.reduce((x, y) => x * y, 1);

/** The tensors that `index` (checkpoint/index.json) names in `bytes`, by base name. Throws if they do not cover each other or the architecture. */
export function readCheckpoint(index: unknown, bytes: Uint8Array): Checkpoint {
	const { tensors } = v.parse(schema, index);
	const expected = 2 * tensors.reduce((sum, { shape }) => sum + count(shape), 0);
	if (bytes.length !== expected)
		throw new Error(`weights.bin has ${bytes.length} bytes, its index asks for ${expected}`);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const found = new Map<string, { shape: number[]; values: Float32Array }>();
	let at = 0;
	for (const { name, shape } of tensors) {
		const start = at;
		const values = Float32Array.from({ length: count(shape) }, (_, i) =>
			fromBf16(view.getUint16(start + 2 * i, true))
		);
		if (values.some((x) => !Number.isFinite(x)))
			throw new Error(`weights.bin: ${name} holds a value that is not finite`);
		found.set(name, { shape, values });
		at += 2 * values.length;
	}
	const checkpoint: Checkpoint = (base, shape) => {
		const tensor = found.get(base);
		if (!tensor) throw new Error(`The checkpoint has no tensor ${base}`);
		if (tensor.shape.join() !== shape.join())
			throw new Error(
				`The checkpoint has ${base} as [${tensor.shape.join()}], expected [${shape.join()}]`
			);
		return tensor.values;
	};
	for (const { name, shape } of parameters(architecture, { weights: 'plain', float: 'f32' }))
		checkpoint(name.replace(/\.weight$/, ''), shape);
	return checkpoint;
}

const file = (name: string) => new URL(`../checkpoint/${name}`, import.meta.url);
const json = (name: string): unknown => JSON.parse(readFileSync(file(name), 'utf8'));

export const checkpoint = readCheckpoint(json('index.json'), readFileSync(file('weights.bin')));
export const tokenizer: Tokenizer = fromJSON(json('tokenizer.json'));
if (tokenizer.vocab.length !== architecture.vocab)
	throw new Error(
		`tokenizer.json has ${tokenizer.vocab.length} tokens, the model has ${architecture.vocab}`
	);
