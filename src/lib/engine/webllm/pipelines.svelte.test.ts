import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PipelineSpec } from '../../files/records.ts';
import { Pipelines } from './pipelines.ts';
import { wrap } from './wrap.ts';

const doubling = (entryPoint: string) => `
	@group(0) @binding(0) var<storage, read_write> values: array<f32>;
	@group(0) @binding(1) var<uniform> count: u32;
	@compute @workgroup_size(4) fn ${entryPoint}(@builtin(global_invocation_id) id: vec3u) {
		if (id.x < count) { values[id.x] *= 2; }
	}`;

/** Flags of WebGPU that TypeScript's library does not name. */
const COMPUTE = 4;
const MAP_READ = 0x1;
const COPY_SRC = 0x4;
const COPY_DST = 0x8;
const UNIFORM = 0x40;
const STORAGE = 0x80;
const READ = 1;

const entries: GPUBindGroupLayoutEntry[] = [
	{ binding: 0, visibility: COMPUTE, buffer: { type: 'storage' } },
	{ binding: 1, visibility: COMPUTE, buffer: { type: 'uniform' } }
];
const specOf = (entryPoint: string, code = doubling(entryPoint)): PipelineSpec => ({
	code,
	entryPoint,
	layouts: [
		[
			{ binding: 0, visibility: COMPUTE, type: 'storage' },
			{ binding: 1, visibility: COMPUTE, type: 'uniform' }
		]
	]
});

let pipelines: Pipelines;
let device: GPUDevice;
/** What reached the browser. */
const compiled: string[] = [];
const uncaptured: string[] = [];
/** What the browser has made of it. */
const made: string[] = [];

beforeAll(async () => {
	wrap(
		GPUDevice.prototype,
		'createComputePipelineAsync',
		(own) =>
			async function (this: GPUDevice, descriptor) {
				compiled.push(descriptor.compute.entryPoint ?? '?');
				const pipeline = await own.call(this, descriptor);
				await new Promise((resolve) => setTimeout(resolve, 20));
				made.push(descriptor.compute.entryPoint ?? '?');
				return pipeline;
			}
	);
	pipelines = new Pipelines();
	pipelines.install();
	const adapter = await navigator.gpu.requestAdapter();
	if (!adapter) throw new Error('The tests need a GPU, a software one at least.');
	device = await adapter.requestDevice();
	device.addEventListener('uncapturederror', ({ error }) => uncaptured.push(error.message));
});
afterAll(() => device.destroy());

/** Asks as the engine does. */
async function ask(entryPoint: string, code = doubling(entryPoint)) {
	const bindGroupLayout = device.createBindGroupLayout({ entries });
	const layout = device.createPipelineLayout({ bindGroupLayouts: [bindGroupLayout] });
	const module = device.createShaderModule({ code });
	const pipeline = await device.createComputePipelineAsync({
		layout,
		compute: { module, entryPoint }
	});
	return { pipeline, bindGroupLayout };
}

/** What the pipeline makes of these values. */
async function run({ pipeline, bindGroupLayout }: Awaited<ReturnType<typeof ask>>) {
	const buffer = (usage: number, size = 16) => device.createBuffer({ usage, size });
	const [values, count] = [buffer(STORAGE | COPY_DST | COPY_SRC), buffer(UNIFORM | COPY_DST)];
	const read = buffer(MAP_READ | COPY_DST);
	device.queue.writeBuffer(values, 0, new Float32Array([1, 2, 3, 4]));
	device.queue.writeBuffer(count, 0, new Uint32Array([3]));
	const encoder = device.createCommandEncoder();
	const pass = encoder.beginComputePass();
	pass.setPipeline(pipeline);
	const resources = [values, count].map((buffer, binding) => ({ binding, resource: { buffer } }));
	pass.setBindGroup(0, device.createBindGroup({ layout: bindGroupLayout, entries: resources }));
	pass.dispatchWorkgroups(1);
	pass.end();
	encoder.copyBufferToBuffer(values, 0, read, 0, 16);
	device.queue.submit([encoder.finish()]);
	await read.mapAsync(READ);
	return [...new Float32Array(read.getMappedRange())];
}

test('notes what is asked for, once, with all that it depends on', async () => {
	await ask('first');
	await ask('second');
	await ask('first');
	expect(pipelines.asked).toEqual([specOf('first'), specOf('second')]);
});

test('what was made ahead is given to who asks for it, and computes', async () => {
	const done: number[] = [];
	compiled.length = 0;
	pipelines.release();
	await pipelines.make([specOf('third'), specOf('fourth')], (count) => done.push(count));
	expect(done).toEqual([1, 2]);
	expect(compiled).toEqual(['third', 'fourth']);
	// The engine has asked for nothing yet.
	expect(pipelines.asked).toEqual([]);

	expect(await run(await ask('third'))).toEqual([2, 4, 6, 4]);
	expect(compiled).toEqual(['third', 'fourth']);
	await ask('fifth');
	expect(compiled).toEqual(['third', 'fourth', 'fifth']);
	expect(pipelines.asked).toEqual([specOf('third'), specOf('fifth')]);

	pipelines.release();
	await ask('third');
	expect(compiled).toEqual(['third', 'fourth', 'fifth', 'third']);
	expect(uncaptured).toEqual([]);
});

test('what is asked for while others are made is noted, and made once', async () => {
	compiled.length = 0;
	pipelines.release();
	const making = pipelines.make([specOf('sixth'), specOf('seventh')], () => {});
	expect(await run(await ask('sixth'))).toEqual([2, 4, 6, 4]);
	await making;
	expect(compiled).toEqual(['sixth', 'seventh']);
	expect(pipelines.asked).toEqual([specOf('sixth')]);
	pipelines.release();
});

test('is done when each is there, and says so one by one', async () => {
	made.length = 0;
	const seen: string[] = [];
	await pipelines.make([specOf('eighth'), specOf('ninth')], (count) =>
		seen.push(`${count} of ${made.length}`)
	);
	expect([...made].sort()).toEqual(['eighth', 'ninth']);
	expect(seen).toHaveLength(2);
	// Nothing is counted before the browser has made one.
	expect(seen.every((each) => !each.endsWith('of 0'))).toBe(true);
	pipelines.release();
});

test('without a device or without anything to make nothing happens', async () => {
	const done: number[] = [];
	await new Pipelines().make([specOf('tenth')], (count) => done.push(count));
	await ask('eleventh');
	const before = pipelines.asked.length;
	await pipelines.make([], (count) => done.push(count));
	expect(done).toEqual([]);
	expect(pipelines.asked).toHaveLength(before);
	pipelines.release();
});

test('what cannot be made again from its text is not noted', async () => {
	pipelines.release();
	const module = device.createShaderModule({
		code: 'override factor: f32 = 2;' + doubling('twelfth').replace('*= 2', '*= factor')
	});
	const layoutOf = (given: GPUBindGroupLayoutEntry[]) =>
		device.createPipelineLayout({
			bindGroupLayouts: [device.createBindGroupLayout({ entries: given })]
		});
	const compute = { module, entryPoint: 'twelfth' };
	const [storage, uniform] = entries;
	if (!storage || !uniform) throw new Error('There are two bindings.');
	const special = (buffer: GPUBufferBindingLayout) =>
		layoutOf([storage, { ...uniform, buffer: { type: 'uniform', ...buffer } }]);
	await device.createComputePipelineAsync({ layout: 'auto', compute });
	await device.createComputePipelineAsync({
		layout: layoutOf(entries),
		compute: { ...compute, constants: { factor: 3 } }
	});
	await device.createComputePipelineAsync({ layout: layoutOf(entries), compute: { module } });
	await device.createComputePipelineAsync({ layout: special({ hasDynamicOffset: true }), compute });
	await device.createComputePipelineAsync({ layout: special({ minBindingSize: 4 }), compute });
	expect(pipelines.asked).toEqual([]);
	await device.createComputePipelineAsync({ layout: special({}), compute });
	expect(pipelines.asked.map(({ entryPoint }) => entryPoint)).toEqual(['twelfth']);
	pipelines.release();
});

test('another layout is another pipeline', async () => {
	const [storage, uniform] = specOf('sixth').layouts[0] ?? [];
	if (!storage || !uniform) throw new Error('There are two bindings.');
	compiled.length = 0;
	const other = {
		...specOf('sixth'),
		layouts: [[storage, { ...uniform, visibility: COMPUTE | 2 }]]
	};
	await pipelines.make([other], () => {});
	await ask('sixth');
	expect(compiled).toEqual(['sixth', 'sixth']);
	pipelines.release();
});

test('a stored shader that is broken harms nothing, and who asks for it is told', async () => {
	await pipelines.make([specOf('broken', 'fn broken( {'), specOf('seventh')], () => {});
	await device.queue.onSubmittedWorkDone();
	expect(uncaptured).toEqual([]);
	expect(await run(await ask('seventh'))).toEqual([2, 4, 6, 4]);
	await expect(ask('broken', 'fn broken( {')).rejects.toThrow();
	await expect.poll(() => uncaptured.length).toBeGreaterThan(0);
	uncaptured.length = 0;
	pipelines.release();
});

test('what was made for a device that another one replaced is not given to who works with that one', async () => {
	const before = device;
	compiled.length = 0;
	await pipelines.make([specOf('thirteenth')], () => {});
	const adapter = await navigator.gpu.requestAdapter();
	if (!adapter) throw new Error('There was one before.');
	device = await adapter.requestDevice();
	expect(await run(await ask('thirteenth'))).toEqual([2, 4, 6, 4]);
	expect(compiled).toEqual(['thirteenth', 'thirteenth']);
	pipelines.release();
	before.destroy();
});
