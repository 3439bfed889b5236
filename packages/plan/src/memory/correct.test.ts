import { describe, expect, it } from 'vitest';
import type { Conclusion } from './calibration.ts';
import { bytesOf, type Shape } from './causes.ts';
import { asCalibration } from './correct.ts';
import type { Plan } from './plan.ts';

/** Bytes that can be added up by hand: a peak of 1350. */
const plan: Plan = {
	weightsBytes: 1000,
	kvBytes: 200,
	runtimeBytes: 100,
	activationsBytes: 50,
	samplingBytes: 0,
	samplingBatch: null,
	exactParts: true,
	verified: true,
	confidence: 'library',
	mostBytes: null,
	marginBytes: 10,
	note: null
};
const shape: Shape = {
	batch: 4,
	vocabulary: 100,
	window: 10,
	positions: 16,
	layers: 2,
	keyValueHeads: 1,
	headDim: 5,
	elementBytes: 2
};
const source = (variantId: string, excessRatio = 0.18) => ({
	variantId,
	contextWindow: 4096,
	plannedBytes: 1000,
	measuredBytes: 1180,
	excessRatio
});
const terms: Conclusion['terms'] = {
	load: [{ scale: 'constant', bytesPer: 30, mostBytes: 30 }],
	chat: [{ scale: 'vocabulary', bytesPer: 2, mostBytes: 999 }]
};
const NO_TERMS = { load: [], chat: [] };
const concluded = (given: Partial<Conclusion> = {}) =>
	asCalibration({
		kind: 'engine 0123',
		certainty: 'told',
		terms,
		slackRatio: { load: 0, chat: 0 },
		sources: [source('a-MLC')],
		batch: 128,
		assumed: false,
		...given
	});
const corrected = (given: Partial<Conclusion> = {}, of = shape, to = plan) =>
	concluded(given).correct(to, of);

it('without terms nothing is added, and terms add up', () => {
	expect(bytesOf([], shape)).toBe(0);
	expect(bytesOf([...terms.load, ...terms.chat], shape)).toBe(30 + 800);
});

describe('a corrected plan', () => {
	it('has in each part what the loads took more', () => {
		const { plan: made, correction } = corrected();
		expect(made).toMatchObject({
			weightsBytes: 1000,
			kvBytes: 200,
			// The constant.
			runtimeBytes: 130,
			activationsBytes: 50,
			// Two bytes for each of 4 x 100.
			samplingBytes: 800
		});
		expect(correction).toMatchObject({ bytes: 830, certainty: 'told', assumed: false });
	});

	it('has caches in the cache after loading, and in the activations with the first token', () => {
		const cache = { scale: 'window', bytesPer: 1, mostBytes: 1 } as const;
		// Each is 10 tokens x 2 layers x 1 head x 5.
		const { plan: made } = corrected({ terms: { load: [cache], chat: [cache] } });
		expect([made.kvBytes, made.activationsBytes]).toEqual([300, 150]);
		const constant = { scale: 'constant', bytesPer: 7, mostBytes: 7 } as const;
		const vocabulary = { scale: 'vocabulary', bytesPer: 1, mostBytes: 1 } as const;
		const other = corrected({ terms: { load: [vocabulary], chat: [constant] } }).plan;
		expect([other.runtimeBytes, other.activationsBytes]).toEqual([500, 57]);
	});

	it('has what is missing still as a share of its peak, in whole bytes', () => {
		const slackRatio = { load: 0.01, chat: 0.1 };
		const { plan: made } = corrected({ terms: NO_TERMS, slackRatio });
		expect([made.runtimeBytes, made.activationsBytes]).toEqual([114, 185]);
	});

	it('never has less than nothing in a part', () => {
		const less = { scale: 'constant', bytesPer: -500, mostBytes: -500 } as const;
		const { plan: made, correction } = corrected({ terms: { load: [less], chat: [] } });
		expect([made.runtimeBytes, correction?.bytes]).toEqual([0, -100]);
		expect(made.note).toContain('Lowered by 100 bytes');
		// The doubt is of what was taken away.
		expect(made.marginBytes).toBeCloseTo(10 + 0.2 * 100, 9);
	});

	it('takes the most that was seen where the shape is not known', () => {
		expect(corrected({}, { ...shape, vocabulary: 0 }).plan.samplingBytes).toBe(999);
		expect(corrected({}, { ...shape, vocabulary: 1, batch: 1 }).plan.samplingBytes).toBe(2);
	});

	it('of a library that was not read is as of one with the batch that was seen', () => {
		expect(corrected({ assumed: true }).plan.samplingBytes).toBe(2 * 128 * 100);
	});

	it('leaves the catalogue’s figure, which is no sum of parts, as it is', () => {
		const declared: Plan = { ...plan, confidence: 'declared' };
		expect(corrected({}, shape, declared)).toEqual({ plan: declared, correction: null });
	});

	it('is the plan as it was where the loads took what was planned', () => {
		const found = corrected({ certainty: 'verified', terms: NO_TERMS });
		expect(found.plan).toBe(plan);
		expect(found.correction).toMatchObject({ certainty: 'verified', bytes: 0 });
	});
});

describe('the doubt of a correction', () => {
	it.each([
		['confirmed', false, 0, { exactParts: true, verified: true, confidence: 'library' }],
		['told', false, 0.2 * 830, { exactParts: false, verified: false, confidence: 'library' }],
		['undivided', false, 830, { exactParts: false, verified: false, confidence: 'manifest' }]
	] as const)('that is %s is a share of it', (certainty, assumed, more, rest) => {
		const { plan: made } = corrected({ certainty, assumed });
		expect(made.marginBytes).toBeCloseTo(10 + more, 9);
		expect(made).toMatchObject(rest);
	});

	it('is all of it besides where the kind of library is a guess', () => {
		const { plan: made, correction } = corrected({ certainty: 'confirmed', assumed: true });
		expect(correction?.bytes).toBe(30 + 25_600);
		expect(made.marginBytes).toBe(10 + 25_630);
		expect(made).toMatchObject({ exactParts: false, verified: false, confidence: 'manifest' });
	});

	it('is the worst of the loads where they disagree and nothing is corrected', () => {
		const sources = [source('a', 0.18), source('b', -0.3)];
		const { plan: made, correction } = corrected({
			certainty: 'contradicted',
			terms: NO_TERMS,
			sources
		});
		expect(correction?.bytes).toBe(0);
		expect(made.marginBytes).toBeCloseTo(10 + 0.3 * 1350, 9);
		expect(made.note).toMatch(/^Not corrected: a and b, .* no known cause fits all of them\.$/);
	});

	it.each([
		['verified', true],
		['confirmed', true],
		['told', true],
		['undivided', false],
		['contradicted', false]
	] as const)('leaves plans that are %s trusted: %s', (certainty, trusted) => {
		expect(concluded({ certainty }).trusted).toBe(trusted);
		expect(concluded({ certainty, assumed: true }).trusted).toBe(false);
	});
});

describe('the note of a correction', () => {
	const noteOf = (given: Partial<Conclusion>, to = plan) => corrected(given, shape, to).plan.note;

	it('names up to three of the models whose loads it comes from, each once', () => {
		const names = (...ids: string[]) =>
			/: (.*), with the same kind/.exec(
				noteOf({ sources: ids.map((id) => source(id)) }) ?? ''
			)?.[1];
		expect(names('a-MLC')).toBe('a');
		expect(names('a-MLC', 'a-MLC')).toBe('a');
		expect(names('a-MLC', 'b-MLC')).toBe('a and b');
		expect(names('a', 'b', 'c')).toBe('a, b and c');
		expect(names('a', 'b', 'c', 'd')).toBe('a, b and c');
	});

	it('says by how much the newest load differed', () => {
		expect(noteOf({})).toBe(
			'Raised by 830 bytes: a, with the same kind of library, took 18% more than planned here.'
		);
		expect(noteOf({ sources: [source('a', -0.05), source('b')] })).toContain('took 5% less than');
		expect(noteOf({ sources: [source('a', 0)] })).toContain('took 0% more than');
	});

	it('says where the cause is not known', () => {
		expect(noteOf({ certainty: 'undivided' })).toMatch(
			/^Raised by 830 bytes: .* so the same bytes were added once\.$/
		);
		expect(noteOf({ certainty: 'undivided', terms: NO_TERMS })).toMatch(
			/^Not corrected: a, .* took 18% more than planned here, for a reason not known yet\.$/
		);
	});

	it('says so where parts changed and their sum did not', () => {
		const one = (bytesPer: number) => ({ scale: 'constant', bytesPer, mostBytes: 0 }) as const;
		const note = noteOf({ terms: { load: [one(30)], chat: [one(-30)] } });
		expect(note).toMatch(/^Raised by 0 bytes: a/);
		expect(noteOf({ terms: { load: [one(-31)], chat: [one(30)] } })).toMatch(
			/^Lowered by 1 byte: a/
		);
	});

	it('follows what the plan itself says', () => {
		expect(noteOf({}, { ...plan, note: 'Planned.' })).toMatch(/^Planned\. Raised by 830 bytes/);
	});
});
