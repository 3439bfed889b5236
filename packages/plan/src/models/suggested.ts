import type { Family, Variant } from './catalog.ts';

/** The variant that a link names, by its id or by where its files lie; null: the catalogue has none such. */
export function suggestedVariant(name: string, families: readonly Family[]): Variant | null {
	const plain = (url: string) => url.replace(/\/+$/, '');
	const variants = families.flatMap((family) => family.variants);
	return (
		variants.find(({ id }) => id === name) ??
		variants.find(({ modelUrl }) => plain(modelUrl) === plain(name)) ??
		null
	);
}
