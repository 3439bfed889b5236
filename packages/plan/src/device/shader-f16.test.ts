import { describe, expect, it } from 'vitest';
import { aDevice } from './a-device.fixture.ts';
import { withoutShaderF16 } from './shader-f16.ts';

describe('withoutShaderF16', () => {
	it.each(['linux', 'chromeos'] as const)(
		'blames the driver of an NVIDIA card on %s',
		(platform) => {
			const sentence = withoutShaderF16(aDevice({ vendor: 'nvidia', platform, features: [] }));
			expect(sentence).toContain('driver 615.71');
			expect(sentence).toContain('f32');
		}
	);

	it.each([
		{ vendor: 'nvidia', platform: 'windows' },
		{ vendor: 'amd', platform: 'linux' },
		{ vendor: '', platform: 'linux' }
	] as const)('blames no driver for %o, and names the way out', (given) => {
		const sentence = withoutShaderF16(aDevice(given));
		expect(sentence).not.toContain('driver');
		expect(sentence).toContain('f32');
	});
});
