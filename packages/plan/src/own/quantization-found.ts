import { parseQuantization, type Quantization } from '../models/quantization.ts';

/** What each source says a model's weights are stored as; null: it does not say, or nothing that is known. */
export interface QuantizationSources {
	config: string | null;
	name: string | null;
	library: string | null;
}

export type QuantizationFound =
	| { kind: 'agreed'; quantization: Quantization }
	/** A person decides among `choices`. */
	| {
			kind: 'disagree';
			sources: QuantizationSources;
			choices: readonly Quantization[];
			sentence: string;
	  }
	| { kind: 'unknown'; sentence: string };

const IN_NAME = /(?:^|[-_.])(q\d+(?:b?f)(?:16|32)(?:_\d+)?)(?=$|[-_.])/i;

/** The quantization that a repository's or folder's name ends or speaks of; null: none. */
export const quantizationInName = (name: string): string | null =>
	IN_NAME.exec(name)?.[1]?.toLowerCase() ?? null;

/** A name without its quantization and the mark of MLC's format; the name itself where nothing else is in it. */
export const stemOf = (name: string): string =>
	name
		.replace(IN_NAME, '')
		.replace(/-MLC$/i, '')
		.replace(/^[-_.]+/, '') || name;

const LABELS = {
	config: 'its configuration',
	name: 'its name',
	library: 'the library'
} as const;
const SOURCES = ['config', 'name', 'library'] as const;

/** One quantization where all sources that speak agree. */
export function findQuantization(sources: QuantizationSources): QuantizationFound {
	const said = SOURCES.flatMap((source) => {
		const name = sources[source];
		return name === null ? [] : [{ source, name, quantization: parseQuantization(name) }];
	});
	const names = new Set(said.map(({ name }) => name));
	const known = said.flatMap(({ quantization }) => (quantization ? [quantization] : []));
	const [first] = known;
	if (!first)
		return {
			kind: 'unknown',
			sentence:
				said.length === 0
					? 'Neither its configuration nor its name says how its weights are stored.'
					: `WebLLM knows no quantization ${[...names].map((name) => `“${name}”`).join(' or ')}.`
		};
	if (names.size === 1) return { kind: 'agreed', quantization: first };
	return {
		kind: 'disagree',
		sources,
		choices: known.filter(
			(one, index) => known.findIndex(({ name }) => name === one.name) === index
		),
		sentence: `Its quantization is not clear: ${said
			.map(({ source, name }) => `${LABELS[source]} says ${name}`)
			.join(', ')}.`
	};
}
