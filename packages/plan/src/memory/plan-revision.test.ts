import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { LibraryMetadata } from '../models/library.ts';
import { PLAN_REVISION, planOf } from './plan.ts';
import { qwenLibrary, qwenVariant } from './worked-example.fixture.ts';

const safeCall: LibraryMetadata['imports'] = [
	{ module: 'env', name: 'TVMFFIWasmSafeCall', kind: 'function' }
];
const softmax = { prefill: 80_303_104, embed: 3_670_016, softmax_with_temperature: 0 };

/** Libraries of every kind whose plan has a form of its own. */
const kinds: Partial<LibraryMetadata>[] = [
	{},
	{ namesStages: true, maxBatchSize: 128 },
	{ namesStages: true, maxBatchSize: 128, imports: safeCall, memoryUsage: softmax },
	{
		namesStages: true,
		maxBatchSize: 4,
		imports: safeCall,
		memoryUsage: { ...softmax, argsort_probs: 0 }
	},
	{ kvStateKind: 'hybrid' },
	{ slidingWindowSize: 1024 },
	{ workspaceBytes: 1_000_000 }
];

it('the revision is raised whenever a plan changes: loads kept under other formulas would correct wrongly', () => {
	const figures = ['q4f16_1', 'q4f32_1', 'q0f16'].flatMap((quantization) =>
		kinds.flatMap((kind) =>
			[1024, 4096].map((window) => {
				const library = { ...qwenLibrary(quantization), ...kind };
				const plan = planOf(qwenVariant(quantization), window, { library }, { verifiedHere: true });
				return [
					plan?.weightsBytes,
					plan?.kvBytes,
					plan?.runtimeBytes,
					plan?.activationsBytes,
					plan?.samplingBytes
				];
			})
		)
	);
	const digest = createHash('sha256').update(JSON.stringify(figures)).digest('hex').slice(0, 16);
	// Where this fails for a change that was meant: raise the revision, and write both down here.
	expect({ revision: PLAN_REVISION, digest }).toEqual({ revision: 1, digest: 'bbcfc8a920b09546' });
});
