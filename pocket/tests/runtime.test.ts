import { beforeEach, describe, expect, test } from 'vitest';
import { architecture as a, parameters, variants } from '../model/architecture.ts';
import { kvBytes, memoryUsage, weightBytes, workspaceBytes } from '../model/metadata.ts';
import { samplingBufferBytes } from '../library.ts';
import { drawSampling, seedOfRun } from './hidden-sampling.ts';
import { type Handle, Host } from './host.ts';

const variant = variants.q0f32;
let host: Host;
beforeEach(async () => {
	host = await Host.of('q0f32');
});

const gpuBytes = () => [...host.buffers.values()].reduce((x, y) => x + y, 0);
function release(...handles: Handle[]) {
	for (const handle of handles) host.release(handle);
}

/** Puts every parameter of the variant into the cache, but for `except`. */
function loadWeights(except?: string) {
	for (const { name, shape, dtype } of parameters(a, variant)) {
		if (name === except) continue;
		const tensor = host.tensor('gpu', dtype, ...shape);
		host.global('vm.builtin.tensor_cache.update', name, tensor, 0);
		release(tensor);
	}
}
function params(): Handle {
	const names = host.object('ffi.Array', ...parameters(a, variant).map((p) => p.name));
	try {
		const module = host.object('vm.builtin.param_module_from_cache_by_name', names);
		const get = host.object('ffi.ModuleGetFunction', module, 'get_params', 0);
		const list = host.call(get) as Handle;
		release(get, module);
		return list;
	} finally {
		release(names);
	}
}
function createCache(model: Handle, context: number): Handle {
	const shapes = [1, context, a.prefillChunk, 16, 0].map((n) => host.shape(n));
	try {
		return host.run(model, 'create_tir_paged_kv_cache', ...shapes) as Handle;
	} finally {
		release(...shapes);
	}
}
function begin(state: Handle, rows: number) {
	const [ids, count] = [host.shape(0), host.shape(rows)];
	try {
		host.global('vm.builtin.kv_state_begin_forward', state, ids, count);
	} finally {
		release(ids, count);
	}
}
/** One step over `rows` tokens, as WebLLM takes it. */
function step(model: Handle, state: Handle, weights: Handle, rows: number) {
	const held: Handle[] = [];
	const keep = (value: unknown) => {
		held.push(value as Handle);
		return value as Handle;
	};
	try {
		const ids = keep(host.tensor('gpu', 'int32', rows));
		const embeddings = keep(host.run(model, 'embed', ids, weights));
		const shape = keep(host.shape(1, rows, a.hidden));
		const view = keep(host.object('runtime.TVMTensorCreateView', embeddings, shape, 'float32', 0));
		begin(state, rows);
		const result = keep(host.run(model, rows > 1 ? 'prefill' : 'decode', view, state, weights));
		host.global('vm.builtin.kv_state_end_forward', state);
		const logits = keep(host.object('ffi.ArrayGetItem', result, 0));
		const temperature = keep(host.tensor('gpu', 'float32', 1));
		const p = keep(host.run(model, 'softmax_with_temperature', logits, temperature));
		keep(host.run(model, 'argsort_probs', p));
	} finally {
		release(...held);
	}
}

describe('memory', () => {
	test('weights, cache and workspace are what the metadata say, and all of it goes', () => {
		const model = host.model();
		release(createCache(model, 1)); // the library keeps the device functions it once asked for
		const before = host.objects;
		loadWeights();
		expect(gpuBytes()).toBe(weightBytes(a, variant));
		const weights = params();
		const state = createCache(model, 100);
		// The sampler's two numbers are WebLLM's.
		expect(gpuBytes()).toBe(
			weightBytes(a, variant) + kvBytes(a, variant, 100) + workspaceBytes(a, variant) - 8
		);
		release(state, weights);
		host.global('vm.builtin.tensor_cache.clear');
		expect(gpuBytes()).toBe(0);
		expect(host.objects).toBe(before);
	});

	test('steps of any length take their buffers from the pool', () => {
		const model = host.model();
		host.loadKernels(model);
		loadWeights();
		const weights = params();
		const state = createCache(model, 2048);
		const loaded = gpuBytes();
		// The ids of the very first step come before the pool.
		for (const rows of [7, 7]) step(model, state, weights, rows);
		const [objects, held] = [host.objects, gpuBytes()];
		expect(held - loaded).toBeLessThanOrEqual(
			memoryUsage(a, variant).embed + memoryUsage(a, variant).prefill
		);
		for (const rows of [1, 128, 1, 2, 33, 127, 1]) step(model, state, weights, rows);
		expect(gpuBytes()).toBe(held);
		expect(host.objects).toBe(objects);
	});

	test('a library that hides sampling buffers allocates them with the first token and keeps them', async () => {
		const seed = seedOfRun();
		const hidden = drawSampling(seed);
		const held = async (sampling: typeof hidden | null) => {
			host = await Host.of('q0f32', a, sampling);
			const model = host.model();
			host.loadKernels(model);
			loadWeights();
			const weights = params();
			const state = createCache(model, 256);
			const loaded = gpuBytes();
			step(model, state, weights, 7);
			const first = gpuBytes();
			for (const rows of [7, 1, 1]) step(model, state, weights, rows);
			return { loaded, first, later: gpuBytes() };
		};
		const plain = await held(null);
		const hiding = await held(hidden);
		const bytes = hidden.factor * samplingBufferBytes(a, hidden);
		expect(hiding, `seed ${seed}: ${JSON.stringify(hidden)}`).toEqual({
			loaded: plain.loaded,
			first: plain.first + bytes,
			later: plain.later + bytes
		});
	});

	test('a view keeps what it looks into', () => {
		const base = host.tensor('gpu', 'float32', 4, 4);
		const shape = host.shape(16);
		const view = host.object('runtime.TVMTensorCreateView', base, shape, 'float32', 0);
		release(base);
		expect(gpuBytes()).toBe(64);
		release(view);
		expect(gpuBytes()).toBe(0);
		release(shape);
	});

	test('a JavaScript function is let go with its last reference', () => {
		const model = host.model();
		host.loadKernels(model);
		const held = host.functions;
		host.loadKernels(model); // replaces every one
		expect(host.functions).toBe(held);
	});
});

describe('errors', () => {
	test('a launch that fails fails the call, in its words, and the next call works', () => {
		const model = host.model();
		host.loadKernels(model);
		loadWeights();
		const weights = params();
		const state = createCache(model, 256);
		for (const rows of [3, 3]) step(model, state, weights, rows);
		const [objects, held] = [host.objects, gpuBytes()];
		for (const kernel of ['embed', 'project_qkv_4', 'project_logits', 'softmax', 'argsort']) {
			host.failing = kernel;
			expect(() => step(model, state, weights, 3)).toThrow(`${kernel} was told to fail`);
			host.failing = '';
			step(model, state, weights, 3);
			expect(host.objects).toBe(objects);
			expect(gpuBytes()).toBe(held);
		}
	});

	test('after a failed launch the rest of the step is not launched', () => {
		const model = host.model();
		host.loadKernels(model);
		loadWeights();
		const weights = params();
		const state = createCache(model, 256);
		host.called.length = 0;
		host.failing = 'attention';
		expect(() => step(model, state, weights, 1)).toThrow('attention was told to fail');
		expect(host.called.filter((name) => !name.startsWith('device'))).toEqual([
			'embed',
			'project_qkv',
			'attention'
		]);
	});

	test('an allocation that fails leaves nothing behind', () => {
		const model = host.model();
		release(createCache(model, 1));
		const objects = host.objects;
		host.failing = 'deviceAllocDataSpace';
		expect(() => host.tensor('gpu', 'float32', 8)).toThrow('deviceAllocDataSpace was told to fail');
		expect(() => createCache(model, 64)).toThrow('deviceAllocDataSpace was told to fail');
		host.failing = 'deviceCopyToGPU';
		expect(() => createCache(model, 64)).toThrow('deviceCopyToGPU was told to fail');
		host.failing = '';
		expect(gpuBytes()).toBe(0);
		expect(host.objects).toBe(objects);
	});

	test('a kernel that was not loaded is an error', () => {
		const model = host.model();
		loadWeights();
		const weights = params();
		const ids = host.tensor('gpu', 'int32', 2);
		expect(() => host.run(model, 'embed', ids, weights)).toThrow('A GPU kernel was not loaded');
	});

	test('a missing parameter is named, and nothing is kept of the attempt', () => {
		loadWeights('model.norm.weight');
		const objects = host.objects;
		expect(params).toThrow('Missing parameter model.norm.weight');
		expect(host.objects).toBe(objects);
	});

	test('a parameter is not replaced unless asked to be', () => {
		const [one, two] = [host.tensor('gpu', 'float32', 4), host.tensor('gpu', 'float32', 8)];
		host.global('vm.builtin.tensor_cache.update', 'x', one, 0);
		release(one);
		expect(() => host.global('vm.builtin.tensor_cache.update', 'x', two, 0)).toThrow(
			'A parameter of this name exists already: x'
		);
		host.global('vm.builtin.tensor_cache.update', 'x', two, 1);
		release(two);
		expect(gpuBytes()).toBe(32);
		host.global('vm.builtin.tensor_cache.remove', 'x');
		expect(gpuBytes()).toBe(0);
	});

	test('a global function is not replaced unless asked to be', () => {
		expect(host.setGlobal('mine', () => 1, false)).toBe(0);
		expect(host.setGlobal('mine', () => 2, false)).toBe(-1);
		expect(host.global('mine')).toBe(1);
		expect(host.setGlobal('mine', () => 3)).toBe(0);
		expect(host.global('mine')).toBe(3);
	});

	test('what a cache is not made for is refused', () => {
		const model = host.model();
		expect(() => createCache(model, a.contextWindow + 1)).toThrow('larger than this library');
		expect(() => createCache(model, 0)).toThrow('The context window is empty');
		const state = createCache(model, 20);
		expect(() => begin(state, 21)).toThrow('The context window is full');
		expect(() => begin(state, 129)).toThrow('More positions than the prefill chunk');
		expect(() => begin(state, 0)).toThrow('There are no positions to fill');
		begin(state, 20);
		expect(() => host.global('vm.builtin.kv_state_add_sequence', state, 1)).toThrow('sequence 0');
	});

	test('bytes that do not fit their tensor are refused', () => {
		const tensor = host.tensor('cpu', 'float32', 4);
		expect(() =>
			host.global('tvmjs.runtime.TensorCopyFromBytes', tensor, new Uint8Array(20))
		).toThrow('not as many');
		expect(() =>
			host.global('tvmjs.array.decode_storage', tensor, new Uint8Array(6), 'f32-to-bf16', 'float32')
		).toThrow('not as long as its tensor');
		const shape = host.shape(5);
		expect(() => host.object('runtime.TVMTensorCreateView', tensor, shape, 'float32', 0)).toThrow(
			'beyond its tensor'
		);
	});
});

describe('the object model', () => {
	test('knows the types tvmjs asks for, and no others', () => {
		expect(host.typeIndex('ffi.Array')).toBe(71);
		expect(host.typeIndex('ffi.Module')).toBe(73);
		expect(() => host.typeIndex('ffi.Other')).toThrow('not part of the pocket runtime');
	});

	test('widens bf16 records on the way to their tensor', () => {
		const tensor = host.tensor('cpu', 'float32', 3);
		const bf16 = new Uint8Array(Uint16Array.of(0x3f80, 0xc020, 0x0000).buffer);
		host.global('tvmjs.array.decode_storage', tensor, bf16, 'f32-to-bf16', 'float32');
		const bytes = host.object('tvmjs.runtime.TensorCopyToBytes', tensor);
		expect(host.floats(bytes)).toEqual([1, -2.5, 0]);
		release(bytes, tensor);
	});

	test('arrays keep their items and give them back', () => {
		const before = host.objects;
		const item = host.shape(1, 2);
		const array = host.object('ffi.Array', item, 'text', 7);
		release(item);
		const [first, second] = [0, 1].map((i) => host.object('ffi.ArrayGetItem', array, i));
		expect(first!.at).toBe(item.at);
		expect(host.text(second!)).toBe('text');
		expect(host.global('ffi.ArrayGetItem', array, 2)).toBe(7);
		expect(() => host.global('ffi.ArrayGetItem', array, 3)).toThrow('out of range');
		release(first!, second!, array);
		expect(host.objects).toBe(before);
	});
});
