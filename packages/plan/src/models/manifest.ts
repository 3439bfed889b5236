import * as v from 'valibot';
import { storedBytes, tensorBytes } from './dtype.ts';
import { FileError } from './file-error.ts';
import { parseShape } from './json-file.ts';

/** What `tensor-cache.json` says of a variant's weights; plain data. */
export interface Manifest {
	shards: readonly Shard[];
	/** Bytes of all shards. */
	downloadBytes: number;
	/** Bytes the tensors take on the GPU; more than the download where f32 travels as bf16. */
	gpuBytes: number;
	largestTensor: TensorSize;
	tensorCount: number;
}

export interface Shard {
	/** Relative to the manifest. */
	path: string;
	bytes: number;
}

export interface TensorSize {
	name: string;
	/** Of its GPU buffer. */
	bytes: number;
}

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const schema = v.object({
	metadata: v.nullish(v.object({ ParamBytes: v.nullish(v.number()) })),
	records: v.pipe(
		v.array(
			v.object({
				dataPath: v.string(),
				format: v.nullish(v.string()),
				nbytes: size,
				md5sum: v.fallback(v.nullish(v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/i))), null),
				records: v.array(
					v.object({
						name: v.string(),
						shape: v.array(size),
						dtype: v.string(),
						format: v.nullish(v.string()),
						nbytes: size,
						byteOffset: size
					})
				)
			})
		),
		v.nonEmpty('at least one shard')
	)
});

/** Parses `tensor-cache.json`. Throws FileError for anything that could not be loaded as it stands. */
export const parseManifest = (value: unknown, file = 'tensor-cache.json'): Manifest =>
	readManifest(value, file).manifest;

/** The same, with each tensor and the MD5 of each shard where the manifest has it (hex, by path). */
export function readManifest(
	value: unknown,
	file = 'tensor-cache.json'
): { manifest: Manifest; tensors: readonly TensorShape[]; md5: ReadonlyMap<string, string> } {
	const raw = parseShape(file, schema, value);
	const paths = new Set<string>();
	const names = new Set<string>();
	let gpuBytes = 0;
	let largestTensor: TensorSize = { name: '', bytes: 0 };
	for (const shard of raw.records) {
		checkPath(shard.dataPath, file);
		if (paths.has(shard.dataPath))
			throw new FileError('inconsistent', file, 'each shard once', `${shard.dataPath} twice`);
		paths.add(shard.dataPath);
		for (const tensor of shard.records) {
			if (names.has(tensor.name))
				throw new FileError('inconsistent', file, 'each tensor once', `${tensor.name} twice`);
			names.add(tensor.name);
			const end = tensor.byteOffset + tensor.nbytes;
			if (end > shard.nbytes)
				throw new FileError(
					'inconsistent',
					file,
					`${tensor.name} within the ${shard.nbytes} bytes of ${shard.dataPath}`,
					`an end at byte ${end}`
				);
			const bytes = checkedBytes(tensor, file);
			gpuBytes += bytes;
			if (bytes > largestTensor.bytes) largestTensor = { name: tensor.name, bytes };
		}
	}
	if (names.size === 0)
		throw new FileError('inconsistent', file, 'at least one tensor', 'shards without tensors');
	return {
		manifest: {
			shards: raw.records.map((shard) => ({ path: shard.dataPath, bytes: shard.nbytes })),
			downloadBytes: raw.records.reduce((sum, shard) => sum + shard.nbytes, 0),
			gpuBytes,
			largestTensor,
			tensorCount: names.size
		},
		tensors: raw.records.flatMap(({ records }) =>
			records.map(({ name, shape, dtype }) => ({ name, shape, dtype }))
		),
		md5: new Map(
			raw.records.flatMap(({ dataPath, md5sum }) =>
				typeof md5sum === 'string' ? [[dataPath, md5sum.toLowerCase()] as const] : []
			)
		)
	};
}

export interface TensorShape {
	name: string;
	shape: readonly number[];
	dtype: string;
}

interface Tensor extends TensorShape {
	format?: string | null | undefined;
	nbytes: number;
}

/** Bytes of the tensor's GPU buffer, after its bytes in the file were checked against shape and type. */
function checkedBytes(tensor: Tensor, file: string): number {
	const bytes = tensorBytes(tensor.shape, tensor.dtype);
	if (bytes === null)
		throw new FileError(
			'wrong-shape',
			file,
			`a known type and size for ${tensor.name}`,
			`[${tensor.shape.join(', ')}] ${JSON.stringify(tensor.dtype)}`
		);
	// MLC writes this format beside every dtype; only float32 is really narrowed.
	const narrowed = tensor.format === 'f32-to-bf16' && tensor.dtype === 'float32';
	const stored = storedBytes(tensor.shape, narrowed ? 'bfloat16' : tensor.dtype);
	if (stored !== tensor.nbytes)
		throw new FileError(
			'wrong-length',
			file,
			`${stored} bytes for ${tensor.name} [${tensor.shape.join(', ')}] ${tensor.dtype}`,
			`${tensor.nbytes}`
		);
	return bytes;
}

/** A shard must stay below the model's URL, whatever a manifest says. */
function checkPath(path: string, file: string) {
	const safe =
		/^[\w.+-]+(?:\/[\w.+-]+)*$/.test(path) && !path.split('/').some((part) => /^\.+$/.test(part));
	if (!safe)
		throw new FileError('unsafe-path', file, 'a plain relative file name', JSON.stringify(path));
}
