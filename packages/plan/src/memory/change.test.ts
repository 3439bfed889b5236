import fc from 'fast-check';
import { expect, it } from 'vitest';
import { changeInWords, type MemoryChange } from './change.ts';

const GiB = 2 ** 30;

it.each<[MemoryChange['kind'], number, number, string]>([
	['swap', 2.1, 0.9, 'Freed 1.20 GiB: 2.10 GiB before, 922 MiB now.'],
	['swap', 0.9, 1.3, 'Takes 410 MiB more: 922 MiB before, 1.30 GiB now.'],
	['swap', 1.5, 1.5, 'Takes as much as before: 1.50 GiB.'],
	['swap', 2 ** -29, 2 ** -30, 'Freed 1 byte: 2 bytes before, 1 byte now.'],
	['swap', 2 ** -30, 2 ** -29, 'Takes 1 byte more: 1 byte before, 2 bytes now.'],
	['unload', 1.2, 0, 'Nothing stays on the GPU: 1.20 GiB freed.'],
	['unload', 1.2, 1 / 64, '16.0 MiB stay on the GPU of 1.20 GiB.'],
	['unload', 1.2, 2 ** -30, '1 byte stays on the GPU of 1.20 GiB.']
])('a %s from %d to %d GiB is told as such', (kind, before, after, words) => {
	expect(changeInWords({ kind, beforeBytes: before * GiB, afterBytes: after * GiB })).toBe(words);
});

it('says "freed" only where less is held than before, and "nothing" only where nothing is', () => {
	const size = fc.nat(2 ** 40);
	fc.assert(
		fc.property(size, size, (beforeBytes, afterBytes) => {
			const swap = changeInWords({ kind: 'swap', beforeBytes, afterBytes });
			expect(swap.startsWith('Freed')).toBe(afterBytes < beforeBytes);
			expect(/ more: /.test(swap)).toBe(afterBytes > beforeBytes);
			const unload = changeInWords({ kind: 'unload', beforeBytes, afterBytes });
			expect(unload.startsWith('Nothing')).toBe(afterBytes === 0);
		})
	);
});
