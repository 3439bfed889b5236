import { describe, expect, it } from 'vitest';
import type { Certainty, Conclusion } from './calibration.ts';
import { kindLines, kindReports, reportSentence } from './corrections.ts';
import { calibrationsOf } from './calibrate.ts';
import { calibrationFor } from './calibration.ts';
import {
	allocate,
	aModel,
	BATCH,
	factsOf,
	variantOf,
	type Model
} from './hidden-allocation.fixture.ts';
import { NOTHING_KNOWN } from './judge.ts';
import { observe } from './observe.ts';

const calibration = (certainty: Certainty, ratio: number, mostBytes = 1000): Conclusion => ({
	kind: 'engine 0123',
	certainty,
	terms: {
		load: [],
		chat: mostBytes > 0 ? [{ scale: 'vocabulary', bytesPer: 24, mostBytes }] : []
	},
	slackRatio: { load: 0, chat: 0 },
	sources: [
		{
			variantId: 'a-MLC',
			contextWindow: 4096,
			plannedBytes: 1000,
			measuredBytes: 1000 * (1 + ratio),
			excessRatio: ratio
		}
	],
	batch: 128,
	assumed: false
});

const sentence = (
	...[certainty, ratio, corrected, mostBytes]: [Certainty, number, number, number?]
) => reportSentence({ calibration: calibration(certainty, ratio, mostBytes), corrected }, 'a-MLC');

it('a load that differs from its plan says what it corrected', () => {
	expect(sentence('told', 0.18, 37)).toMatch(
		/^Measured 18 ?% above its plan: figures of 37 variants with the same kind of library were corrected\.$/
	);
	expect(sentence('confirmed', -0.05, 1)).toMatch(
		/^Measured 5 ?% below its plan: figures of 1 variant with the same kind of library were corrected\.$/
	);
});

it('a load that took what was planned in all, but not in each part, says so', () => {
	for (const ratio of [0, 0.004, -0.004])
		expect(sentence('told', ratio, 2)).toBe(
			'Measured as planned in all, but not part by part: figures of 2 variants with the same kind of library were corrected.'
		);
	expect(sentence('told', 0.006, 2)).toContain('Measured 1% above its plan');
});

it('what is missing alone is a correction, too', () => {
	const slack = { ...calibration('undivided', 0.1, 0), slackRatio: { load: 0, chat: 0.02 } };
	expect(reportSentence({ calibration: slack, corrected: 4 }, 'a-MLC')).toContain(
		'figures of 4 variants'
	);
});

it('and why it corrected nothing', () => {
	expect(sentence('verified', 0.01, 0)).toBeNull();
	expect(sentence('told', 0.18, 0)).toContain('once their library is read');
	expect(sentence('undivided', -0.2, 0, 0)).toContain('for a reason not known yet');
	expect(sentence('contradicted', 0.18, 0, 0)).toContain('do not agree');
	expect(
		reportSentence({ calibration: calibration('told', 0.18), corrected: 3 }, 'another')
	).toBeNull();
});

it('a report carries the loads to the byte, and what was concluded from them', () => {
	expect(kindLines({ calibration: calibration('told', 0.18), corrected: 2 })).toEqual([
		[
			'kind engine 0123',
			'told by the sizes of the buffers, or by what several loads took in all; batch 128; 2 variants corrected'
		],
		['with the first token', '24 bytes per vocabulary, at most 1000 bytes'],
		['a at 4096', 'peak planned 1000, measured 1180']
	]);
});

describe('the reports of what was loaded here', () => {
	const models = [49_152, 151_936, 256_000].map((vocabulary, i) =>
		aModel('abc'[i] ?? '', { vocabulary })
	);
	const variants = models.map(variantOf);
	const adapter = 'an adapter';

	function reports(bufferBytes: number, read: readonly string[] = ['a', 'b', 'c']) {
		const [first] = models;
		if (!first) throw new Error('there is a model');
		const hidden = {
			moment: 'chat' as const,
			buffers: bufferBytes > 0 ? 6 : 0,
			wholePages: true,
			bytesEach: ({ vocabulary }: Model) => BATCH * vocabulary * bufferBytes
		};
		const load = observe({
			variant: variantOf(first),
			contextWindow: 4096,
			facts: factsOf(first),
			sampling: 'engine',
			libraryUrl: variantOf(first).libraryUrl,
			adapter,
			reading: allocate(first, 4096, [hidden]),
			at: 1
		});
		if (!load) throw new Error('the load was not observed');
		const calibrations = calibrationsOf([load], adapter);
		return kindReports(calibrations, variants, ({ id, libraryUrl }) => {
			const of = models.find((each) => each.id === id);
			if (!of) return NOTHING_KNOWN;
			const facts = factsOf(of);
			const calibration = calibrationFor(calibrations, 'engine', {
				url: libraryUrl,
				fingerprint: facts.library?.fingerprint ?? null
			});
			// The catalogue's figure is never corrected, whatever is known of the kind.
			return { ...NOTHING_KNOWN, facts: read.includes(id) ? facts : null, calibration };
		});
	}

	it('count the variants of the same kind whose figures changed, without the one that was loaded', () => {
		expect(reports(4).map(({ corrected }) => corrected)).toEqual([2]);
		expect(reports(4, ['a', 'b']).map(({ corrected }) => corrected)).toEqual([1]);
		expect(reports(4, ['a']).map(({ corrected }) => corrected)).toEqual([0]);
	});

	it('count none where a load took what was planned', () => {
		expect(
			reports(0).map(({ calibration: found, corrected }) => [found.certainty, corrected])
		).toEqual([['verified', 0]]);
	});
});
