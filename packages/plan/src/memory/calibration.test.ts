import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { runs } from '../../../../tests/support/runs.ts';
import { calibrationsOf } from './calibrate.ts';
import { calibrationFor, folderKey } from './calibration.ts';
import { estimate } from './estimate.ts';
import {
	allocate,
	BATCH,
	factsOf,
	variantOf,
	type Hidden,
	type Model
} from './hidden-allocation.fixture.ts';
import type { Observation } from './observation.ts';
import { observe } from './observe.ts';

it('libraries lie together that have the same folder and the same way of choosing tokens', () => {
	const url = 'https://lib.test/v1/a.wasm';
	expect(folderKey('lean', url)).toBe(folderKey('lean', 'https://lib.test/v1/b.wasm'));
	for (const other of ['https://lib.test/v2/a.wasm', 'https://lib.test/a.wasm', 'v1/a.wasm'])
		expect(folderKey('lean', other)).not.toBe(folderKey('lean', url));
	expect(folderKey('lean', 'a/b.wasm')).not.toBe(folderKey('lean', 'b/b.wasm'));
	expect(folderKey('engine', url)).not.toBe(folderKey('lean', url));
});

const adapter = 'an adapter';

const anyModel = fc
	.record({
		vocabulary: fc.constantFrom(32_000, 32_064, 49_152, 50_304, 128_256, 151_936, 200_064, 256_000),
		layers: fc.integer({ min: 12, max: 48 }),
		keyValueHeads: fc.constantFrom(1, 2, 4, 8),
		group: fc.constantFrom(1, 2, 4, 7),
		headDim: fc.constantFrom(64, 80, 96, 128),
		float: fc.constantFrom('f16' as const, 'f32' as const),
		matrices: fc.array(fc.integer({ min: 4000, max: 400_000 }), { minLength: 2, maxLength: 4 }),
		chunk: fc.constantFrom(512, 1024, 2048),
		temporaries: fc.array(fc.integer({ min: 10_000, max: 4_000_000 }), {
			minLength: 3,
			maxLength: 8
		})
	})
	.map(({ group, matrices, temporaries, ...model }): Omit<Model, 'id'> => ({
		...model,
		queryHeads: group * model.keyValueHeads,
		matrixBytes: matrices.map((n) => 16 * n),
		temporaries: temporaries.map((n) => 4 * n)
	}));

interface Load {
	model: Model;
	window: number;
}

const cacheOf = ({ model, window }: Load) =>
	window * model.layers * model.keyValueHeads * model.headDim;

/** Apart by more than any rounding or noise. */
const apart = (a: number, b: number) => Math.max(a, b) / Math.min(a, b) > 1.25;

/** Two loads that can tell one cause from another, and a third variant. */
const anyLoads = fc
	.array(
		fc.record({
			model: anyModel,
			window: fc.constantFrom(1024, 2048, 4096, 8192, 5000, 3333)
		}),
		{ minLength: 3, maxLength: 3 }
	)
	.map((loads) =>
		loads.map(({ model, window }, i) => ({ model: { ...model, id: `m${i}` }, window }))
	)
	.filter(([a, b]) => {
		if (!a || !b) return false;
		const vocabulary = a.model.vocabulary / b.model.vocabulary;
		const cache = cacheOf(a) / cacheOf(b);
		return apart(vocabulary, 1) && apart(cache, 1) && apart(vocabulary, cache);
	});

/** Of the peak: what chatting took more or less than its MiB in the measured libraries. */
const anyNoise = fc.array(fc.double({ min: -0.0012, max: 0.0012, noNaN: true }), {
	minLength: 3,
	maxLength: 3
});

/** What a load really takes. */
function truthOf({ model, window }: Load, hidden: readonly Hidden[], noise = 0) {
	const { peakBytes } = allocate(model, window, hidden);
	// Less than nothing is not taken.
	return allocate(model, window, hidden, Math.max(-500_000, Math.round(noise * peakBytes)));
}

function load(of: Load, hidden: readonly Hidden[], noise = 0): Observation {
	const { model, window } = of;
	const observation = observe({
		variant: variantOf(model),
		contextWindow: window,
		facts: factsOf(model),
		sampling: 'engine',
		libraryUrl: variantOf(model).libraryUrl,
		adapter,
		reading: truthOf(of, hidden, noise),
		at: 1
	});
	if (!observation) throw new Error('the load was not observed');
	return observation;
}

function planned({ model, window }: Load, loads: readonly Observation[]) {
	const variant = variantOf(model);
	const facts = factsOf(model);
	const calibration = calibrationFor(calibrationsOf(loads, adapter), 'engine', {
		url: variant.libraryUrl,
		fingerprint: facts.library?.fingerprint ?? null
	});
	const made = estimate(variant, window, facts, [], { calibration });
	if (!made) throw new Error('there is no estimate');
	return { ...made, calibration };
}

const off = (found: number, true_: number) => Math.abs(found - true_) / true_;

/** The share of the first load's peak that a hidden allocation takes. */
const anyShare = fc.double({ min: 0.1, max: 0.6, noNaN: true });
const anyCount = fc.integer({ min: 1, max: 9 });
const anyMoment = fc.constantFrom('load' as const, 'chat' as const);

type Form = 'vocabulary' | 'cache' | 'constant';
const FORMS: Record<Form, (load: Load) => number> = {
	vocabulary: ({ model }) => BATCH * model.vocabulary,
	cache: cacheOf,
	constant: () => 1
};

/** An allocation of a form that takes `share` of the first load. */
function hiddenOf(
	form: Form,
	first: Load | undefined,
	share: number,
	buffers: number,
	moment: Hidden['moment'],
	wholePages = true
): Hidden {
	if (!first) throw new Error('there is no first load');
	const wanted = share * allocate(first.model, first.window, []).peakBytes;
	const per = wanted / FORMS[form](first) / buffers;
	return {
		moment,
		buffers,
		wholePages,
		bytesEach: (model, window) => per * FORMS[form]({ model, window })
	};
}

const worst: Record<string, number> = {};
function third(name: string, loads: readonly Load[], hidden: readonly Hidden[], noise: number[]) {
	const [a, b, c] = loads;
	if (!a || !b || !c) throw new Error('three loads');
	const seen = [load(a, hidden, noise[0]), load(b, hidden, noise[1])];
	const made = planned(c, seen);
	const truth = truthOf(c, hidden, noise[2]);
	worst[name] = Math.max(worst[name] ?? 0, off(made.peakBytes, truth.peakBytes));
	return { made, truth, seen };
}

describe('a hidden allocation is found after two loads at most, and the third variant is planned within 2 %', () => {
	it.each(['vocabulary', 'cache', 'constant'] as const)('where it follows the %s', (form) => {
		fc.assert(
			fc.property(
				anyLoads,
				anyShare,
				anyCount,
				anyMoment,
				fc.boolean(),
				anyNoise,
				(loads, share, count, moment, wholePages, noise) => {
					const hidden = [hiddenOf(form, loads[0], share, count, moment, wholePages)];
					const { made, truth } = third(form, loads, hidden, noise);
					expect(off(made.peakBytes, truth.peakBytes)).toBeLessThan(0.02);
					expect(['confirmed', 'told']).toContain(made.correction?.certainty);
				}
			),
			{ numRuns: runs(100) }
		);
	});

	it('where two of them can be told apart by their buffers', () => {
		fc.assert(
			fc.property(
				anyLoads,
				fc.constantFrom(
					['vocabulary', 'cache'] as const,
					['vocabulary', 'constant'] as const,
					['cache', 'constant'] as const
				),
				fc.tuple(anyShare, anyShare),
				fc.tuple(anyCount, anyCount),
				fc.tuple(anyMoment, anyMoment),
				anyNoise,
				(loads, forms, shares, counts, moments, noise) => {
					const hidden = forms.map((form, i) =>
						hiddenOf(form, loads[0], shares[i] ?? 0, counts[i] ?? 1, moments[i] ?? 'load')
					);
					const [one, two] = hidden;
					if (!one || !two) throw new Error('two of them');
					// Of one size they are not told apart, and what drowns in the noise of a load tells nothing.
					fc.pre(
						loads.every(
							({ model, window }) =>
								off(one.bytesEach(model, window), two.bytesEach(model, window)) > 0.01
						)
					);
					fc.pre(
						loads.slice(0, 2).every(({ model, window }) => {
							const { peakBytes } = allocate(model, window, hidden);
							return hidden.every(
								({ buffers, bytesEach }) => buffers * bytesEach(model, window) > 0.02 * peakBytes
							);
						})
					);
					const { made, truth } = third(forms.join(' and '), loads, hidden, noise);
					expect(off(made.peakBytes, truth.peakBytes)).toBeLessThan(0.02);
					expect(['confirmed', 'told']).toContain(made.correction?.certainty);
				}
			),
			{ numRuns: runs(100) }
		);
	});

	it('and one load is enough where the buffers are a whole multiple of batch x vocabulary', () => {
		fc.assert(
			fc.property(anyLoads, fc.integer({ min: 1, max: 9 }), anyNoise, (loads, factor, noise) => {
				const [a, b] = loads;
				if (!a || !b) throw new Error('two loads');
				const hidden: Hidden[] = [
					{
						moment: 'chat',
						buffers: factor,
						wholePages: true,
						bytesEach: (model) => BATCH * model.vocabulary * 4
					}
				];
				const seen = load(a, hidden, noise[0]);
				const made = planned(b, [seen]);
				const truth = truthOf(b, hidden, noise[1]);
				if (made.correction?.certainty === 'verified') return;
				worst['one load'] = Math.max(worst['one load'] ?? 0, off(made.peakBytes, truth.peakBytes));
				expect(off(made.peakBytes, truth.peakBytes)).toBeLessThan(0.02);
				expect(made.correction?.certainty).toBe('told');
			}),
			{ numRuns: runs(100) }
		);
	});
});

describe('a difference that nothing known explains', () => {
	// Each grows with something that is not in the list.
	const outside: Record<string, (load: Load) => number> = {
		'the square of the vocabulary': ({ model }) => model.vocabulary ** 2,
		'the square of the window': ({ window }) => window ** 2,
		'the layers alone': ({ model }) => model.layers,
		'the weights of a layer': ({ model }) => model.matrixBytes[0] ?? 1,
		'the prompt chunk and the heads': ({ model }) => model.chunk * model.queryHeads
	};
	it.each(Object.keys(outside))('as %s, corrects nothing and lowers the confidence', (name) => {
		const amount = outside[name] ?? (() => 1);
		fc.assert(
			fc.property(anyLoads, anyShare, anyCount, anyMoment, (loads, share, buffers, moment) => {
				const [a, b, c] = loads;
				if (!a || !b || !c) throw new Error('three loads');
				const bytesA = share * allocate(a.model, a.window, []).peakBytes;
				const bytesB = (bytesA * amount(b)) / amount(a);
				const [floatA, floatB] = [a, b].map(({ model }) => (model.float === 'f16' ? 2 : 4));
				const cache = cacheOf(b) / cacheOf(a);
				// What each cause in the list would take in the second load is clearly something else.
				fc.pre(
					[
						1,
						b.model.vocabulary / a.model.vocabulary,
						cache,
						(cache * (floatB ?? 1)) / (floatA ?? 1)
					].every(
						(ratio) =>
							apart(bytesA * ratio, bytesB) &&
							Math.abs(bytesA * ratio - bytesB) >
								0.02 * (allocate(b.model, b.window, []).peakBytes + bytesB)
					)
				);
				const per = bytesA / amount(a) / buffers;
				const hidden: Hidden[] = [
					{
						moment,
						buffers,
						wholePages: true,
						bytesEach: (model, window) => per * amount({ model, window })
					}
				];
				const seen = [load(a, hidden), load(b, hidden)];
				const before = planned(c, []);
				const made = planned(c, seen);
				expect(made.correction).toMatchObject({ certainty: 'contradicted', bytes: 0 });
				expect(made.peakBytes).toBe(before.peakBytes);
				expect(made.marginRatio).toBeGreaterThan(before.marginRatio);
				expect(made.confidence).toBe('manifest');
				expect(made.note).toMatch(/Not corrected: m[01] and m[01]/);
			}),
			{ numRuns: runs(60) }
		);
	});
});

if (process.env.VERBOSE) afterAll(() => console.log('worst third variant, off by', worst));
