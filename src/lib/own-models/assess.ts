import type { Family } from '#plan/models/catalog.ts';
import { parseChatConfig, type ChatConfig } from '#plan/models/config.ts';
import { FileError } from '#plan/models/file-error.ts';
import { parseJsonFile } from '#plan/models/json-file.ts';
import { readManifest, type Manifest, type TensorShape } from '#plan/models/manifest.ts';
import { imitated } from '#plan/own/candidates.ts';
import { compiledIn, type CompiledIn } from '#plan/own/compiled-in.ts';
import {
	CONFIG_FILE,
	holdingsOf,
	MANIFEST_FILE,
	ORIGINAL,
	type Holdings
} from '#plan/own/holdings.ts';
import { ownerOf, ownName, type OwnSource } from '#plan/own/own-model.ts';
import { quantizationInName } from '#plan/own/quantization-found.ts';
import type { Looked } from '../files/protocol.ts';
import { Failure } from '../rpc/failure.ts';

/** A model in MLC's format, as far as its small files tell. */
export interface Assessed {
	kind: 'model';
	source: OwnSource;
	/** The catalogue family that its name imitates; null: none. */
	imitates: Family | null;
	config: ChatConfig;
	/** The same with fields replaced. Throws a Failure of kind `bad-file` where the two do not go together. */
	configWith: (overrides: Readonly<Record<string, number>>) => ChatConfig;
	compiled: CompiledIn;
	manifest: Manifest;
	tensors: readonly TensorShape[];
	/** What configuration and name say of its quantization. */
	said: { config: string | null; name: string | null };
	/** Of all files that are fetched, the library apart; null: the host tells no sizes. */
	downloadBytes: number | null;
}

/** A place that holds something else. */
export interface NoModel {
	kind: 'no-model';
	name: string;
	holdings: Exclude<Holdings, { kind: 'mlc' }>;
}

/** Reads what was looked at. Throws a Failure of kind `bad-file` for a file that cannot be used as it stands. */
export function assess(
	looked: Looked,
	source: OwnSource,
	families: readonly Family[]
): Assessed | NoModel {
	const hub = source.kind === 'hub' ? `${source.owner}/${source.name}` : null;
	const name = hub ?? ownName(source);
	const { files } = looked;
	const paths = files?.map(({ path }) => path) ?? [
		...(looked.config === null ? [] : [CONFIG_FILE]),
		...(looked.manifest === null ? [] : [MANIFEST_FILE]),
		// Not known before it is fetched.
		'tokenizer.json'
	];
	const holdings = holdingsOf(paths, hub ?? ORIGINAL);
	if (holdings.kind !== 'mlc') return { kind: 'no-model', name, holdings };
	return readingFiles(() => {
		const value = parseJsonFile(CONFIG_FILE, looked.config ?? '');
		const config = parseChatConfig(value);
		const { manifest, tensors } = readManifest(parseJsonFile(MANIFEST_FILE, looked.manifest ?? ''));
		const compiled = compiledIn(value);
		return {
			kind: 'model',
			source,
			imitates: imitated({ owner: ownerOf(source), name: ownName(source) }, families),
			config,
			configWith: (overrides) => readingFiles(() => parseChatConfig(value, overrides)),
			compiled,
			manifest,
			tensors,
			said: { config: compiled.quantization, name: quantizationInName(ownName(source)) },
			downloadBytes: files && sizeOf(files, config, manifest)
		};
	});
}

function readingFiles<T>(read: () => T): T {
	try {
		return read();
	} catch (error) {
		if (!(error instanceof FileError)) throw error;
		const { file, expected, found } = error;
		throw new Failure('bad-file', error.message, { file, expected, found, reason: 'added' });
	}
}

/** Bytes of what will be fetched, each file there and of the size that the manifest gives it. */
function sizeOf(
	files: NonNullable<Looked['files']>,
	{ tokenizerFiles }: ChatConfig,
	{ shards }: Manifest
): number {
	const sizes = new Map(files.map(({ path, bytes }) => [path, bytes]));
	const tokenizer = tokenizerFiles.includes('tokenizer.json')
		? 'tokenizer.json'
		: 'tokenizer.model';
	for (const { path, bytes } of shards)
		if (sizes.get(path) !== bytes)
			throw new FileError('inconsistent', path, `${bytes} bytes`, inWords(sizes.get(path)));
	if (!sizes.has(tokenizer)) throw new FileError('inconsistent', tokenizer, 'the file', 'none');
	return [CONFIG_FILE, MANIFEST_FILE, tokenizer, ...shards.map(({ path }) => path)].reduce(
		(sum, path) => sum + (sizes.get(path) ?? 0),
		0
	);
}

const inWords = (bytes: number | undefined) =>
	bytes === undefined ? 'no such file' : `${bytes} bytes`;
