import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { desktopLimits } from './a-device.fixture.ts';
import { granted } from './granted.ts';

const MiB = 2 ** 20;
const tiers = (maxBufferSize: number, maxStorageBufferBindingSize: number) =>
	granted({ ...desktopLimits, maxBufferSize, maxStorageBufferBindingSize });

describe('granted', () => {
	it.each([
		[4096, 4096, 1024, 1024],
		[1024, 1024, 1024, 1024],
		[1023, 1024, 256, 1024],
		[2048, 512, 1024, 128],
		[512, 1023, 256, 128],
		[256, 128, 256, 128]
	])('turns %d MiB buffers and %d MiB bindings into %d and %d', (buffer, binding, big, bound) => {
		expect(tiers(buffer * MiB, binding * MiB)).toEqual({
			kind: 'granted',
			maxBufferSize: big * MiB,
			maxStorageBufferBindingSize: bound * MiB
		});
	});

	it.each([
		['maxBufferSize', 256 * MiB, 256 * MiB - 1, '256 MiB'],
		['maxStorageBufferBindingSize', 128 * MiB, 64 * MiB, '64 MiB'],
		['maxBufferSize', 256 * MiB, MiB, 'offers 1 MiB'],
		['maxBufferSize', 256 * MiB, MiB - 1, 'offers 1023 KiB'],
		['maxComputeWorkgroupStorageSize', 32_768, 16_384, '16 KiB'],
		['maxStorageBuffersPerShaderStage', 10, 8, 'offers 8']
	] as const)('refuses %s below %d', (limit, expected, found, words) => {
		const result = granted({ ...desktopLimits, [limit]: found });
		expect(result).toMatchObject({ kind: 'refused', limit, expected, found });
		expect(result.kind === 'refused' && result.sentence).toContain(words);
	});

	it('does not mind a small maxComputeInvocationsPerWorkgroup: the engine falls back', () => {
		const few = { ...desktopLimits, maxComputeInvocationsPerWorkgroup: 128 };
		expect(granted(few).kind).toBe('granted');
	});

	it('never grants more than the adapter has, and never less to an adapter with more', () => {
		const size = fc.integer({ min: 0, max: 2 ** 32 });
		fc.assert(
			fc.property(size, size, size, size, (buffer, binding, more, moreBinding) => {
				const small = tiers(buffer, binding);
				const large = tiers(buffer + more, binding + moreBinding);
				fc.pre(small.kind !== 'refused');
				expect(small.maxBufferSize).toBeLessThanOrEqual(buffer);
				expect(small.maxStorageBufferBindingSize).toBeLessThanOrEqual(binding);
				if (large.kind === 'refused') throw new Error(large.sentence);
				expect(large.maxBufferSize).toBeGreaterThanOrEqual(small.maxBufferSize);
				expect(large.maxStorageBufferBindingSize).toBeGreaterThanOrEqual(
					small.maxStorageBufferBindingSize
				);
			})
		);
	});

	it('refuses a limit that is no number, and does not print it', () => {
		const result = tiers(NaN, 2 ** 30);
		expect(result.kind).toBe('refused');
		expect(result.kind === 'refused' && result.sentence).not.toContain('NaN');
	});
});
