/**
 * Builds every variant of pocket into static/pocket/<content hash>/, and says what lies there in
 * packages/plan/src/models/generated/pocket.json.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildLibrary } from './library.ts';
import { architecture, variantNames, variants } from './model/architecture.ts';
import { conversation, modelFiles } from './model/files.ts';
import { plan } from './model/metadata.ts';
import { loadCheckpoint, loadTokenizer } from './model/source.ts';

const here = dirname(fileURLToPath(import.meta.url));

const tokenizer = loadTokenizer();
const checkpoint = loadCheckpoint();

const files = new Map<string, Buffer>();
const summary = [];
for (const quantization of variantNames) {
	const library = `pocket-${quantization}.wasm`;
	const own = new Map([[library, await buildLibrary(architecture, quantization)]]);
	for (const [file, bytes] of modelFiles(quantization, checkpoint, tokenizer))
		own.set(`${quantization}/resolve/main/${file}`, bytes);
	for (const [file, bytes] of own) files.set(file, bytes);
	summary.push({
		quantization,
		model: `${quantization}/`,
		library,
		/** All its files, as stored. */
		downloadBytes: [...own.values()].reduce((sum, bytes) => sum + bytes.length, 0),
		/** On the GPU, at most, at the library's own context window. */
		declaredBytes: plan(architecture, variants[quantization], architecture.contextWindow).peakBytes
	});
}

const digest = createHash('sha256');
for (const [file, bytes] of [...files].sort(([x], [y]) => (x < y ? -1 : 1)))
	digest.update(file).update('\0').update(bytes);
const hash = digest.digest('hex').slice(0, 16);

// Written beside and renamed, so that whoever serves the files meanwhile finds a build whole or not at all.
const site = join(here, '../static/pocket');
if (!existsSync(join(site, hash))) {
	const making = join(here, `../.cache/pocket/making-${process.pid}`);
	for (const [file, bytes] of files) {
		const path = join(making, file);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, bytes);
	}
	mkdirSync(site, { recursive: true });
	renameSync(making, join(site, hash));
}
for (const entry of readdirSync(site))
	if (entry !== hash) rmSync(join(site, entry), { recursive: true, force: true });
const description = join(here, '../packages/plan/src/models/generated/pocket.json');
mkdirSync(dirname(description), { recursive: true });
writeFileSync(
	description,
	JSON.stringify(
		{
			hash,
			contextWindow: architecture.contextWindow,
			systemMessage: conversation.system_message,
			variants: summary
		},
		null,
		'\t'
	)
);
for (const { quantization, downloadBytes } of summary)
	console.log(`pocket ${quantization}: ${(downloadBytes / 1024).toFixed(0)} KiB to download`);
