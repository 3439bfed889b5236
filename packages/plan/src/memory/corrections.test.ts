import { expect, it } from 'vitest';
import type { Certainty, Conclusion } from './calibration.ts';
import { kindLines, reportSentence } from './corrections.ts';

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
