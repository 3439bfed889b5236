import { type VariantName, variantNames } from '../model/architecture.ts';

/** `npm run test:all` tries all variants; `npm test` one of each precision, and of each quantization. */
const IN_A_SHORT_RUN: readonly VariantName[] = ['q4f32_1', 'q0f16'];

export const tried: readonly VariantName[] =
	process.env.LONG === 'too' ? variantNames : IN_A_SHORT_RUN;
