import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figures } from '../limits.ts';
import type { ModelSource } from '../../src/lib/files/protocol.ts';
import { absoluteUrls } from '../../src/lib/engine/webllm/catalog-record.ts';
import { SITE, variantOf, type Lab } from '../lab.ts';
import { median } from '../median.ts';
import { pacedLine } from '../paced.ts';
import type { Extra } from '../server.ts';

/** What sends as fast as this machine can, and over a line that is faster than nearly anybody’s. */
const PREFIXES = { unpaced: '/hub/large/resolve/main/', paced: '/hub/paced/resolve/main/' };
const LINE_BYTES_PER_SECOND = 50e6;
const SHARDS = 16;
const SHARD_BYTES = 4_000_000;
const SMALL = ['mlc-chat-config.json', 'tokenizer.json'];
const shard = Buffer.alloc(SHARD_BYTES, 'headroom');

const manifest = JSON.stringify({
	metadata: { ParamBytes: SHARDS * SHARD_BYTES },
	records: Array.from({ length: SHARDS }, (_, n) => ({
		dataPath: `params_shard_${n}.bin`,
		format: 'raw-shard',
		nbytes: SHARD_BYTES,
		records: [
			{
				name: `tensor.${n}`,
				shape: [SHARD_BYTES / 4],
				dtype: 'uint32',
				format: 'raw',
				nbytes: SHARD_BYTES,
				byteOffset: 0
			}
		]
	}))
});

const pocketFolder = join(
	import.meta.dirname,
	'../../build',
	variantOf('pocket-q4f32_1').modelUrl,
	'resolve/main'
);

const overLine = pacedLine(LINE_BYTES_PER_SECOND);

/** A model of 64 MB as a hub would serve it, but for its weights, which are one block repeated. */
export const largeModel: Extra = (path, response) => {
	const [name, prefix] = Object.entries(PREFIXES).find(([, each]) => path.startsWith(each)) ?? [];
	if (prefix === undefined) return false;
	const file = path.slice(prefix.length);
	const body = /^params_shard_\d+\.bin$/.test(file)
		? shard
		: file === 'tensor-cache.json'
			? Buffer.from(manifest)
			: SMALL.includes(file)
				? readFileSync(join(pocketFolder, file))
				: null;
	if (!body) return false;
	if (name === 'paced') overLine(response, body);
	else
		response
			.writeHead(200, { 'content-length': body.length, 'cache-control': 'no-store' })
			.end(body);
	return true;
};

/** The same files by turns through the product's file worker, into the cache, and by plain fetches into nothing. */
export async function download(lab: Lab, pairs: number): Promise<Figures> {
	return {
		downloadRatio: await ratioOf(lab, PREFIXES.unpaced, pairs),
		pacedDownloadRatio: await ratioOf(lab, PREFIXES.paced, Math.ceil(pairs / 2))
	};
}

async function ratioOf(lab: Lab, prefix: string, pairs: number): Promise<number> {
	const parts = await lab.parts();
	const pocket = absoluteUrls(variantOf('pocket-q4f32_1'), `${lab.origin}${SITE}`);
	const baseUrl = `${lab.origin}${prefix}`;
	const source: ModelSource = {
		baseUrl,
		libraryUrl: pocket.libraryUrl,
		packageUrl: null,
		overrides: {}
	};
	const urls = [
		...SMALL.map((file) => baseUrl + file),
		source.libraryUrl,
		`${baseUrl}tensor-cache.json`,
		...Array.from({ length: SHARDS }, (_, n) => `${baseUrl}params_shard_${n}.bin`)
	];
	const ratios: number[] = [];
	for (let pair = -1; pair < pairs; pair++) {
		const ours = await parts.evaluate((source) => window.parts.files.download(source), source);
		const plain = await parts.evaluate((urls) => window.parts.files.fetchPlainly(urls), urls);
		lab.log(`ours ${(ours / 1e6).toFixed(0)} MB/s, plain ${(plain / 1e6).toFixed(0)} MB/s`);
		if (pair >= 0) ratios.push(ours / plain);
	}
	await parts.close();
	return median(ratios);
}
