import { expect, test } from 'vitest';
import { fingerprintOf } from './fingerprint.ts';

/** FNV-1a with 64 bits of the sorted parts as JSON, from another implementation: kept loads are known by it. */
test('a fingerprint is the same as ever, in any order', () => {
	const imports = [
		{ module: 'env', name: 'b', kind: 'memory' },
		{ module: 'env', name: 'a', kind: 'function' }
	] as const;
	const keys = ['params', 'model_type'];
	expect(fingerprintOf(keys, ['prefill', 'decode'], 4, imports)).toBe('9d4709727e914b2f');
	expect(fingerprintOf(keys.toReversed(), ['decode', 'prefill'], 4, imports.toReversed())).toBe(
		'9d4709727e914b2f'
	);
});

test('it is of UTF-8, and has 16 digits where it begins with 0', () => {
	expect(fingerprintOf(['ü'], [], null, null)).toBe('796f56fe59d697fc');
	expect(fingerprintOf(['k13'], [], null, null)).toBe('0c612b2c6652b940');
});
