import type { Family, Variant } from '../models/catalog.ts';
import { stemOf } from './quantization-found.ts';

/** A catalogue model whose library an added model may use. */
export interface Candidate {
	family: Family;
	variant: Variant;
}

/** Which families of the catalogue have an architecture, by `model_type`: saves asking for the files of the others. */
const ARCHITECTURES: Readonly<Record<string, RegExp>> = {
	llama: /llama|hermes-[23]|smollm|^pocket$/i,
	mistral: /mistral|wizardmath/i,
	ministral3: /ministral/i,
	qwen2: /qwen2|distill-qwen/i,
	qwen3: /^qwen3-/i,
	qwen3_5: /^qwen3\.5/i,
	gemma: /^gemma-\d/i,
	gemma2: /^gemma-2-/i,
	gemma3: /^gemma3/i,
	gemma3_text: /^gemma3/i,
	gemma4: /^gemma-?4/i,
	phi: /^phi-[12]/i,
	'phi-msft': /^phi-[12]/i,
	phi3: /^phi-[34](?!.*vision)/i,
	phi3_v: /vision/i,
	olmo2: /^olmo-2/i,
	olmo: /^olmo/i,
	stablelm: /^stablelm/i,
	gpt_neox: /redpajama/i
};

/** The architecture of a catalogue family, by its id; null: it is not known. */
export const architectureOf = (familyId: string): string | null =>
	Object.entries(ARCHITECTURES).find(([, pattern]) => pattern.test(familyId))?.[0] ?? null;

/**
 * The variants of the built-in catalogue whose libraries may fit, one for each library: of the same quantization, and of
 * the same architecture where that is known; those first whose names share most words with `name`.
 */
export function libraryCandidates(
	{
		name,
		modelType,
		quantization
	}: { name: string; modelType: string | null; quantization: string },
	families: readonly Family[]
): Candidate[] {
	const all = families.flatMap((family) =>
		family.variants
			// A library that is loaded through a package manifest cannot do without, and added models have none.
			.filter(
				({ origin, modelManifest, quantization: { name } }) =>
					origin !== 'own' && modelManifest === null && name === quantization
			)
			.map((variant) => ({ family, variant }))
	);
	const architecture =
		modelType !== null && Object.hasOwn(ARCHITECTURES, modelType)
			? ARCHITECTURES[modelType]
			: undefined;
	const suited = architecture ? all.filter(({ family }) => architecture.test(family.id)) : all;
	const words = wordsOf(name);
	const score = ({ family }: Candidate) =>
		wordsOf(family.id).filter((word) => words.includes(word)).length;
	const libraries = new Map<string, Candidate[]>();
	for (const candidate of suited) {
		const { libraryUrl } = candidate.variant;
		libraries.set(libraryUrl, [...(libraries.get(libraryUrl) ?? []), candidate]);
	}
	return [...libraries.values()]
		.map((sharing) => ({ owner: ownerOf(sharing), score: Math.max(...sharing.map(score)) }))
		.sort((a, b) => b.score - a.score)
		.flatMap(({ owner }) => (owner ? [owner] : []));
}

/** Of the variants that share a library the one it was compiled for: its file is named after it. */
function ownerOf(sharing: readonly Candidate[]): Candidate | undefined {
	const file = lookOf(sharing[0]?.variant.libraryUrl.split('/').at(-1) ?? '');
	return sharing.find(({ family }) => file.startsWith(lookOf(family.id))) ?? sharing[0];
}

const wordsOf = (name: string): string[] =>
	name
		.toLowerCase()
		.replace(/(\d)_(\d)/g, '$1.$2')
		.split(/[-_/\s]+/)
		.filter(Boolean);

/**
 * The family of the catalogue whose name an added model bears although another owner publishes it; null: none. Letters
 * and digits that look alike count as equal.
 */
export function imitated(
	{ owner, name }: { owner: string; name: string },
	families: readonly Family[]
): Family | null {
	if (owner.toLowerCase() === 'mlc-ai') return null;
	const key = lookOf(stemOf(name));
	return (
		families.find(
			({ id, variants }) => lookOf(id) === key && variants.every(({ origin }) => origin !== 'own')
		) ?? null
	);
}

const lookOf = (name: string): string =>
	name
		.toLowerCase()
		.replace(/[-_.\s]/g, '')
		.replace(/rn/g, 'm')
		.replace(/vv/g, 'w')
		.replace(/[1|i]/g, 'l')
		.replace(/0/g, 'o')
		.replace(/5/g, 's');
