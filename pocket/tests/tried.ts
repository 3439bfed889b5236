import { type VariantName, variantNames } from '../model/architecture.ts';

/** `npm run test:all`: everything is tried. */
export const LONG = process.env.LONG === 'too';

/** One of each precision, and of each quantization. */
const IN_A_SHORT_RUN: readonly VariantName[] = ['q4f32_1', 'q0f16'];

export const tried: readonly VariantName[] = LONG ? variantNames : IN_A_SHORT_RUN;
