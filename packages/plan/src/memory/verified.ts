import { importsSafeCall, type LibraryMetadata } from '../models/library.ts';

/**
 * Whether libraries of this kind were measured and took what their plan says; only of these a plan is called exact
 * before one was loaded on this device. They are those of 2024, whose runtime samples on the CPU (batches of 1, 80 and
 * 128; 34 of 35 loads to the byte after loading), those of v0_2_80 (five of five loads, peaks within 0.1%), and
 * libraries that declare their own workspace. Of libraries with all sampling functions only those buffers were
 * measured, not a whole load.
 */
export function kindWasMeasured(library: LibraryMetadata): boolean {
	if (library.workspaceBytes !== null) return true;
	const usage = library.memoryUsage;
	if (usage['argsort_probs'] !== undefined) return false;
	switch (importsSafeCall(library)) {
		case false:
			return true;
		case true:
			return library.namesStages && usage['softmax_with_temperature'] !== undefined;
		case null:
			return false;
	}
}
