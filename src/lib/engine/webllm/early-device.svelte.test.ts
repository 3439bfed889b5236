import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeviceRequest } from '../../files/records.ts';
import { EarlyDevice } from './early-device.ts';
import { wrap } from './wrap.ts';

let early: EarlyDevice;
/** Devices that the browser made. */
const made: GPUDevice[] = [];

const own = [GPU.prototype, GPUAdapter.prototype].map(
	(each) => [each, Object.getOwnPropertyDescriptors(each)] as const
);

beforeEach(() => {
	wrap(
		GPUAdapter.prototype,
		'requestDevice',
		(own) =>
			async function (this: GPUAdapter, descriptor) {
				const device = await own.call(this, descriptor);
				made.push(device);
				return device;
			}
	);
	early = new EarlyDevice();
	early.install();
});
afterEach(() => {
	for (const [prototype, descriptors] of own) Object.defineProperties(prototype, descriptors);
	for (const device of made.splice(0)) device.destroy();
});

/** What every browser gives. */
const MAX_BUFFER_BYTES = 1 << 28;
const REQUEST: DeviceRequest = {
	powerPreference: 'high-performance',
	limits: { maxBufferSize: MAX_BUFFER_BYTES },
	features: []
};

/** Asks as the engine does. */
async function ask(maxBufferSize = MAX_BUFFER_BYTES, more: GPUDeviceDescriptor = {}) {
	const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
	if (!adapter) throw new Error('The tests need a GPU, a software one at least.');
	return adapter.requestDevice({
		requiredLimits: { maxBufferSize },
		requiredFeatures: [],
		...more
	});
}

test('knows whether the adapter is a software one', async () => {
	expect(early.software).toBe(false);
	const adapter = await navigator.gpu.requestAdapter();
	expect(early.software).toBe(adapter?.info.isFallbackAdapter);
});

test('notes what is asked for, so that it can be asked for again', async () => {
	await ask();
	expect(early.asked).toEqual(REQUEST);
	const plain = await navigator.gpu.requestAdapter();
	await plain?.requestDevice();
	expect(early.asked).toEqual({ powerPreference: null, limits: {}, features: [] });
	// What is not noted whole could not be asked for again.
	await ask(MAX_BUFFER_BYTES, { label: 'mine' });
	expect(early.asked).toBeNull();
});

test('who asks for the same is handed the device that was asked for before, once', async () => {
	expect(await early.request(REQUEST)).toBe(true);
	expect(made).toHaveLength(1);
	expect(await ask()).toBe(made[0]);
	expect(early.asked).toEqual(REQUEST);
	expect(made).toHaveLength(1);
	expect(await ask()).not.toBe(made[0]);
	expect(made).toHaveLength(2);
});

test('who asks for another gets it, and the early one is forgotten', async () => {
	await early.request(REQUEST);
	const other = await ask(MAX_BUFFER_BYTES * 2);
	expect(other).not.toBe(made[0]);
	expect(other.limits.maxBufferSize).toBe(MAX_BUFFER_BYTES * 2);
	expect(await ask()).not.toBe(made[0]);
});

test('what this browser does not give early is asked for by the engine itself', async () => {
	const features = ['texture-of-another-world'];
	expect(await early.request({ ...REQUEST, features })).toBe(false);
	expect(await early.request({ ...REQUEST, limits: { maxBufferSize: 2 ** 52 } })).toBe(false);
	expect(made).toEqual([]);
	expect(await ask()).toBe(made[0]);
});

test('once the engine has asked, nothing is asked for in its place', async () => {
	const device = await ask();
	expect(await early.request(REQUEST)).toBe(false);
	expect(made).toEqual([device]);
	expect(early.asked).toEqual(REQUEST);
});
