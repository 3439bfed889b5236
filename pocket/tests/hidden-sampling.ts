import { buildLibrary, type HiddenSampling } from '../library.ts';
import { architecture, type Architecture, type VariantName } from '../model/architecture.ts';
import { Random } from '../training/random.ts';

const MOST_FACTOR = 9;
const MOST_BATCH = 128;

/** What a library hides, drawn from a seed: one to nine buffers, for a batch of up to 128. */
export function drawSampling(seed: number): HiddenSampling {
	const random = new Random(seed);
	return { factor: 1 + random.below(MOST_FACTOR), batch: 1 + random.below(MOST_BATCH) };
}

/** The seed of a run: `POCKET_SEED` repeats an earlier one. */
export const seedOfRun = (): number =>
	Number(process.env.POCKET_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** A variant's library that allocates more for sampling than it says. */
export const hidingLibrary = (
	name: VariantName,
	sampling: HiddenSampling,
	architectureOf: Architecture = architecture
): Promise<Buffer> => buildLibrary(architectureOf, name, sampling);
