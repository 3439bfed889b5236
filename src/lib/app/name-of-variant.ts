import type { Catalog } from './catalog.svelte.ts';

/** "Llama 3.2 1B Instruct q4f16_1", of an own model with its owner; the id itself where no model has it. */
export function nameOfVariant(
	catalog: Pick<Catalog, 'variant' | 'familyOf'>,
	variantId: string
): string {
	const variant = catalog.variant(variantId);
	return variant ? `${catalog.familyOf(variant).name} ${variant.quantization.name}` : variantId;
}
