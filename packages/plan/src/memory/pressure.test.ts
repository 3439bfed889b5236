import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crossChecks, pressureOf, type PressureWord } from './pressure.ts';
import { GiB, situation } from './samples.fixture.ts';
import type { Threshold } from './verdict.ts';

const wordAt = (ratio: number, threshold: Threshold = 0.9) =>
	pressureOf(situation(10 * GiB, { usedBytes: ratio * 10 * GiB, threshold }))?.word;

describe('the state of memory', () => {
	it.each<[number, Threshold, PressureWord]>([
		[0, 0.9, 'comfortable'],
		[0.6, 0.9, 'comfortable'],
		[0.61, 0.9, 'moderate'],
		[0.65, 0.9, 'moderate'],
		[0.8, 0.9, 'moderate'],
		[0.81, 0.9, 'tight'],
		[0.9, 0.9, 'tight'],
		[0.96, 1, 'tight'],
		[1, 1, 'tight'],
		[1.05, 1, 'critical'],
		// A threshold that is none is not used.
		[0.96, 0, 'tight'],
		[0.96, -1, 'tight'],
		[1.2, 1.5, 'critical'],
		[0.01, 0.005, 'critical'],
		[-1, 0.9, 'comfortable'],
		[0.91, 0.9, 'critical'],
		[0.91, 'off', 'tight'],
		[1.01, 'off', 'critical'],
		[0.71, 0.7, 'critical']
	])('at %d of the budget with the threshold %s is %s', (ratio, threshold, word) => {
		expect(wordAt(ratio, threshold)).toBe(word);
	});

	it('comes with its figures', () => {
		expect(pressureOf(situation(10 * GiB, { usedBytes: 7 * GiB }))?.sentence).toBe(
			'7.00 GiB of 10.0 GiB in use (70%); moderate up to 80%.'
		);
		expect(pressureOf(situation(10 * GiB, { usedBytes: 9.5 * GiB }))?.sentence).toBe(
			'9.50 GiB of 10.0 GiB in use (95%), above 90%.'
		);
	});

	it('is not known without a budget, and never made of broken figures', () => {
		expect(pressureOf(situation(1, { budget: null }))).toBeNull();
		expect(pressureOf(situation(0))).toBeNull();
		expect(wordAt(NaN)).toBe('comfortable');
		expect(pressureOf(situation(GiB))?.usedRatio).toBe(0);
		expect(pressureOf(situation(GiB, { usedBytes: -GiB }))?.usedRatio).toBe(0);
		expect(pressureOf(situation(1, { usedBytes: 1 }))?.usedRatio).toBe(1);
		expect(pressureOf(situation(Infinity, { usedBytes: 1 }))).toBeNull();
	});

	it('never improves as more is in use', () => {
		const order: (PressureWord | undefined)[] = ['comfortable', 'moderate', 'tight', 'critical'];
		const ratio = fc.double({ min: 0, max: 2, noNaN: true });
		fc.assert(
			fc.property(ratio, ratio, fc.double({ min: 0.5, max: 1, noNaN: true }), (a, b, threshold) => {
				const [less, more] = [Math.min(a, b), Math.max(a, b)].map((each) =>
					order.indexOf(wordAt(each, threshold))
				);
				expect(more).toBeGreaterThanOrEqual(less!);
			})
		);
	});
});

it('the tools for a cross-check are those of the system and the maker', () => {
	const words = (platform: 'windows' | 'macos' | 'linux' | 'android', vendor: string) =>
		crossChecks({ platform, vendor }).join(' ');
	expect(words('windows', 'nvidia')).toMatch(/Task Manager.*nvidia-smi.*chrome:\/\/gpu/);
	expect(words('windows', 'amd')).not.toContain('nvidia');
	expect(words('macos', 'apple')).toMatch(/Activity Monitor/);
	expect(words('linux', 'nvidia')).toMatch(/^nvidia-smi/);
	expect(words('linux', 'amd')).toContain('mem_info_vram_used');
	expect(words('android', 'qualcomm')).toMatch(/^chrome:\/\/gpu/);
});
