import { describe, expect, it } from 'vitest';
import type { Facts } from '../models/facts.ts';
import { estimate, type Estimate } from './estimate.ts';
import { judge, NOTHING_KNOWN } from './judge.ts';
import { budget, device, family, GiB, MiB, ready, situation } from './samples.fixture.ts';
import { libraryOf, manifestOf, newerQwenMetadata } from './newer-libraries.fixture.ts';
import { verdict, type Question, type Situation } from './verdict.ts';
import { qwenLibrary, qwenVariant } from './worked-example.fixture.ts';

const variant = qwenVariant('q4f16_1');
const facts: Facts = { library: qwenLibrary('q4f16_1') };

/** An estimate with a peak chosen by the test. */
function peaking(peakBytes: number): Estimate {
	const plan = estimate(variant, 4096, facts);
	if (!plan) throw new Error('there is no estimate');
	return { ...plan, peakBytes };
}

const question = (overrides: Partial<Question> = {}): Question => ({
	variant,
	contextWindow: 4096,
	estimate: estimate(variant, 4096, facts),
	facts,
	...overrides
});

const codes = (overrides: Partial<Question>, where: Situation = situation(8 * GiB)) =>
	verdict(question(overrides), where).reasons.map(({ code }) => code);

describe('the budget', () => {
	it.each([
		[80, 'fits'],
		[80.1, 'tight'],
		[90, 'tight'],
		[90.1, 'blocked'],
		[100.1, 'blocked']
	])('a peak of %d % of it is %s', (share, kind) => {
		const judged = verdict(question({ estimate: peaking((share / 100) * GiB) }), situation(GiB));
		expect(judged.kind).toBe(kind);
		expect(judged.reasons.length > 0).toBe(kind !== 'fits');
		expect(judged.overridable).toBe(kind === 'blocked');
	});

	it('says whether it is the budget or the safety threshold that is exceeded', () => {
		const codeAt = (ratio: number, threshold: number | 'off' = 0.9) =>
			verdict(question({ estimate: peaking(ratio * GiB) }), situation(GiB, { threshold }))
				.reasons[0]?.code;
		expect([0.95, 1, 1.01].map((ratio) => codeAt(ratio))).toEqual([
			'over-threshold',
			'over-threshold',
			'over-budget'
		]);
		expect([0.8, 0.81, 1, 1.01].map((ratio) => codeAt(ratio, 'off'))).toEqual([
			undefined,
			'near-threshold',
			'near-threshold',
			'over-budget'
		]);
		expect(codeAt(1, 1)).toBe('near-threshold');
	});

	it('counts what stays loaded, and not what leaves', () => {
		const beside = (usedBytes: number, outgoingBytes: number, ratio = 0.5) =>
			verdict(
				question({ estimate: peaking(ratio * GiB) }),
				situation(GiB, { usedBytes, outgoingBytes })
			);
		expect(beside(0.3 * GiB, 0).kind).toBe('fits');
		expect(beside(0.35 * GiB, 0).kind).toBe('tight');
		expect(beside(0.6 * GiB, 0.3 * GiB).kind).toBe('fits');
		// More cannot leave than is there.
		expect(beside(0.2 * GiB, 0.6 * GiB, 0.9).kind).toBe('tight');
		expect(beside(NaN, NaN).kind).toBe('fits');
		expect(beside(-GiB, -GiB, 1.5).reasons[0]?.sentence).toContain('1.00 GiB may be used here');
		expect(beside(-GiB, 0, 1.5).kind).toBe('blocked');
		expect(beside(0.75 * GiB, 0).reasons[0]?.sentence).toBe(
			'It needs 512 MiB, and 256 MiB of 1.00 GiB are free here.'
		);
		expect(beside(3 * GiB, 0).reasons[0]?.sentence).toContain('0 bytes of 1.00 GiB are free');
	});

	it('is judged by all that a declared figure may leave out, too', () => {
		const declared = (mostBytes: number): Estimate => ({
			...peaking(0.5 * GiB),
			confidence: 'declared',
			mostBytes
		});
		const codeOf = (made: Estimate) =>
			verdict(question({ estimate: made }), situation(GiB)).reasons[0]?.code;
		expect(codeOf(declared(0.8 * GiB))).toBeUndefined();
		expect(codeOf(declared(0.801 * GiB))).toBe('may-fit');
		expect(codeOf(declared(Infinity))).toBeUndefined();
		expect(codeOf({ ...declared(2 * GiB), confidence: 'library' })).toBeUndefined();
	});

	it('is judged by the peak, not by what is held after loading', () => {
		const made = { ...peaking(0.95 * GiB), afterLoadBytes: 1 };
		expect(verdict(question({ estimate: made }), situation(GiB)).kind).toBe('blocked');
	});

	it('has no word below the threshold when that is low', () => {
		const low = situation(GiB, { threshold: 0.5 });
		expect(verdict(question({ estimate: peaking(0.5 * GiB) }), low).kind).toBe('fits');
		expect(verdict(question({ estimate: peaking(0.51 * GiB) }), low).kind).toBe('blocked');
	});

	it('blocks nothing when the threshold is off, but says that it is exceeded', () => {
		const off = situation(GiB, { threshold: 'off' });
		const judged = verdict(question({ estimate: peaking(3 * GiB) }), off);
		expect(judged.kind).toBe('tight');
		expect(judged.reasons[0]?.code).toBe('over-budget');
	});

	it('says what is needed and what there is', () => {
		const [reason] = verdict(question({ estimate: peaking(3 * GiB) }), situation(GiB)).reasons;
		expect(reason?.sentence).toBe('It needs 3.00 GiB, and 1.00 GiB may be used here.');
	});

	it.each([0, -1, NaN, Infinity])('takes the default for a threshold of %d', (threshold) => {
		const judged = verdict(
			question({ estimate: peaking(0.5 * GiB) }),
			situation(GiB, { threshold })
		);
		expect(judged.kind).toBe('fits');
	});

	it('of nothing blocks whatever needs something', () => {
		expect(verdict(question(), situation(0)).kind).toBe('blocked');
	});
});

describe('hard limits', () => {
	const floor = device().limits;

	it('names what is missing before any budget', () => {
		const nowhere: Situation = {
			...situation(1),
			reading: { kind: 'no-webgpu', platform: 'linux', sentence: 'No.', remedy: 'Update.' }
		};
		expect(verdict(question(), nowhere)).toMatchObject({
			kind: 'blocked',
			overridable: false,
			reasons: [{ code: 'no-webgpu', sentence: 'No. Update.' }]
		});
	});

	it('refuses f16 without shader-f16, although the record is silent about it', () => {
		const without = situation(8 * GiB, { reading: ready({ features: [] }) });
		expect(codes({}, without)).toEqual(['needs-shader-f16']);
		const f32 = qwenVariant('q4f32_1');
		expect(codes({ variant: f32, facts: null }, without)).toEqual([]);
	});

	it('says why an NVIDIA card on Linux lacks shader-f16', () => {
		const reading = ready({ vendor: 'nvidia', platform: 'linux', features: [] });
		const { reasons } = verdict(question(), situation(8 * GiB, { reading }));
		expect(reasons[0]?.sentence).toMatch(/^q4f16_1 needs .* driver 615\.71 .* f32 quantization/);
	});

	it('names a feature that the record asks for', () => {
		const needy = qwenVariant('q4f16_1', { requiredFeatures: ['subgroups', 'shader-f16'] });
		expect(codes({ variant: needy })).toEqual(['needs-feature']);
	});

	it('refuses limits below the floor', () => {
		const low = ready({ limits: { ...floor, maxStorageBufferBindingSize: 64 * MiB } });
		expect(codes({}, situation(8 * GiB, { reading: low }))).toEqual(['limits-below-floor']);
	});

	it('holds the largest tensor against what is granted, not against what the adapter has', () => {
		// 300 MiB of bindings: WebLLM asks for 1 GiB or 128 MiB and is given the latter.
		const middling = ready({ limits: { ...floor, maxStorageBufferBindingSize: 300 * MiB } });
		const where = situation(8 * GiB, { reading: middling });
		const largest = { name: 'embed', bytes: 200 * MiB };
		const manifest = {
			shards: [],
			downloadBytes: 0,
			gpuBytes: 1,
			tensorCount: 1,
			largestTensor: largest
		};
		expect(codes({ facts: { manifest } }, where)).toEqual(['tensor-above-binding']);
		expect(codes({ facts: { manifest } })).toEqual([]);
	});

	it.each([
		[128, undefined],
		[128.001, 'tensor-above-binding'],
		[256, 'tensor-above-binding']
	])('of 128 MiB take a tensor of %d MiB: %s', (mib, code) => {
		const reading = ready({ limits: { ...floor, maxStorageBufferBindingSize: 128 * MiB } });
		const facts = { manifest: manifestOf(1, mib * MiB) };
		expect(codes({ facts }, situation(8 * GiB, { reading }))[0]).toBe(code);
	});

	it.each([
		[256, undefined],
		[256.001, 'tensor-above-buffer']
	])('of 256 MiB for a buffer take a tensor of %d MiB: %s', (mib, code) => {
		const reading = ready({ limits: { ...floor, maxBufferSize: 256 * MiB } });
		const facts = { manifest: manifestOf(1, mib * MiB) };
		expect(codes({ facts }, situation(8 * GiB, { reading }))[0]).toBe(code);
	});

	it('takes the window that a model was made for', () => {
		expect(codes({ variant: qwenVariant('q4f16_1', { maxContextWindow: 4096 }) })).toEqual([]);
		expect(codes({ variant: qwenVariant('q4f16_1', { maxContextWindow: 4095 }) })).toEqual([
			'context-above-model'
		]);
	});

	it('refuses a tensor that no buffer holds', () => {
		const small = ready({
			limits: { ...floor, maxBufferSize: 300 * MiB, maxStorageBufferBindingSize: GiB }
		});
		const largest = { name: 'embed', bytes: 400 * MiB };
		const manifest = {
			shards: [],
			downloadBytes: 0,
			gpuBytes: 1,
			tensorCount: 1,
			largestTensor: largest
		};
		const where = situation(8 * GiB, { reading: small });
		expect(codes({ facts: { manifest } }, where)).toEqual(['tensor-above-buffer']);
	});

	it('takes the record’s own figure while no file was read', () => {
		const told = qwenVariant('q4f16_1', { requiredBindingBytes: 200 * MiB });
		const small = ready({ limits: { ...floor, maxStorageBufferBindingSize: 128 * MiB } });
		const where = situation(8 * GiB, { reading: small });
		expect(codes({ variant: told, facts: null }, where)).toEqual(['tensor-above-binding']);
	});

	it('holds one layer of the KV cache against the binding, too', () => {
		const wide = {
			...qwenLibrary('q4f16_1'),
			attention: { layers: 1, queryHeads: 32, keyValueHeads: 32, headDim: 128 }
		};
		const small = ready({ limits: { ...floor, maxStorageBufferBindingSize: 128 * MiB } });
		const where = situation(80 * GiB, { reading: small });
		expect(codes({ facts: { library: wide }, contextWindow: 4096 }, where)).toEqual([]);
		expect(codes({ facts: { library: wide }, contextWindow: 16_384 }, where)).toEqual([
			'tensor-above-binding'
		]);
	});

	it('refuses a window the model was not made for', () => {
		const short = qwenVariant('q4f16_1', { maxContextWindow: 2048 });
		expect(codes({ variant: short })).toEqual(['context-above-model']);
	});

	it('cannot be switched off with the threshold', () => {
		const off = situation(8 * GiB, { threshold: 'off', reading: ready({ features: [] }) });
		expect(verdict(question(), off)).toMatchObject({ kind: 'blocked', overridable: false });
	});

	it('are all named at once', () => {
		const short = qwenVariant('q4f16_1', { maxContextWindow: 2048 });
		const without = situation(8 * GiB, { reading: ready({ features: [] }) });
		expect(codes({ variant: short }, without)).toEqual(['needs-shader-f16', 'context-above-model']);
	});
});

describe('a library for another engine', () => {
	const older = libraryOf(newerQwenMetadata('q4f16_1'), 'older');

	it('cannot be loaded, whatever the budget', () => {
		const off = situation(8 * GiB, { threshold: 'off' });
		expect(verdict(question({ facts: { library: older } }), off)).toMatchObject({
			kind: 'blocked',
			overridable: false,
			reasons: [{ code: 'needs-another-engine' }]
		});
	});

	it('is named by what it needs and the engine lacks', () => {
		const imports = ['a', 'b', 'c'].map((name) => ({
			module: 'env',
			name,
			kind: 'function' as const
		}));
		const facts: Facts = { library: { ...older, imports } };
		const [reason] = verdict(question({ facts }), situation(8 * GiB)).reasons;
		expect(reason?.sentence).toContain('env.a and 2 more');
	});

	it('is not suspected where its imports are not known or provided', () => {
		const library = libraryOf(newerQwenMetadata('q4f16_1'));
		expect(codes({ facts: { library } })).toEqual([]);
		expect(codes({ facts: { library: { ...library, imports: null } } })).toEqual([]);
	});

	it('has an import of the right name and another kind', () => {
		const imports = [{ module: 'env', name: 'TVMFFIWasmSafeCall', kind: 'memory' as const }];
		const library = { ...older, imports };
		expect(codes({ facts: { library } })).toEqual(['needs-another-engine']);
		const inherited = [{ module: 'env', name: 'toString', kind: 'function' as const }];
		expect(codes({ facts: { library: { ...older, imports: inherited } } })).toEqual([
			'needs-another-engine'
		]);
	});
});

describe('what is not known', () => {
	it('is tight at most, with a reason', () => {
		expect(verdict(question({ estimate: null }), situation(1))).toMatchObject({
			kind: 'tight',
			overridable: false,
			reasons: [{ code: 'estimate-uncertain' }]
		});
		expect(verdict(question(), { ...situation(1), budget: null }).kind).toBe('tight');
	});

	it('does not refuse f16 before the device was read', () => {
		expect(verdict(question(), situation(8 * GiB, { reading: null })).kind).toBe('fits');
	});
});

describe('a failure here before', () => {
	it('turns fits into tight and leaves a block as it is', () => {
		expect(verdict(question({ failedHere: true }), situation(8 * GiB))).toMatchObject({
			kind: 'tight',
			reasons: [{ code: 'failed-here-before' }]
		});
		expect(verdict(question({ failedHere: true }), situation(MiB)).reasons).toHaveLength(1);
	});

	it('counts for the window at which it failed, and larger ones', () => {
		const known = { ...NOTHING_KNOWN, facts, failedWindow: 4096 };
		const kinds = [2048, 4096, 8192].map(
			(window) => judge(variant, window, known, situation(8 * GiB)).verdict.kind
		);
		expect(kinds).toEqual(['fits', 'tight', 'tight']);
	});
});

describe('warnings', () => {
	it('name a software adapter without changing the verdict', () => {
		const software = situation(8 * GiB, { reading: ready({ software: true }) });
		const judged = verdict(question(), software);
		expect(judged.kind).toBe('fits');
		expect(judged.warnings.map(({ code }) => code)).toEqual(['software-adapter']);
	});

	it('name what the page takes while loading where the computer has little memory', () => {
		const small = situation(80 * GiB, { reading: ready({ deviceMemoryGiB: 1 }) });
		const judged = verdict(question(), small);
		expect(judged.warnings.map(({ code }) => code)).toEqual(['host-memory']);
		expect(verdict(question(), situation(80 * GiB)).warnings).toEqual([]);
	});

	it('name a tensor that the engine’s heap hardly holds, until a load of it has succeeded', () => {
		// Llama-3.2-1B in q0f32: its embedding ended the runtime.
		const facts: Facts = { manifest: manifestOf(5 * GiB, 128_256 * 2048 * 4) };
		const where = situation(80 * GiB);
		expect(verdict(question({ facts }), where).warnings.map(({ code }) => code)).toEqual([
			'above-heap'
		]);
		expect(verdict(question({ facts, loadedHere: true }), where).warnings).toEqual([]);
		const measured = [{ contextWindow: 1024, afterLoadBytes: GiB, peakBytes: GiB }];
		const known = { ...NOTHING_KNOWN, facts, measured };
		expect(judge(variant, 4096, known, where).verdict.warnings).toEqual([]);
		const never = judge(variant, 4096, { ...NOTHING_KNOWN, facts }, where).verdict.warnings;
		expect(never.map(({ code }) => code)).toEqual(['above-heap']);
		const seen = { setting: 'automatic' as const, failedWindow: null };
		const lean = { ...NOTHING_KNOWN, facts, lean: { ...seen, measured } };
		expect(judge(variant, 4096, lean, where).verdict.warnings).toEqual([]);
		const neither = { ...NOTHING_KNOWN, facts, lean: { ...seen, measured: [] } };
		expect(judge(variant, 4096, neither, where).verdict.warnings).toHaveLength(1);
		const half: Facts = { manifest: manifestOf(5 * GiB, 128_256 * 2048 * 2) };
		expect(verdict(question({ facts: half }), where).warnings).toEqual([]);
	});

	it('name what the page takes from a quarter of the computer’s memory on', () => {
		const codesAt = (largestMiB: number, deviceMemoryGiB: number | null) =>
			verdict(
				question({ facts: { manifest: manifestOf(GiB, largestMiB * MiB) } }),
				situation(80 * GiB, { reading: ready({ deviceMemoryGiB }) })
			).warnings.map(({ code }) => code);
		// Four times the largest tensor.
		expect([codesAt(128, 2), codesAt(128.01, 2)]).toEqual([[], ['host-memory']]);
		// 4 GiB are assumed.
		expect([codesAt(256, null), codesAt(256.01, null)]).toEqual([[], ['host-memory']]);
		// 128 MiB of 4 GiB are for what else lies in the heap.
		expect([codesAt(992, 32), codesAt(992.01, 32)]).toEqual([[], ['above-heap']]);
	});

	it('says where the heap ends', () => {
		const [warning] = verdict(
			question({ facts: { manifest: manifestOf(5 * GiB, GiB) } }),
			situation(80 * GiB)
		).warnings;
		expect(warning?.sentence).toContain('takes about 4.00 GiB');
		expect(warning?.sentence).toContain('ends at 4.00 GiB');
	});

	it('are there for a blocked variant, too', () => {
		const software = situation(1, { reading: ready({ software: true }) });
		expect(verdict(question(), software).warnings).toHaveLength(1);
	});
});

it('judges a variant of which only the declared figure is known', () => {
	const [llama] = family('Llama-3.1-8B-Instruct', 8, { q4f16_1: 5001 }).variants;
	if (!llama) throw new Error('the sample is empty');
	const where = { ...situation(2 * GiB), budget: budget(2 * GiB, 'assumed') };
	expect(judge(llama, 4096, NOTHING_KNOWN, where).verdict.reasons[0]?.code).toBe('over-budget');
});
