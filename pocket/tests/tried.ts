import { type VariantName, variantNames } from '../model/architecture.ts';

/** `npm run test:all`: everything is tried. */
export const LONG = process.env.LONG === 'too';

/** In a short run the variant that the page loads first. */
export const tried: readonly VariantName[] = LONG ? variantNames : ['q4f32_1'];
