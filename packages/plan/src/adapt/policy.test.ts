import { expect, test } from 'vitest';
import { DEFAULT_POLICY, MODES, parsePolicy, ruleRanges } from './policy.ts';

const rule = { on: true, bits: 4, speedUp: 1.5, sameToken: 0.95 };
const parsed = (change: object) => parsePolicy({ ...DEFAULT_POLICY, ...change });

test('swaps are off until somebody switches them on, and smaller families have to be allowed', () => {
	expect(DEFAULT_POLICY).toMatchObject({
		version: 1,
		mode: 'off',
		priority: 'balanced',
		floor: null,
		pin: null,
		allowWindow: true,
		allowFamily: false
	});
	expect(MODES.map((mode) => parsed({ mode }).mode)).toEqual(['off', 'suggest', 'automatic']);
});

test.each<[string, object, object]>([
	['10 rules', { rules: Array(10).fill(rule) }, { rules: Array(11).fill(rule) }],
	['the same speed', { rules: [{ ...rule, speedUp: 1 }] }, { rules: [{ ...rule, speedUp: 0.99 }] }],
	[
		'20 times the speed',
		{ rules: [{ ...rule, speedUp: 20 }] },
		{ rules: [{ ...rule, speedUp: 21 }] }
	],
	[
		'half the tokens',
		{ rules: [{ ...rule, sameToken: 0.5 }] },
		{ rules: [{ ...rule, sameToken: 0.49 }] }
	],
	['all tokens', { rules: [{ ...rule, sameToken: 1 }] }, { rules: [{ ...rule, sameToken: 1.01 }] }],
	[
		'a pin of one token',
		{ pin: { variantId: 'x', contextWindow: 1 } },
		{ pin: { variantId: 'x', contextWindow: 0 } }
	],
	[
		'an id of 200 characters',
		{ pin: { variantId: 'x'.repeat(200), contextWindow: 4096 } },
		{ pin: { variantId: 'x'.repeat(201), contextWindow: 4096 } }
	],
	[
		'an id of one',
		{ pin: { variantId: 'x', contextWindow: 1 } },
		{ pin: { variantId: '', contextWindow: 1 } }
	]
])('%s may be stored, and no more or less', (_, good, bad) => {
	expect(parsed(good)).toEqual({ ...DEFAULT_POLICY, ...good });
	expect(parsed(bad)).toEqual(DEFAULT_POLICY);
});

test('a rule is set in tenths of a speed and in whole percents', () => {
	expect([ruleRanges.speedUp.step, ruleRanges.sameToken.step]).toEqual([0.1, 0.01]);
});
