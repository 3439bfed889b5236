import * as v from 'valibot';
import type { Variant } from '../models/catalog.ts';
import { familyProfile } from '../models/families.ts';
import { parseQuantization } from '../models/quantization.ts';
import { HUB } from './address.ts';
import { architectureOf } from './candidates.ts';
import { stemOf } from './quantization-found.ts';

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const hex = (digits: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${digits}}$`)));
const webAddress = v.pipe(
	v.string(),
	v.maxLength(1000),
	v.regex(/^(?:https:\/\/|http:\/\/(?:localhost|127\.0\.0\.1)[:/])/),
	v.check((text) => URL.canParse(text))
);
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Where an own model's files come from, pinned to what was looked at. */
const sourceSchema = v.variant('kind', [
	v.object({
		kind: v.literal('hub'),
		owner: v.pipe(v.string(), v.regex(/^[\w.-]{1,96}$/)),
		name: v.pipe(v.string(), v.regex(/^[\w.-]{1,96}$/)),
		commit: hex(40)
	}),
	/** `hash`: SHA-256 of configuration and manifest, shortened. */
	v.object({ kind: v.literal('url'), url: webAddress, hash: hex(40) }),
	v.object({ kind: v.literal('folder'), name, hash: hex(40) })
]);
export type OwnSource = v.InferOutput<typeof sourceSchema>;

const librarySchema = v.variant('kind', [
	/** That of a catalogue model; `url` as it was then. */
	v.object({
		kind: v.literal('catalog'),
		variantId: name,
		url: v.pipe(
			v.string(),
			v.maxLength(1000),
			v.regex(/^(?:https:\/\/|pocket\/)/),
			v.check((text) => URL.canParse(text, 'https://site.invalid/'))
		)
	}),
	/** Code from a stranger: only these bytes. */
	v.object({ kind: v.literal('stranger'), url: webAddress, sha256: hex(64) })
]);
export type OwnLibrary = v.InferOutput<typeof librarySchema>;

export const ownModelSchema = v.object({
	source: sourceSchema,
	quantization: v.pipe(
		v.string(),
		v.check((text) => parseQuantization(text) !== null)
	),
	library: librarySchema,
	/** What a person overruled when they added it, in sentences. */
	overruled: v.fallback(v.array(v.pipe(v.string(), v.maxLength(1000))), []),
	contextWindow: v.pipe(size, v.minValue(1)),
	/** Bytes of GPU memory that the plan had when it was added. */
	declaredBytes: size,
	/** Milliseconds since 1970. */
	addedAt: v.number(),
	/** What its first load here said of itself; null: not loaded yet. */
	check: v.fallback(
		v.nullable(
			v.object({ at: v.number(), problem: v.nullable(v.pipe(v.string(), v.maxLength(1000))) })
		),
		null
	)
});
/** A model that a person added. */
export type OwnModel = v.InferOutput<typeof ownModelSchema>;

export const MAX_OWN_MODELS = 100;

/**
 * Where the engine finds the files: of a folder's, below a name that no network answers. Whatever has no commit bears its
 * hash, so that other files at the same address never meet those that are there.
 */
export function ownBaseUrl(source: OwnSource): string {
	switch (source.kind) {
		case 'hub':
			return `${HUB}${source.owner}/${source.name}/resolve/${source.commit}/`;
		case 'url':
			return `${source.url}resolve/${source.hash}/`;
		case 'folder':
			return `https://headroom-folder.invalid/resolve/${source.hash}/`;
	}
}

/**
 * The id of its variant; no id of the catalogue has a slash. Of a folder the hash alone: by it the files are kept,
 * whatever the folder is called.
 */
export function ownId(source: OwnSource): string {
	switch (source.kind) {
		case 'hub':
			return `${source.owner}/${source.name}@${source.commit.slice(0, 8)}`;
		case 'url': {
			const { host, pathname } = new URL(source.url);
			const path = `${host}${pathname}`.replace(/\/+$/, '').slice(0, 180);
			return `${path.includes('/') ? path : `${path}/`}@${source.hash.slice(0, 8)}`;
		}
		case 'folder':
			return `folder/${source.hash}`;
	}
}

/** Whose it is: the hub's owner, the host, or this computer. */
export function ownerOf(source: OwnSource): string {
	switch (source.kind) {
		case 'hub':
			return source.owner;
		case 'url':
			return new URL(source.url).host;
		case 'folder':
			return 'this computer';
	}
}

/** What another person, or another browser, needs to look at the model; null: it came from a folder. */
export function proposalOf(source: OwnSource): string | null {
	switch (source.kind) {
		case 'hub':
			return `${source.owner}/${source.name}@${source.commit}`;
		case 'url':
			return source.url;
		case 'folder':
			return null;
	}
}

/** Its own name, without the owner. Plain text to show: a folder may be called anything. */
export function ownName(source: OwnSource): string {
	switch (source.kind) {
		case 'hub':
			return source.name;
		case 'url':
			return partsOf(source.url).at(-1) ?? new URL(source.url).host;
		case 'folder':
			return source.name.replace(UNSEEN, '') || 'unnamed';
	}
}

/** Control and format characters, such as those that reverse the text after them; joiners are part of some spellings. */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}]/gu;

/** The parts of the path to the model's folder, without the revision. */
export const partsOf = (url: string): string[] =>
	new URL(url).pathname
		.replace(/\/resolve\/[^/]+\/$/, '/')
		.split('/')
		.filter(Boolean);

/** Its architecture and size, as far as the catalogue tells them of its library; null: the library is a stranger's. */
export function buildOf({ library }: OwnModel): string | null {
	if (library.kind === 'stranger') return null;
	const familyId = stemOf(library.variantId);
	return `${architectureOf(familyId)} ${familyProfile(familyId).parametersBillion}`;
}

/**
 * An own model as a variant. `lender`: the catalogue variant whose library it uses; undefined: the catalogue has it no
 * more, or the library is a stranger's.
 */
export function ownVariant(
	model: OwnModel,
	lender: Variant | undefined,
	familyId = ownId(model.source)
): Variant {
	const { source, library, quantization, contextWindow, declaredBytes } = model;
	const parsed = parseQuantization(quantization);
	if (!parsed)
		throw new TypeError(`Expected a quantization like q4f16_1, found "${quantization}".`);
	const modelType = lender?.modelType ?? 0;
	return {
		id: ownId(source),
		familyId,
		quantization: parsed,
		origin: 'own',
		modelUrl: ownBaseUrl(source),
		libraryUrl: library.kind === 'catalog' ? (lender?.libraryUrl ?? library.url) : library.url,
		declaredBytes,
		declaredContextWindow: contextWindow,
		defaultContextWindow: contextWindow,
		maxContextWindow: null,
		// Compiled for them.
		overrides: lender?.overrides ?? {},
		requiredFeatures: lender?.requiredFeatures ?? [],
		requiredBindingBytes: lender?.requiredBindingBytes ?? null,
		modelType,
		modelManifest: null,
		// Without a package manifest WebLLM takes images for this type alone.
		vision: modelType === 2,
		downloadBytes: null,
		own: {
			...(source.kind === 'url' && { from: source.url }),
			...(source.kind !== 'hub' && { contentHash: source.hash }),
			...(library.kind === 'stranger' && { librarySha256: library.sha256 })
		}
	};
}
