import type { Family, Variant } from '../models/catalog.ts';
import { BALANCED, bestThatFits, type Choice } from './choice.ts';
import type { Knowledge } from './judge.ts';
import { simulated } from './simulation.ts';

const GiB = 2 ** 30;

/** What graphics cards are sold with. */
export const SIZES_BYTES: readonly number[] = [4, 6, 8, 12, 16, 24].map((gib) => gib * GiB);

export interface SizeAdvice {
	/** Memory of the GPU. */
	sizeBytes: number;
	/** The best trade between answers and speed that fits; null: none is sure to. */
	balanced: Choice | null;
	/** The most capable that fits. */
	capable: Choice | null;
}

/** What to choose by the GPU's memory: a dedicated GPU with 16-bit shaders and nothing else on it. */
export const adviceBySize = (
	families: readonly Family[],
	knownOf: (variant: Variant) => Knowledge,
	sizes: readonly number[] = SIZES_BYTES
): SizeAdvice[] =>
	sizes.map((sizeBytes) => {
		const situation = simulated({
			gpu: { name: 'GPU', shared: false },
			sizeBytes,
			shaderF16: true
		});
		return {
			sizeBytes,
			balanced: bestThatFits(families, BALANCED, knownOf, situation),
			capable: bestThatFits(families, { ...BALANCED, priority: 'quality' }, knownOf, situation)
		};
	});
