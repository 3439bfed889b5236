import { byName } from '../by-name.ts';
import type { Family } from './catalog.ts';

/**
 * The families in which every word of the query occurs: in the name, the id, a quantization, or as what the
 * family can do ("vision", "thinking"). Case and separators do not matter, so "llama3.2" finds
 * "Llama 3.2"; a figure counts from its first digit, so "1b" does not find "0.1B". The order stays.
 */
export function search(families: readonly Family[], query: string): Family[] {
	const words = query.toLowerCase().split(/\s+/).filter(Boolean);
	return families.filter((family) => {
		const text = searchable(family);
		return words.every((word) => occurs(word, text));
	});
}

function searchable(family: Family): string {
	const able = (['vision', 'thinking'] as const).filter((what) => family[what]);
	const quantizations = family.variants.map(({ quantization }) => quantization.name);
	return [family.name, family.id, ...quantizations, ...able].join('\n').toLowerCase();
}

function occurs(word: string, text: string): boolean {
	if (!/^\d/.test(word)) return squeeze(text).includes(squeeze(word));
	for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1))
		if (!/[\d._]/.test(text[at - 1] ?? '')) return true;
	return false;
}

const squeeze = (text: string) => text.replace(/[ \-_]+/g, '');

export type FamilyOrder = 'name' | 'parameters' | 'declared';

/** A sorted copy, smallest first; what is unknown comes last, and pocket stays first. */
export function sortFamilies(families: readonly Family[], order: FamilyOrder): Family[] {
	const rank = (family: Family) => Number(family.id !== 'pocket');
	return [...families].sort(
		(a, b) => rank(a) - rank(b) || figure(a, order) - figure(b, order) || byName(a, b)
	);
}

function figure(family: Family, order: FamilyOrder): number {
	switch (order) {
		case 'name':
			return 0;
		case 'parameters':
			// Not Infinity: the difference of two of them is NaN.
			return family.parametersBillion ?? Number.MAX_VALUE;
		case 'declared':
			return Math.min(...family.variants.map((variant) => variant.declaredBytes));
	}
}
