import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '#plan/adapt/policy.ts';
import { defaultSettings } from './settings.svelte.ts';
import { exportSettings, importSettings } from './settings-file.ts';

const pin = { variantId: 'a-q4f16_1', contextWindow: 1024 };
const imported = (change: Partial<Policy>) =>
	importSettings(exportSettings(defaultSettings, { ...DEFAULT_POLICY, ...change }));

describe('a policy of automatic swaps in a file', () => {
	test.each<[string, Partial<Policy>, Partial<Policy>]>([
		['off', { mode: 'off' }, { mode: 'off' }],
		['one that suggests', { mode: 'suggest' }, { mode: 'suggest' }]
	])('%s is taken as it is', (_, written, taken) => {
		expect(imported({ ...written, keepTwo: true })).toEqual({
			settings: defaultSettings,
			policy: { ...DEFAULT_POLICY, ...taken, keepTwo: true },
			tamed: false
		});
	});

	test.each<[string, Partial<Policy>, Policy['mode']]>([
		['swaps by itself', { mode: 'automatic' }, 'suggest'],
		['holds on to a variant', { mode: 'suggest', pin }, 'suggest'],
		['does both', { mode: 'automatic', pin }, 'suggest']
	])('that %s does so no more, and that is said', (_, written, mode) => {
		const { policy, tamed } = imported({ ...written, keepTwo: true });
		expect(policy).toEqual({ ...DEFAULT_POLICY, mode, pin: null, keepTwo: true });
		expect(tamed).toBe(true);
	});

	test('that is none says nothing', () => {
		const text = exportSettings(defaultSettings);
		const file = JSON.parse(text) as object;
		expect(importSettings(JSON.stringify({ ...file, policy: 'automatic' }))).toMatchObject({
			policy: null,
			tamed: false
		});
	});
});

test('a file without own models does not speak of any', () => {
	expect(JSON.parse(exportSettings(defaultSettings))).not.toHaveProperty('models');
	expect(JSON.parse(exportSettings(defaultSettings, undefined, ['a/b@c']))).toHaveProperty(
		'models',
		['a/b@c']
	);
});

test('no file makes the page delete without asking', () => {
	const text = exportSettings({ ...defaultSettings, diskCleanUp: true, theme: 'dark' });
	expect(importSettings(text).settings).toEqual({ ...defaultSettings, theme: 'dark' });
});

test.each([
	['the text of nothing', 'null'],
	['a list', '[{"format":"headroom-settings","version":1}]'],
	['another program’s', '{"format":"headroom","version":1}']
])('%s is refused as another format', (_, text) => {
	expect(() => importSettings(text)).toThrow('This is not a settings file: another format.');
});

test('a file without a version is refused, and what was found is said', () => {
	expect(() => importSettings('{"format":"headroom-settings"}')).toThrow(
		expect.objectContaining({
			kind: 'newer-version',
			detail: { expected: 'version 1', found: 'version undefined' }
		})
	);
});

test('a file that cannot be read as JSON says so, and why', () => {
	expect(() => importSettings('{')).toThrow(
		expect.objectContaining({
			message: 'This is not a settings file: not JSON.',
			cause: expect.any(SyntaxError) as unknown
		})
	);
});
