import fc from 'fast-check';
import { expect, test } from 'vitest';
import { estimate, type Estimate } from '#plan/memory/estimate.ts';
import { newerQwen, newerQwenMetadata } from '#plan/memory/newer-libraries.fixture.ts';
import { qwenVariant } from '#plan/memory/worked-example.fixture.ts';
import { confidenceLabel, confidenceWords } from './confidence.ts';
import { partsInWords, partsOf } from './parts.ts';

const { memory_usage } = newerQwenMetadata('q4f16_1');
const all = newerQwen('q4f16_1', { memory_usage: { ...memory_usage, argsort_probs: 0 } });

function planned(...args: Parameters<typeof estimate>): Estimate {
	const made = estimate(...args);
	if (!made) throw new Error('there is no estimate');
	return made;
}
const variant = qwenVariant('q4f16_1');

test('the parts that are shown sum to the peak, whatever is known', () => {
	const facts = fc.constantFrom(all, newerQwen('q4f32_1'), {}, null);
	fc.assert(
		fc.property(facts, fc.integer({ min: 1, max: 65_536 }), fc.boolean(), (known, window, lean) => {
			const made = planned(variant, window, known, [], { sampling: lean ? 'lean' : 'engine' });
			const sum = partsOf(made).reduce((total, { bytes }) => total + bytes, 0);
			expect(sum).toBe(made.peakBytes);
		})
	);
});

test('sampling is explained by the batch the library was compiled for', () => {
	const sampling = partsOf(planned(variant, 4096, all)).at(-1);
	expect(sampling).toMatchObject({ key: 'sampling', name: 'Sampling', bytes: 466_747_392 });
	expect(sampling?.explanation).toContain(
		'buffers for a batch of 128 that the library was compiled for'
	);
	expect(partsInWords(planned(variant, 4096, all))).toContain('Sampling 445 MiB');
});

test('sampling is no part where there are no such buffers', () => {
	const lean = planned(variant, 4096, all, [], { sampling: 'lean' });
	expect(partsOf(lean).map(({ key }) => key)).not.toContain('sampling');
});

test('only a plan of a kind that was measured is called exact', () => {
	expect(confidenceWords(planned(variant, 4096, newerQwen('q4f16_1')))).toBe('exact, ±2%');
	expect(confidenceLabel(planned(variant, 4096, all))).toBe('from the library');
	expect(confidenceWords(planned(variant, 4096, all))).toBe(
		'from the library, not yet measured on this device, ±21%'
	);
	const here = planned(variant, 4096, all, [], { verifiedHere: true });
	expect(confidenceWords(here)).toBe('exact, ±2%');
});

test('a measured figure, exact weights and an estimate are called so', () => {
	const measured = [{ contextWindow: 4096, afterLoadBytes: 1e9, peakBytes: 2e9 }];
	expect(confidenceWords(planned(variant, 4096, null, measured))).toBe('measured, ±1%');
	const doubtful = newerQwen('q4f16_1', { kv_state_kind: 'hybrid' });
	expect(confidenceWords(planned(variant, 4096, doubtful))).toMatch(/^weights exact, ±\d+%$/);
	// Its bounds stand in its note.
	expect(confidenceWords(planned(variant, 4096))).toBe('estimate');
});
