import { describe as group, expect, it } from 'vitest';
import { aReading, anAdapter, desktopLimits } from './a-device.fixture.ts';
import { describe, platformOf, type Device, type RawReading } from './adapter.ts';

const device = (given: Partial<RawReading>): Device => {
	const reading = describe(aReading(given));
	if (reading.kind !== 'ready') throw new Error(reading.sentence);
	return reading.device;
};

const chrome = (system: string) =>
	`Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36`;
const safari =
	'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15';
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

group('a ready adapter', () => {
	it('is described with its name, limits and sorted features', () => {
		expect(device({})).toEqual({
			vendor: 'nvidia',
			architecture: 'lovelace',
			description: '',
			gpuName: 'NVIDIA GeForce RTX 4060',
			software: false,
			features: ['shader-f16', 'subgroups'],
			limits: desktopLimits,
			heapBytes: null,
			sharesMemory: false,
			platform: 'windows',
			deviceMemoryGiB: 8
		});
	});

	it.each([
		{ isFallbackAdapter: true },
		{ vendor: 'google', architecture: 'swiftshader' },
		{ vendor: 'mesa', description: 'llvmpipe (LLVM 19.1.7, 256 bits)' },
		{ vendor: 'microsoft', description: 'Microsoft Basic Render Driver' }
	])('is software when it says so: %o', (given) => {
		expect(device({ adapter: anAdapter(given) }).software).toBe(true);
	});

	it('is no software because WebGL is', () => {
		const renderer =
			'ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero)), SwiftShader driver)';
		expect(device({ renderer })).toMatchObject({ software: false, gpuName: null });
	});

	it('takes the largest device-local heap and no other', () => {
		const heaps = (...memoryHeaps: { size: number; properties: number }[]) =>
			device({ adapter: anAdapter({ memoryHeaps }) }).heapBytes;
		const own = { size: 8 * 2 ** 30, properties: 1 };
		const mapped = { size: 256 * 2 ** 20, properties: 1 | 2 | 4 };
		const host = { size: 32 * 2 ** 30, properties: 2 | 4 };
		expect(heaps(mapped, host, own)).toBe(own.size);
		expect(heaps(host)).toBeNull();
		expect(heaps()).toBeNull();
		expect(heaps({ size: NaN, properties: 1 })).toBeNull();
	});

	const GiB = 2 ** 30;
	const local = (gib: number, more = 0) => ({ size: gib * GiB, properties: 1 | more });
	const hostOnly = (gib: number) => ({ size: gib * GiB, properties: 2 | 4 | 16 });

	it.each([
		['one heap of all the memory', [local(7.6, 2 | 4 | 16)], true],
		['one heap that the processor cannot see', [local(7.6)], true],
		['a carve-out beside a shared heap', [local(0.5), hostOnly(7)], true],
		['two heaps, both the GPU’s', [local(0.5), local(10, 2 | 4)], true],
		['a card', [local(8), hostOnly(16)], false],
		['a card with a window onto its memory', [local(8), hostOnly(16), local(0.25, 2 | 4)], false],
		['a card whose memory the processor sees', [local(8, 2 | 4), hostOnly(16)], false],
		['a card of 1 GB', [local(0.97), hostOnly(8)], false],
		['the smallest card there is', [local(0.75), hostOnly(8)], false],
		['the largest carve-out', [local(0.74), hostOnly(8)], true],
		['a heap of the processor alone', [hostOnly(8)], false],
		['none', [], false]
	])('knows %s: shared is %3$s', (_, memoryHeaps, shared) => {
		expect(device({ adapter: anAdapter({ memoryHeaps }) }).sharesMemory).toBe(shared);
	});

	it.each([0.25, 0.5, 32])('keeps a device memory of %d', (deviceMemoryGiB) => {
		expect(device({ deviceMemoryGiB }).deviceMemoryGiB).toBe(deviceMemoryGiB);
	});

	it.each([0, -1, NaN, Infinity])('ignores a device memory of %d', (deviceMemoryGiB) => {
		expect(device({ deviceMemoryGiB }).deviceMemoryGiB).toBeNull();
	});
});

group('platformOf', () => {
	it.each([
		['windows', chrome('Windows NT 10.0; Win64; x64'), 0],
		['macos', chrome('Macintosh; Intel Mac OS X 10_15_7'), 0],
		['linux', chrome('X11; Linux x86_64'), 0],
		['chromeos', chrome('X11; CrOS x86_64 14541.0.0'), 0],
		['android', chrome('Linux; Android 14; Pixel 8'), 5],
		['ios', 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Safari/604.1', 5],
		['ios', 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Safari/604.1', 0],
		['ios', safari, 5],
		['ios', safari, 2],
		['macos', safari, 1],
		['macos', safari, 0],
		['unknown', 'curl/8', 0]
	] as const)('reads %s from %s', (platform, userAgent, touchPoints) => {
		expect(platformOf({ userAgent, platformHint: null, touchPoints })).toBe(platform);
	});

	it('believes the hint before the user agent, where the hint says something', () => {
		const userAgent = chrome('X11; Linux x86_64');
		const read = (platformHint: string) => platformOf({ userAgent, platformHint, touchPoints: 0 });
		expect(read('Chrome OS')).toBe('chromeos');
		expect(read('Android')).toBe('android');
		expect(read('macOS')).toBe('macos');
		expect(read('iOS')).toBe('ios');
		expect(read('Unknown')).toBe('linux');
		expect(read('')).toBe('linux');
	});
});

group('without WebGPU', () => {
	const without = (given: Partial<RawReading>) => {
		const reading = describe(
			aReading({ webgpu: false, adapter: null, platformHint: null, ...given })
		);
		if (reading.kind !== 'no-webgpu') throw new Error(reading.kind);
		return reading;
	};

	it('blames the address where it is not https, in whichever browser', () => {
		for (const userAgent of [safari, firefox, chrome('Windows NT 10.0')])
			expect(without({ secureContext: false, userAgent }).remedy).toContain('https');
	});

	it.each([
		[safari, 0, /Safari 26/],
		[safari, 5, /iOS or iPadOS 26/],
		[firefox, 0, /about:config/],
		[firefox.replace('X11; Linux x86_64', 'Windows NT 10.0'), 0, /Update Firefox/],
		[chrome('X11; Linux x86_64'), 0, /enable-unsafe-webgpu/],
		[chrome('Windows NT 10.0'), 0, /current Chrome/]
	])('tells %s (touch %d) what to do', (userAgent, touchPoints, remedy) => {
		const reading = without({ userAgent, touchPoints });
		expect(reading.remedy).toMatch(remedy);
		expect(reading.sentence).toMatch(/WebGPU.*\.$/);
	});
});

group('without an adapter', () => {
	const systems = ['Windows', 'Linux', 'macOS', 'Android', 'iOS', 'Chrome OS', 'BeOS'];

	it.each(systems)('%s gets a sentence and something to do', (platformHint) => {
		const reading = describe(aReading({ adapter: null, platformHint, userAgent: '' }));
		if (reading.kind !== 'no-adapter') throw new Error(reading.kind);
		expect(reading.sentence).toMatch(/\.$/);
		expect(reading.remedy).toMatch(/restart the browser/);
	});

	it('says why the request failed', () => {
		const reading = describe(aReading({ adapter: null, adapterError: 'GPU process crashed' }));
		expect(reading).toMatchObject({
			sentence: expect.stringContaining('GPU process crashed') as string
		});
	});

	it('of Windows and macOS are told of the setting, Linux of the driver', () => {
		const remedy = (platformHint: string) => {
			const reading = describe(aReading({ adapter: null, platformHint }));
			return reading.kind === 'ready' ? '' : reading.remedy;
		};
		expect(remedy('Windows')).toContain('Use graphics acceleration');
		expect(remedy('macOS')).toContain('Use graphics acceleration');
		expect(remedy('Linux')).toContain('Vulkan driver');
	});
});
