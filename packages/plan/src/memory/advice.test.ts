import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsPerWeight } from '../models/quantization.ts';
import { adviceFor } from './advice.ts';
import { judge } from './judge.ts';
import {
	catalog,
	family,
	GiB,
	knownOf,
	MiB,
	qwenFamily,
	ready,
	situation
} from './samples.fixture.ts';

const advise = (gib: number, id = 'Llama-3.2-1B-Instruct', overrides = {}) =>
	adviceFor(
		catalog.find((each) => each.id === id)!,
		knownOf,
		situation(gib * GiB, overrides)
	);
const names = (...given: Parameters<typeof advise>) =>
	advise(...given).map(({ kind, variant }) => `${kind} ${variant.quantization.name}`);

describe('advice for this GPU', () => {
	it('gives three answers where there is room, from least memory to most bits', () => {
		expect(names(24)).toEqual(['safest q4f16_1', 'balanced q4f16_1', 'precise q0f32']);
		const [safest, balanced, precise] = advise(24);
		expect(safest!.contextWindow).toBe(4096);
		expect(balanced!.contextWindow).toBe(8192);
		expect([safest, balanced, precise].map((each) => each!.threshold)).toEqual([0.8, 0.9, 0.95]);
	});

	it('stays with f32 where the GPU has no 16-bit shaders', () => {
		expect(names(24, undefined, { reading: ready({ features: [] }) })).toEqual([
			'safest q4f32_1',
			'balanced q4f32_1',
			'precise q0f32'
		]);
	});

	it('offers three bits only where nothing finer exists, and nothing where nothing runs', () => {
		expect(names(48, 'Llama-3.1-70B-Instruct')).toContain('safest q3f16_1');
		expect(names(2, 'Llama-3.1-70B-Instruct')).toEqual([]);
	});

	it('puts whole weights before three bits', () => {
		const odd = family('odd', 1, { q3f16_1: 500, q0f16: 2000 });
		expect(
			adviceFor(odd, knownOf, situation(20 * GiB)).map(({ variant }) => variant.quantization.name)
		).toEqual(['q0f16', 'q0f16', 'q0f16']);
	});

	it('takes a shorter window where the usual one does not fit, and says where it is very short', () => {
		const windows = (mib: number) =>
			adviceFor(qwenFamily, knownOf, situation(mib * MiB)).map(
				({ kind, contextWindow, sentence }) => [kind, contextWindow, /very short/.test(sentence)]
			);
		expect(windows(460)).toEqual([
			['safest', 512, true],
			['balanced', 512, true],
			['precise', 4096, false]
		]);
		expect(windows(480)[0]).toEqual(['safest', 2048, false]);
	});

	it('says what it takes and what is set', () => {
		expect(advise(24)[0]!.sentence).toMatch(
			/^q4f16_1 with 4,096 tokens takes .* room for other programs; threshold 80%\.$/
		);
	});

	it('is never blocked at its own threshold, whatever the budget, and more precise is never coarser', () => {
		fc.assert(
			fc.property(
				fc.double({ min: 0.1, max: 64, noNaN: true }),
				fc.constantFrom(...catalog),
				fc.boolean(),
				(gib, family, f16) => {
					const here = situation(gib * GiB, { reading: ready(f16 ? {} : { features: [] }) });
					const advice = adviceFor(family, knownOf, here);
					for (const { variant, contextWindow, threshold, kind } of advice) {
						const own = { ...here, threshold };
						const { verdict } = judge(variant, contextWindow, knownOf(variant), own);
						if (kind === 'precise') expect(verdict.kind).not.toBe('blocked');
						else expect(verdict.kind).toBe('fits');
					}
					const bits = advice.map(({ variant }) => bitsPerWeight(variant.quantization));
					expect(bits.at(-1) ?? 0).toBeGreaterThanOrEqual(bits[0] ?? 0);
				}
			),
			{ numRuns: 200 }
		);
	});

	it('does not depend on the threshold that is set now', () => {
		const at = (threshold: number | 'off') =>
			adviceFor(qwenFamily, knownOf, situation(3 * GiB, { threshold })).map(
				({ variant, contextWindow }) => [variant.id, contextWindow]
			);
		expect(at('off')).toEqual(at(0.5));
	});
});
