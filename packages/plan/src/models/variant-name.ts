import { familyById, variantById } from './catalog-data.ts';

/** "Llama 3.2 1B Instruct q4f16_1"; the id itself where the catalogue has no such variant. */
export function variantName(variantId: string): string {
	const variant = variantById.get(variantId);
	const family = variant && familyById.get(variant.familyId);
	return variant && family ? `${family.name} ${variant.quantization.name}` : variantId;
}
