import { describe, expect, it } from 'vitest';
import { estimate } from './estimate.ts';
import { CHAT_BYTES } from './formula.ts';
import { MEASURED, qwenLibrary, qwenVariant } from './worked-example.ts';

const KiB = 1024;

describe('planned from its library, Qwen2-0.5B-Instruct', () => {
	it.each(MEASURED)(
		'takes what was measured: %s at %d tokens',
		(name, window, afterLoad, afterPrefill, peak) => {
			const plan = estimate(qwenVariant(name), window, { library: qwenLibrary(name) });
			expect(plan?.confidence).toBe('library');
			expect(plan?.afterLoadBytes).toBe(afterLoad);
			const prefilled = (plan?.peakBytes ?? NaN) - CHAT_BYTES;
			expect(Math.abs(prefilled - afterPrefill)).toBeLessThanOrEqual(12 * KiB);
			expect(Math.abs((plan?.peakBytes ?? NaN) / peak - 1)).toBeLessThan(0.002);
		}
	);
});
