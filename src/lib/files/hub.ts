import * as v from 'valibot';
import { Failure } from '../rpc/failure.ts';
import { openCache } from './cache.ts';
import type { Checksum } from './checksum.ts';
import { fetchFile } from './fetch-file.ts';
import type { ModelSource } from './protocol.ts';
import { listings, pins } from './records.ts';

const HUB = 'https://huggingface.co/';
/** The hub's answer about a model is not worth a longer wait: without it the load goes on. */
const ANSWER_LIMIT_MS = 10_000;

export interface Pinned {
	source: ModelSource;
	revision: string;
	/** Why `main` stayed `main`; null: it did not, or nothing else was asked for. */
	unpinned: Failure | null;
}

export interface Listed {
	bytes: number;
	sum: Checksum;
}
/** What the hub says of a commit's files, by path. */
export type Listing = ReadonlyMap<string, Listed>;

export const revisionOf = (baseUrl: string): string =>
	decodeURIComponent(/\/resolve\/([^/]+)\/$/.exec(baseUrl)?.[1] ?? '');

/** `owner/name` of a model on the hub, from a base URL of any revision; null: it lies elsewhere. */
export function hubRepo(baseUrl: string): string | null {
	if (!baseUrl.startsWith(HUB)) return null;
	return /^([\w.-]+\/[\w.-]+)\/resolve\/[^/]+\/$/.exec(baseUrl.slice(HUB.length))?.[1] ?? null;
}

const commitSchema = v.object({ sha: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)) });

const sizeSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const treeSchema = v.array(
	v.object({
		type: v.string(),
		path: v.string(),
		size: v.optional(sizeSchema),
		oid: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
		lfs: v.nullish(
			v.object({ oid: v.pipe(v.string(), v.regex(/^(?:sha256:)?[0-9a-f]{64}$/)), size: sizeSchema })
		)
	})
);

type Revision = Omit<Pinned, 'source'>;
const pinning = new Map<string, Promise<Revision>>();

/**
 * Puts the commit in the place of the hub's `main`: the same one each time, so that an old manifest never meets new
 * shards. Where the hub does not say, `main` stays; where files of `main` are there already, too.
 */
export async function pin(source: ModelSource): Promise<Pinned> {
	const { baseUrl } = source;
	let running = pinning.get(baseUrl);
	if (!running) {
		running = findRevision(baseUrl).finally(() => pinning.delete(baseUrl));
		pinning.set(baseUrl, running);
	}
	const found = await running;
	return { ...found, source: at(source, found.revision) };
}

/** The same by what is known already: where the commit is not, the revision stays that was asked for. Fetches nothing. */
export async function pinned(source: ModelSource): Promise<Pinned> {
	const { baseUrl } = source;
	const asked = revisionOf(baseUrl);
	const stored = hubRepo(baseUrl) !== null && asked === 'main' ? await pins.get(baseUrl) : null;
	const revision = stored?.commit ?? asked;
	return { revision, unpinned: null, source: stored ? at(source, revision) : source };
}

async function findRevision(baseUrl: string): Promise<Revision> {
	const revision = revisionOf(baseUrl);
	const repo = hubRepo(baseUrl);
	if (repo === null || revision !== 'main') return { revision, unpinned: null };
	const stored = await pins.get(baseUrl);
	if (stored) return { revision: stored.commit, unpinned: null };
	if (await (await openCache('weights')).match(new URL('tensor-cache.json', baseUrl)))
		return { revision, unpinned: null };
	try {
		const { sha } = v.parse(commitSchema, await ask(`${HUB}api/models/${repo}/revision/main`));
		await pins.set(baseUrl, { version: 1, commit: sha });
		return { revision: sha, unpinned: null };
	} catch (error) {
		return { revision, unpinned: unusable(error) };
	}
}

/** Sizes and hashes of a pinned model's files; null where the hub does not say. */
export async function listing(baseUrl: string): Promise<Listing | null> {
	const repo = hubRepo(baseUrl);
	const revision = revisionOf(baseUrl);
	if (repo === null || !/^[0-9a-f]{40}$/.test(revision)) return null;
	const stored = await listings.get(baseUrl);
	if (stored) return new Map(Object.entries(stored.files));
	let files: Record<string, Listed>;
	try {
		files = await askTree(repo, revision);
	} catch {
		return null;
	}
	await listings.set(baseUrl, { version: 1, files });
	return new Map(Object.entries(files));
}

/** The commit that a branch or tag of `owner/name` is now. Throws the Failure of the request, or one of ours. */
export async function askCommit(repo: string, revision: string): Promise<string> {
	const url = `${HUB}api/models/${repo}/revision/${encodeURIComponent(revision)}`;
	const answer = v.safeParse(commitSchema, await ask(url));
	if (!answer.success) throw unusable(answer.issues);
	return answer.output.sha;
}

/** Sizes and hashes of a commit's files, by path. Throws the Failure of the request, or a ValiError. */
export async function askTree(repo: string, commit: string): Promise<Record<string, Listed>> {
	const tree = v.parse(
		treeSchema,
		await ask(`${HUB}api/models/${repo}/tree/${commit}?recursive=true`)
	);
	const files: Record<string, Listed> = {};
	for (const { type, path, size, oid, lfs } of tree) {
		const sum: Checksum = lfs
			? { algorithm: 'sha256', hex: lfs.oid.replace(/^sha256:/, '') }
			: { algorithm: 'git-blob', hex: oid };
		const bytes = lfs?.size ?? size;
		if (type === 'file' && bytes !== undefined) files[path] = { bytes, sum };
	}
	return files;
}

async function ask(url: string): Promise<unknown> {
	const { bytes } = await fetchFile(url, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
	return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
}

const unusable = (error: unknown): Failure =>
	error instanceof Failure && (error.kind === 'network' || error.kind === 'gated')
		? error
		: new Failure('network', 'huggingface.co did not say which commit main is.', {
				cause: 'unreachable'
			});

/** The same source at another revision. */
function at(source: ModelSource, revision: string): ModelSource {
	const { baseUrl, packageUrl } = source;
	const pinned = baseUrl.replace(
		/\/resolve\/[^/]+\/$/,
		`/resolve/${encodeURIComponent(revision)}/`
	);
	return {
		...source,
		baseUrl: pinned,
		packageUrl: packageUrl?.startsWith(baseUrl)
			? pinned + packageUrl.slice(baseUrl.length)
			: packageUrl
	};
}
