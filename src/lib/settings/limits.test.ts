import { describe, expect, test } from 'vitest';
import { defaultSettings, parseSettings, settingRanges } from './settings.svelte.ts';
import { exportSettings, importSettings, MAX_SETTINGS_FILE_CHARS } from './settings-file.ts';

const GIB = 2 ** 30;
const chars = (count: number) => 'x'.repeat(count);
const hostOf = (length: number) => `${`${chars(49)}.`.repeat(5).slice(0, length - 4)}.org`;
const preset = (change: object) => ({ id: 'p', name: 'Poet', text: 'Rhyme.', ...change });

test('where nothing was said, half a GiB stays free and more than nine tenths of the budget is blocked', () => {
	expect(defaultSettings).toMatchObject({
		reserveBytes: 0.5 * GIB,
		thresholdRatio: 0.9,
		textSize: 1
	});
});

describe('a number outside of its range', () => {
	test.each([
		['textSize', 0.79, 0.8],
		['textSize', 1.51, 1.5],
		['thresholdRatio', 0.49, 0.5],
		['thresholdRatio', 1.01, 1],
		['idleUnloadMinutes', 0.5, 1],
		['idleUnloadMinutes', 24 * 60 + 1, 24 * 60]
	] as const)('%s: %d becomes %d, which stays', (name, outside, nearest) => {
		expect(parseSettings({ [name]: outside })[name]).toBe(nearest);
		expect(parseSettings({ [name]: nearest })[name]).toBe(nearest);
	});

	test.each(Object.entries(settingRanges))('steps of %s lead from end to end', (_, range) => {
		const steps = (range.max - range.min) / range.step;
		expect(steps).toBeCloseTo(Math.round(steps), 6);
	});
});

describe('what is still kept, and what is too much', () => {
	test.each([
		['a budget of a pebibyte', { budgetBytes: 2 ** 50 }, { budgetBytes: 2 ** 50 + 1 }],
		['a reserve of nothing', { reserveBytes: 0 }, { reserveBytes: -1 }],
		['a GPU of 200 characters', { declaredGpu: chars(200) }, { declaredGpu: chars(201) }],
		['a GPU of one character', { declaredGpu: 'x' }, { declaredGpu: ' ' }],
		[
			'a window of one token',
			{ choice: { variantId: 'v', contextWindow: 1 } },
			{ choice: { variantId: 'v', contextWindow: 0 } }
		],
		[
			'a preset of 100,000 characters',
			{ presets: [preset({ text: chars(100_000) })] },
			{ presets: [preset({ text: chars(100_001) })] }
		],
		['a host of 253 characters', { extraHosts: [hostOf(253)] }, { extraHosts: [hostOf(254)] }]
	])('%s', (_, kept, tooMuch) => {
		expect(parseSettings(kept)).toEqual({ ...defaultSettings, ...kept });
		expect(parseSettings(tooMuch)).toEqual(defaultSettings);
	});

	test('the first 200 presets and the first 50 hosts', () => {
		const presets = Array.from({ length: 201 }, (_, index) => preset({ id: `p${index}` }));
		const extraHosts = Array.from({ length: 51 }, (_, index) => `h${index}.example`);
		const settings = parseSettings({ presets, extraHosts });
		expect(settings.presets).toEqual(presets.slice(0, 200));
		expect(settings.extraHosts).toEqual(extraHosts.slice(0, 50));
	});

	test('a file of 25 million characters', () => {
		const text = exportSettings(defaultSettings);
		expect(MAX_SETTINGS_FILE_CHARS).toBe(25_000_000);
		expect(importSettings(text.padEnd(25_000_000)).settings).toEqual(defaultSettings);
		expect(() => importSettings(text.padEnd(25_000_001))).toThrow('too large');
	});
});

test('settings of a newer version are refused by name', () => {
	const text = exportSettings(defaultSettings);
	expect(text).toContain('"version": 1');
	expect(() => importSettings(text.replace('"version": 1', '"version": 2'))).toThrow(
		expect.objectContaining({
			kind: 'newer-version',
			detail: { expected: 'version 1', found: 'version 2' }
		})
	);
});
