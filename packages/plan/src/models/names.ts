import type { Family, Variant } from './catalog.ts';

/** What a name was taken for. */
export interface Understood {
	kind: 'variant';
	family: Family;
	variant: Variant;
	/** The name was that of a family: its usual quantization was taken. */
	usual: boolean;
	sentence: string;
}

export interface NotUnderstood {
	kind: 'unknown' | 'ambiguous';
	/** Ids of what it may have meant; of variants where the family was understood. */
	candidates: readonly string[];
	sentence: string;
}

/** Names are typed or sent by programs; none is longer. */
export const MAX_NAME_CHARS = 300;
const MOST_CANDIDATES = 8;

/**
 * The variant of the catalogue that a name means: a catalogue id, a hub name or URL ("mlc-ai/…-q4f16_1-MLC",
 * "meta-llama/Llama-3.2-1B-Instruct"), or a name with a tag ("llama3.2:1b-instruct-q4"). Case does not matter.
 * `shaderF16`: whether 16-bit shaders are there, where the name leaves the compute type open.
 */
export function understand(
	name: string,
	families: readonly Family[],
	{ shaderF16 = true }: { shaderF16?: boolean } = {}
): Understood | NotUnderstood {
	const asked = name.trim().slice(0, MAX_NAME_CHARS);
	const short = lastPart(asked);
	for (const family of families) {
		const variant = family.variants.find(({ id }) => same(id, asked) || same(id, short));
		if (variant) return understood(asked, family, variant, false);
	}
	// The id of an own model's family begins with its owner.
	const whole =
		families.find(({ id }) => same(id, asked)) ?? families.find(({ id }) => same(id, short));
	// "…-BF16" ends the name of a family as well.
	const { stem, quantization } = whole
		? { stem: whole.id, quantization: null }
		: parted(short.replace(/-MLC$/i, ''));
	const found = whole ? [whole] : familiesNamed(stem, families);
	const [family] = found;
	if (!family)
		return {
			kind: 'unknown',
			candidates: near(stem, families),
			sentence: `The catalogue has no model “${asked}”.`
		};
	if (found.length > 1)
		return {
			kind: 'ambiguous',
			candidates: found.slice(0, MOST_CANDIDATES).map(({ id }) => id),
			sentence: `“${asked}” may be ${found.length} models of the catalogue: name one of them.`
		};
	const variant = variantOf(family, quantization, shaderF16);
	if (!variant)
		return {
			kind: 'unknown',
			candidates: family.variants.map(({ id }) => id),
			sentence: `${family.name} does not exist as ${quantization}; there are ${family.variants.map((one) => one.quantization.name).join(', ')}.`
		};
	return understood(asked, family, variant, quantization === null);
}

/** The variant with so many bits per weight (0: not quantized); null: there is none. */
export function variantWithBits(
	{ variants }: Family,
	bits: number,
	{ shaderF16 = true }: { shaderF16?: boolean } = {}
): Variant | null {
	// 16 and 32 bits are what WebLLM calls q0.
	const of = (compute: 'f16' | 'f32') =>
		variants.find(
			({ quantization }) =>
				quantization.weightBits === (bits >= 16 ? 0 : bits) && quantization.compute === compute
		);
	if (bits === 16) return of('f16') ?? null;
	if (bits === 32) return of('f32') ?? null;
	return (shaderF16 ? (of('f16') ?? of('f32')) : (of('f32') ?? of('f16'))) ?? null;
}

/** What is taken of a family whose quantization was not said: 4 bits, else the most precise. */
export const usualVariant = (family: Family, how: { shaderF16?: boolean } = {}): Variant | null =>
	variantWithBits(family, 4, how) ?? family.variants[0] ?? null;

function variantOf(family: Family, quantization: string | null, shaderF16: boolean) {
	if (quantization === null) return usualVariant(family, { shaderF16 });
	const exact = family.variants.find((one) => one.quantization.name.startsWith(quantization));
	if (/^q\d+f(16|32)/.test(quantization)) return exact ?? null;
	const full = /^(?:fp?|bf)(16|32)$/.exec(quantization);
	const bits = Number(full?.[1] ?? /^(?:q|int)(\d+)/.exec(quantization)?.[1] ?? NaN);
	return variantWithBits(family, bits, { shaderF16 });
}

function understood(asked: string, family: Family, variant: Variant, usual: boolean): Understood {
	const what = `${family.name} ${variant.quantization.name}`;
	const how = usual ? `, whose usual quantization is ${variant.quantization.name}` : '';
	return {
		kind: 'variant',
		family,
		variant,
		usual,
		sentence: usual
			? `“${asked}” is understood as ${family.name}${how}.`
			: `“${asked}” is understood as ${what}.`
	};
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** Of "https://huggingface.co/owner/name/" and "owner/name": the name. */
const lastPart = (name: string): string =>
	name
		.replace(/^(?:https?:\/\/)?(?:huggingface\.co|hf\.co)\//i, '')
		.replace(/\/+$/, '')
		.replace(/^[^/]*\//, '');

/** llama.cpp's and Ollama's endings ("q4", "q4_K_M", "fp16") as well as WebLLM's ("q4f16_1"). */
const QUANTIZATION =
	/[-:_](q\d+f(?:16|32)(?:_\d)?|q\d+(?:_[\dk]+(?:_[sml])?)?|int\d+|b?fp?(?:16|32))$/i;

function parted(name: string): { stem: string; quantization: string | null } {
	const stem = name.replace(/:latest$/i, '');
	const found = QUANTIZATION.exec(stem);
	return found?.[1] === undefined
		? { stem, quantization: null }
		: { stem: stem.slice(0, found.index), quantization: found[1].toLowerCase() };
}

/** Words by which publishers mark what talks; names in use leave them out. */
const TALKS = new Set(['instruct', 'it', 'chat', 'hf', 'bf16']);

const wordsOf = (name: string): string[] =>
	name
		.toLowerCase()
		.replace(/(\d)_(\d)/g, '$1.$2')
		.split(/[-:\s_]+/)
		.filter((word) => word !== '');
const keyOf = (name: string): string => wordsOf(name).join('');
const shortKeyOf = (name: string): string =>
	wordsOf(name)
		.filter((word) => !TALKS.has(word))
		.join('');

/** With the name itself, else the same but for the words that all talking models bear, else beginning like it. */
function familiesNamed(stem: string, families: readonly Family[]): Family[] {
	const key = keyOf(stem);
	const exact = families.filter(({ id, name }) => keyOf(id) === key || keyOf(name) === key);
	if (exact.length > 0) return exact.slice(0, 1);
	const short = shortKeyOf(stem);
	const alike = families.filter(({ id }) => short !== '' && shortKeyOf(id) === short);
	if (alike.length > 0) return alike;
	return families.filter(({ id }) => {
		const words = wordsOf(id);
		return words.some((_, n) => n > 0 && words.slice(0, n).join('') === key);
	});
}

/** Families that share the beginning of the name. */
function near(stem: string, families: readonly Family[]): string[] {
	const key = keyOf(stem);
	const begins = key.replace(/[\d.].*$/, '').slice(0, 12);
	return begins.length < 2
		? []
		: families
				.filter(({ id }) => keyOf(id).includes(begins))
				.slice(0, MOST_CANDIDATES)
				.map(({ id }) => id);
}
