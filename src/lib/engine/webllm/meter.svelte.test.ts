import { expect, test } from 'vitest';
import { Meter } from './meter.ts';

/** What was told of memory: bytes and buffers. */
const told: [number, number][] = [];
const lost: string[] = [];
const meter = new Meter({
	changed: ({ liveBytes, buffers }) => told.push([liveBytes, buffers]),
	deviceLost: ({ reason }) => lost.push(reason),
	gpuError: () => {}
});
meter.install();

async function aDevice(): Promise<GPUDevice> {
	const device = await (await navigator.gpu.requestAdapter())?.requestDevice();
	if (!device) throw new Error('This browser offers no GPU device.');
	return device;
}
/** GPUBufferUsage.STORAGE */
const STORAGE = 0x80;
const buffer = (device: GPUDevice, size: number) => device.createBuffer({ size, usage: STORAGE });

test('nothing was ever held at the beginning', () => {
	expect(meter.reading).toEqual({ liveBytes: 0, peakBytes: 0, buffers: 0 });
});

test('buffers are counted by their size, as long as they live', async () => {
	const device = await aDevice();
	expect(meter.sizes).toEqual([]);
	const [first] = [64, 4096, 64, 1024].map((size) => buffer(device, size));
	expect(meter.sizes).toEqual([
		[4096, 1],
		[1024, 1],
		[64, 2]
	]);
	first?.destroy();
	// A second call frees nothing more.
	first?.destroy();
	expect(meter.sizes).toEqual([
		[4096, 1],
		[1024, 1],
		[64, 1]
	]);
	expect(meter.reading).toEqual({ liveBytes: 5184, peakBytes: 5248, buffers: 3 });
	device.destroy();
	expect(meter.sizes).toEqual([]);
	expect(meter.reading).toMatchObject({ liveBytes: 0, buffers: 0 });
});

test('two devices are counted together, and only what one of them held goes with it', async () => {
	const [one, two] = [await aDevice(), await aDevice()];
	buffer(one, 256);
	buffer(two, 256);
	buffer(two, 8);
	one.destroy();
	expect(meter.sizes).toEqual([
		[256, 1],
		[8, 1]
	]);
	two.destroy();
	expect(meter.sizes).toEqual([]);
});

test('what each token takes and gives back leaves nothing behind', async () => {
	const device = await aDevice();
	for (let token = 0; token < 500; token++)
		for (const size of [4, 16, 4096, 16]) buffer(device, size).destroy();
	expect(meter.sizes).toEqual([]);
	device.destroy();
});

test('each change is told, and nothing where nothing changes', async () => {
	const device = await aDevice();
	told.length = 0;
	lost.length = 0;
	const first = buffer(device, 64);
	buffer(device, 16);
	first.destroy();
	first.destroy();
	device.destroy();
	device.destroy();
	await device.lost;
	await Promise.resolve();
	expect(told).toEqual([
		[64, 1],
		[80, 2],
		[16, 1],
		[0, 0]
	]);
	expect(lost).toEqual(['destroyed']);
});
