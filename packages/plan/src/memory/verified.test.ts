import { describe, expect, it } from 'vitest';
import { estimate } from './estimate.ts';
import {
	chatConfig,
	libraryOf,
	newerQwen,
	newerQwenMetadata,
	QWEN_VOCABULARY
} from './newer-libraries.fixture.ts';
import { qwenMetadata, qwenVariant } from './worked-example.fixture.ts';

const variant = qwenVariant('q4f16_1');
const config = chatConfig(QWEN_VOCABULARY);
const { memory_usage } = newerQwenMetadata('q4f16_1');
/** A library like those that today's catalogue names: none of them was measured. */
const all = newerQwen('q4f16_1', {
	memory_usage: { ...memory_usage, argsort_probs: 0, sample_with_top_p: 0 }
});

function planned(...args: Parameters<typeof estimate>) {
	const made = estimate(...args);
	if (!made) throw new Error('there is no estimate');
	return made;
}

describe('a plan is exact', () => {
	it('where libraries of its kind were measured', () => {
		const phi = { ...qwenMetadata('q4f16_1'), max_batch_size: 1 };
		for (const facts of [
			newerQwen('q4f16_1'),
			{ library: libraryOf(qwenMetadata('q4f16_1'), 'older'), config },
			{ library: libraryOf(phi, 'older'), config },
			{ library: libraryOf({ ...phi, workspace_bytes: 12 }), config }
		])
			expect(planned(variant, 4096, facts)).toMatchObject({
				confidence: 'library',
				verified: true,
				exactParts: true,
				marginRatio: 0.02
			});
	});

	it('not where none was, and its margin is what the last such kind was off by', () => {
		const plan = planned(variant, 4096, all);
		expect(plan).toMatchObject({ confidence: 'library', verified: false, exactParts: false });
		expect(plan.marginRatio).toBeCloseTo(0.21);
		const unknown = { library: { ...libraryOf(qwenMetadata('q4f16_1')), imports: null }, config };
		expect(planned(variant, 4096, unknown).verified).toBe(false);
		const noStages = { library: libraryOf(qwenMetadata('q4f16_1')), config };
		expect(planned(variant, 4096, noStages).verified).toBe(false);
	});

	it('as soon as one was loaded on this device and took what was planned', () => {
		expect(planned(variant, 4096, all, [], { verifiedHere: true }).verified).toBe(true);
		const { afterLoadBytes, peakBytes } = planned(variant, 1024, all);
		const measured = [{ contextWindow: 1024, afterLoadBytes, peakBytes: peakBytes - 2 ** 20 }];
		expect(planned(variant, 4096, all, measured)).toMatchObject({
			verified: true,
			confidence: 'library'
		});
	});

	it('not when that load took something else', () => {
		const { afterLoadBytes, peakBytes } = planned(variant, 1024, all);
		const measured = [{ contextWindow: 1024, afterLoadBytes, peakBytes: peakBytes * 0.9 }];
		expect(planned(variant, 4096, all, measured).verified).toBe(false);
	});

	it('never while something about it is in doubt', () => {
		const hybrid = newerQwen('q4f16_1', { kv_state_kind: 'hybrid' });
		expect(planned(variant, 4096, hybrid, [], { verifiedHere: true }).verified).toBe(false);
	});
});
