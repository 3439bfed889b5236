import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aDevice, desktopLimits } from './a-device.fixture.ts';
import type { Device, Platform } from './adapter.ts';
import { assumedBytes, budgetOf, defaultReserveBytes, type BudgetOptions } from './budget.ts';

const GiB = 2 ** 30;
const named = aDevice({ architecture: 'ampere', gpuName: 'NVIDIA GeForce RTX 3060' });

describe('the source of the budget', () => {
	it('is what the person said before everything else', () => {
		const device = { ...named, heapBytes: 24 * GiB };
		const budget = budgetOf(device, { declaredBytes: 6 * GiB, observedCeilingBytes: GiB });
		expect(budget).toMatchObject({ source: 'declared', totalBytes: 6 * GiB });
		expect(budget.explanation).toBe('GPU memory set to 6 GiB.');
	});

	it('names the GPU that was picked from the list', () => {
		const picked = { declaredBytes: 8 * GiB, declaredGpu: 'NVIDIA RTX 4060 Laptop' };
		expect(budgetOf(named, picked).explanation).toBe(
			'You picked NVIDIA RTX 4060 Laptop with 8 GiB as your GPU.'
		);
	});

	it('is the heaps before the name', () => {
		const budget = budgetOf({ ...named, heapBytes: 11.5 * GiB });
		expect(budget).toMatchObject({ source: 'heaps', totalBytes: 11.5 * GiB });
	});

	it.each<[string, Partial<Device>]>([
		['of a named part, all of the memory', { heapBytes: 7.6 * GiB }],
		['of a named part, a carve-out', { heapBytes: 0.5 * GiB }],
		[
			'that are shared, of an unnamed part',
			{ gpuName: null, sharesMemory: true, heapBytes: 7.6 * GiB }
		],
		[
			'beside the name of a card',
			{ gpuName: 'AMD Radeon RX 6700 XT', sharesMemory: true, heapBytes: 0.5 * GiB }
		]
	])('is never the heaps inside a processor: %s', (_, given) => {
		const part = { vendor: 'amd', architecture: 'rdna-2', gpuName: 'AMD Radeon Graphics' };
		const budget = budgetOf(aDevice({ ...part, deviceMemoryGiB: 8, ...given }));
		expect(budget).toMatchObject({ source: 'assumed', totalBytes: 2 * GiB });
		expect(budget.explanation).toContain("shares the system's memory");
	});

	it('is the heap of Apple silicon, which is what macOS lets the GPU use', () => {
		const mac = aDevice({
			vendor: 'apple',
			gpuName: 'Apple M2',
			platform: 'macos',
			sharesMemory: true
		});
		expect(budgetOf({ ...mac, heapBytes: 5 * GiB })).toMatchObject({
			source: 'heaps',
			totalBytes: 5 * GiB
		});
	});

	it('is the name before an assumption, at its smallest size', () => {
		const budget = budgetOf(named);
		expect(budget).toMatchObject({ source: 'gpu-name', totalBytes: 8 * GiB });
		expect(budget.explanation).toBe(
			'The browser calls the GPU NVIDIA GeForce RTX 3060, which has at least 8 GiB.'
		);
	});

	it.each([
		['Apple M2', null, 8],
		['Apple M2', 8, 8],
		['Apple M2', 16, 16],
		['Apple M3 Pro', 16, 18],
		['Apple M3 Pro', 32, 36],
		['Apple M2', 32, 24],
		['Apple M4 Pro', 32, 24],
		['Apple M4 Pro', 64, 48],
		['Apple M1', 64, 16]
	])('is two thirds of the smallest %s that can report %s GiB', (gpuName, deviceMemoryGiB, gib) => {
		const mac = aDevice({ vendor: 'apple', gpuName, platform: 'macos', deviceMemoryGiB });
		expect(budgetOf(mac)).toMatchObject({
			source: 'gpu-name',
			totalBytes: Math.floor((gib * GiB * 2) / 3)
		});
	});

	it('is not "at least" where the GPU is sold with one size', () => {
		const budget = budgetOf(aDevice({ gpuName: 'NVIDIA GeForce RTX 4060' }));
		expect(budget.explanation).toBe(
			'The browser calls the GPU NVIDIA GeForce RTX 4060, which has 8 GiB.'
		);
	});

	it.each([
		[1.25, '1.3 GiB'],
		[7.55, '7.5 GiB'],
		[9.9, '9.9 GiB'],
		[10, '10 GiB'],
		[10.4, '10 GiB'],
		[23.6, '24 GiB']
	])('says %d GiB with one decimal below ten', (gib, words) => {
		const { explanation } = budgetOf(named, { declaredBytes: gib * GiB });
		expect(explanation).toBe(`GPU memory set to ${words}.`);
	});

	it('is not the name of a GPU that WebGPU does not run on', () => {
		const laptop = { ...named, vendor: 'intel', architecture: 'gen-12lp' };
		expect(budgetOf(laptop).source).toBe('assumed');
	});

	it.each([
		['amd', 'rdna-3', 'NVIDIA GeForce RTX 4060 Laptop GPU'],
		['amd', 'gcn-5', 'AMD Radeon RX 6700 XT'],
		['intel', 'gen-12lp', 'Intel Arc A770 Graphics']
	])(
		'is not that of the card where %s %s answers beside the name %3$s',
		(vendor, architecture, gpuName) => {
			const budget = budgetOf(aDevice({ vendor, architecture, gpuName, deviceMemoryGiB: 8 }));
			expect(budget).toMatchObject({ source: 'assumed', totalBytes: 2 * GiB });
		}
	);

	it('is that of the adapter’s own description', () => {
		const radeon = aDevice({
			vendor: 'amd',
			architecture: 'rdna-2',
			description: 'AMD Radeon(TM) Graphics',
			gpuName: 'AMD Radeon RX 6600M'
		});
		expect(budgetOf(radeon).source).toBe('assumed');
	});

	it('is assumed for software, whatever its heaps and names say', () => {
		const software = { ...named, software: true, heapBytes: 64 * GiB };
		expect(budgetOf(software)).toMatchObject({ source: 'assumed', totalBytes: 2 * GiB });
	});

	it('is assumed for a GPU that is in no table', () => {
		const budget = budgetOf(aDevice({ gpuName: 'NVIDIA GeForce GTX 770' }));
		expect(budget).toMatchObject({ source: 'assumed', totalBytes: 2 * GiB });
		expect(budget.explanation).toBe(
			'Assumed 2 GiB, because the browser names NVIDIA GeForce GTX 770, whose memory is not in the table.'
		);
	});
});

describe('the reserve', () => {
	it('is 512 MiB, adjustable down to nothing', () => {
		expect(budgetOf(named).bytes).toBe(8 * GiB - GiB / 2);
		expect(budgetOf(named, { reserveBytes: 0 }).bytes).toBe(8 * GiB);
		expect(budgetOf(named, { reserveBytes: 2 * GiB }).bytes).toBe(6 * GiB);
	});

	it('never makes the budget negative', () => {
		expect(budgetOf(named, { reserveBytes: 9 * GiB }).bytes).toBe(0);
	});

	it.each([NaN, -1, Infinity, null])('of %s is the default', (reserveBytes) => {
		expect(budgetOf(named, { reserveBytes }).reserveBytes).toBe(defaultReserveBytes);
	});
});

describe('a load that ran out of memory', () => {
	it('lowers an assumed budget and says so', () => {
		const budget = budgetOf(aDevice(), { observedCeilingBytes: 1.5 * GiB });
		expect(budget).toMatchObject({ source: 'assumed', totalBytes: 1.5 * GiB });
		expect(budget.explanation).toContain('ran out of memory here');
	});

	it('never takes more than half of what may be used, however small the load was that failed', () => {
		const device = aDevice();
		const before = budgetOf(device);
		for (const observedCeilingBytes of [1, 5 * 2 ** 20, GiB / 2, GiB]) {
			const budget = budgetOf(device, { observedCeilingBytes });
			expect(budget.bytes).toBeGreaterThanOrEqual(before.bytes / 2);
			expect(budget.bytes).toBeLessThan(before.bytes);
		}
		const phone = aDevice({ platform: 'android', deviceMemoryGiB: 4 });
		expect(budgetOf(phone, { observedCeilingBytes: 1 }).bytes).toBeGreaterThan(0);
	});

	it('does not raise it', () => {
		for (const observedCeilingBytes of [2 * GiB, 5 * GiB])
			expect(budgetOf(aDevice(), { observedCeilingBytes })).toEqual(budgetOf(aDevice()));
	});

	it.each<[string, Device, BudgetOptions]>([
		['declared', aDevice(), { declaredBytes: 8 * GiB }],
		['heaps', aDevice({ heapBytes: 8 * GiB }), {}],
		['gpu-name', named, {}]
	])('does not touch a budget that is %s', (source, device, options) => {
		const budget = budgetOf(device, { ...options, observedCeilingBytes: GiB });
		expect(budget).toEqual(budgetOf(device, options));
		expect(budget.source).toBe(source);
	});
});

describe('what is assumed', () => {
	it.each<[number, Partial<Device>]>([
		[1.5, { platform: 'android', vendor: 'qualcomm', deviceMemoryGiB: 8 }],
		[1, { platform: 'android', vendor: 'qualcomm', deviceMemoryGiB: 4 }],
		[1.5, { platform: 'ios', vendor: 'apple', deviceMemoryGiB: null }],
		[1.5, { platform: 'android', vendor: 'qualcomm', deviceMemoryGiB: 6 }],
		[4, { platform: 'macos', vendor: 'apple', deviceMemoryGiB: null }],
		[4, { platform: 'macos', vendor: 'apple', deviceMemoryGiB: 4 }],
		[6, { platform: 'macos', vendor: 'apple', deviceMemoryGiB: 12 }],
		[8, { platform: 'macos', vendor: 'apple', deviceMemoryGiB: 32 }],
		[2, { vendor: 'intel', architecture: 'gen-9', deviceMemoryGiB: 8 }],
		[1, { vendor: 'intel', architecture: 'gen-9', deviceMemoryGiB: 4 }],
		[2, { vendor: 'intel', architecture: 'gen-9', deviceMemoryGiB: null }],
		[1, { vendor: 'intel', architecture: 'gen-9', deviceMemoryGiB: 2 }],
		[4, { vendor: 'intel', architecture: 'gen-9', deviceMemoryGiB: 32 }],
		[1, { software: true, deviceMemoryGiB: 2 }],
		[2, { software: true, deviceMemoryGiB: null }],
		[4, { software: true, deviceMemoryGiB: 32 }],
		[2, { vendor: 'nvidia' }],
		[2, { vendor: '', architecture: '', platform: 'unknown', deviceMemoryGiB: null }]
	])('is %d GiB for %o', (gib, given) => {
		expect(assumedBytes(aDevice(given)).bytes).toBe(gib * GiB);
	});

	it('is 1 GiB at most where only the small buffers or bindings are granted', () => {
		const smaller = { ...desktopLimits, maxBufferSize: 512 * 2 ** 20 };
		const bindings = { ...desktopLimits, maxStorageBufferBindingSize: 256 * 2 ** 20 };
		for (const limits of [smaller, bindings])
			expect(assumedBytes(aDevice({ limits })).bytes).toBe(GiB);
	});

	it('gives the small buffers as the reason only where they lower it', () => {
		const limits = { ...desktopLimits, maxBufferSize: 512 * 2 ** 20 };
		const phone = { platform: 'android', vendor: 'qualcomm', limits } as const;
		const because = (deviceMemoryGiB: number) =>
			assumedBytes(aDevice({ ...phone, deviceMemoryGiB })).because;
		expect(because(8)).toBe('the GPU offers only small buffers');
		expect(because(4)).toBe('phones leave a page little memory');
	});
});

const figure = fc.oneof(
	fc.constantFrom(NaN, Infinity, -Infinity, -1, 0, null),
	fc.double(),
	fc.double({ min: 0, max: 128 * GiB, noNaN: true })
);
const anyOptions = fc.record({
	declaredBytes: figure,
	reserveBytes: figure,
	observedCeilingBytes: figure
});
const anyDevice = fc
	.record({
		vendor: fc.constantFrom('nvidia', 'amd', 'intel', 'apple', 'qualcomm', 'google', ''),
		architecture: fc.constantFrom('', 'gen-12lp', 'gen-12hp', 'rdna-2', 'gcn-5', 'swiftshader'),
		gpuName: fc.constantFrom(
			null,
			'NVIDIA GeForce RTX 4060',
			'Apple M1',
			'Intel UHD Graphics',
			'AMD Radeon RX 6800'
		),
		software: fc.boolean(),
		heapBytes: figure,
		sharesMemory: fc.boolean(),
		platform: fc.constantFrom<Platform>(
			'windows',
			'macos',
			'linux',
			'android',
			'ios',
			'chromeos',
			'unknown'
		),
		deviceMemoryGiB: fc.oneof(figure, fc.constantFrom(0.25, 0.5, 1, 2, 4, 8, 16, 32)),
		maxBufferSize: fc.oneof(fc.constantFrom(NaN, 0, 2 ** 28, 2 ** 30, 2 ** 32), fc.nat()),
		maxStorageBufferBindingSize: fc.oneof(fc.constantFrom(NaN, 2 ** 27, 2 ** 30), fc.nat())
	})
	.map(({ maxBufferSize, maxStorageBufferBindingSize, ...given }) =>
		aDevice({
			...given,
			limits: { ...desktopLimits, maxBufferSize, maxStorageBufferBindingSize }
		})
	);

describe('the laws of the budget', () => {
	it('whatever comes in, it is a number that is not negative, with a sentence that has no NaN', () => {
		fc.assert(
			fc.property(anyDevice, anyOptions, (device, options) => {
				const budget = budgetOf(device, options);
				for (const bytes of [budget.totalBytes, budget.reserveBytes, budget.bytes]) {
					expect(Number.isFinite(bytes)).toBe(true);
					expect(bytes).toBeGreaterThanOrEqual(0);
				}
				expect(budget.totalBytes).toBeGreaterThan(0);
				expect(budget.bytes).toBe(Math.max(0, budget.totalBytes - budget.reserveBytes));
				expect(budget.explanation).toMatch(/^[A-Z].*\.$/);
				expect(budget.explanation).not.toMatch(/NaN|Infinity|undefined|null/);
			})
		);
	});

	const amount = fc.double({ min: 1, max: 64 * GiB, noNaN: true });

	it('more declared is never less budget', () => {
		fc.assert(
			fc.property(anyDevice, amount, amount, (device, declared, more) => {
				const less = budgetOf(device, { declaredBytes: declared });
				expect(budgetOf(device, { declaredBytes: declared + more }).bytes).toBeGreaterThanOrEqual(
					less.bytes
				);
			})
		);
	});

	it('a larger reserve is never more budget', () => {
		fc.assert(
			fc.property(anyDevice, amount, amount, (device, reserve, more) => {
				const plenty = budgetOf(device, { reserveBytes: reserve });
				expect(budgetOf(device, { reserveBytes: reserve + more }).bytes).toBeLessThanOrEqual(
					plenty.bytes
				);
			})
		);
	});

	it('a failed load never raises the budget, and a later failure never by more than an earlier', () => {
		fc.assert(
			fc.property(anyDevice, amount, amount, (device, ceiling, more) => {
				const low = budgetOf(device, { observedCeilingBytes: ceiling }).bytes;
				const high = budgetOf(device, { observedCeilingBytes: ceiling + more }).bytes;
				expect(low).toBeLessThanOrEqual(high);
				expect(high).toBeLessThanOrEqual(budgetOf(device).bytes);
			})
		);
	});

	it('more system memory or larger limits are never a smaller assumption', () => {
		const memory = fc.constantFrom(0.25, 0.5, 1, 2, 4, 8, 16, 32);
		fc.assert(
			fc.property(anyDevice, memory, memory, fc.nat(), (device, one, other, more) => {
				const small = aDevice({ ...device, deviceMemoryGiB: Math.min(one, other) });
				const large = aDevice({
					...device,
					deviceMemoryGiB: Math.max(one, other),
					limits: { ...device.limits, maxBufferSize: device.limits.maxBufferSize + more }
				});
				expect(assumedBytes(large).bytes).toBeGreaterThanOrEqual(assumedBytes(small).bytes);
			})
		);
	});
});
