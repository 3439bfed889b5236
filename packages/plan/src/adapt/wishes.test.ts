import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY, parsePolicy } from './policy.ts';
import { parseWish, within, wishesFor } from './wishes.ts';

const settings = { priority: 'balanced', floor: 'q4f16_1' } as const;

describe('what is obeyed', () => {
	test.each([
		['the settings, where nothing else is said', [], settings],
		['the first priority: it is answered next', [{}, { priority: 'speed' }], settings],
		[
			'of one request its own',
			[{ priority: 'speed', floor: null }],
			{ priority: 'speed', floor: null }
		],
		[
			'the finest floor of all',
			[{ floor: null }, { floor: 'q0f16' }, {}],
			{ priority: 'balanced', floor: 'q0f16' }
		],
		[
			'of equal bits the finer compute',
			[{ floor: 'q4f32_1' }, { floor: 'q4f16_1' }],
			{ priority: 'balanced', floor: 'q4f32_1' }
		]
	] as const)('is %s', (_, wishes, expected) => {
		expect(wishesFor(settings, wishes)).toEqual(expected);
	});

	test('is what a request says, and where it is silent its conversation', () => {
		expect(within({ priority: 'quality', floor: 'q0f16' }, { floor: null })).toEqual({
			priority: 'quality',
			floor: null
		});
	});
});

test.each([
	[
		{ priority: 'speed', floor: 'q0f16' },
		{ priority: 'speed', floor: 'q0f16' }
	],
	[{ floor: null }, { floor: null }],
	[{ floor: `q4f16_${'1'.repeat(34)}` }, { floor: `q4f16_${'1'.repeat(34)}` }],
	[{ floor: `q4f16_${'1'.repeat(35)}` }, {}],
	[{ priority: 'fast', floor: 'q4' }, {}],
	['x', {}]
])('a stored wish %o is read as %o', (raw, wish) => {
	expect(parseWish(raw)).toEqual(wish);
});

test('a stored policy keeps what is usable, field by field', () => {
	expect(parsePolicy(null)).toEqual(DEFAULT_POLICY);
	expect(parsePolicy(JSON.parse(JSON.stringify(DEFAULT_POLICY)))).toEqual(DEFAULT_POLICY);
	const raw = {
		mode: 'automatic',
		matrix: { ...DEFAULT_POLICY.matrix, load: [10, 5, 2] },
		pace: { ...DEFAULT_POLICY.pace, spacingMs: 0 },
		floor: 'q0f16',
		pin: { variantId: '', contextWindow: -1 }
	};
	expect(parsePolicy(raw)).toEqual({ ...DEFAULT_POLICY, mode: 'automatic', floor: 'q0f16' });
});
