import { expect, test } from 'vitest';
import { aQuestion, someLevels } from './adapt.fixture.ts';
import { decide } from './decide.ts';
import { CELL_BITS, DEFAULT_MATRIX } from './matrix.ts';
import type { Outcome, Reason } from './pace.ts';
import {
	hasBits,
	levelForCell,
	levelName,
	loadBandName,
	memoryBandName,
	sentenceOf
} from './words.ts';

test('bands are named by their bounds', () => {
	expect([0, 1, 4].map((row) => memoryBandName(DEFAULT_MATRIX, row))).toEqual([
		'below 40%',
		'40% to 60%',
		'85% or more'
	]);
	expect([0, 3].map((column) => loadBandName(DEFAULT_MATRIX, column))).toEqual([
		'below 2',
		'10 or more'
	]);
});

test('8 and 2 bits do not exist and become the next coarser level', () => {
	const levels = someLevels();
	expect(CELL_BITS.map((bits) => hasBits(levels, bits))).toEqual([true, false, true, false, false]);
	expect(
		CELL_BITS.map((bits) => {
			const level = levelForCell(levels, bits);
			return level && levelName(level);
		})
	).toEqual([
		'q0f32',
		'q4f32_1',
		'q4f32_1',
		'q4f16_1 with 2,048 tokens',
		'q4f16_1 with 2,048 tokens'
	]);
});

const REASONS: readonly Reason[] = [
	'load',
	'memory',
	'failed',
	'slower',
	'idle',
	'pin',
	'right',
	'dwell',
	'not-idle',
	'spacing',
	'paused',
	'undecided',
	'pin-barred',
	'coarsest',
	'off'
];

test.each(REASONS)('%s is said in a whole sentence, without NaN or undefined', (reason) => {
	for (const budgetBytes of [null, 16 * 2 ** 30])
		for (const to of [null, someLevels()[3] ?? null]) {
			const outcome: Outcome = {
				act: 'none',
				to,
				reason,
				waitMs: 61_000,
				decision: decide(aQuestion({ budgetBytes })),
				waiting: 3
			};
			const sentence = sentenceOf(outcome, 'q0f16');
			expect(sentence).toMatch(/^[A-Z].*\.$/);
			expect(sentence).not.toMatch(/NaN|undefined|null/);
		}
});
