import type { PipelineSpec } from '../../files/records.ts';
import { wrap } from './wrap.ts';

type Layout = PipelineSpec['layouts'][number];

/**
 * Knows which compute pipelines the engine asks a device for, and makes them ahead of it. The engine compiles when
 * the weights are on the GPU; a pipeline needs no such memory, so the model before can answer until all are there.
 */
export class Pipelines {
	#device: GPUDevice | null = null;
	/** Another device can use none of what was made on this one. */
	#madeOn: GPUDevice | null = null;
	/** What is asked for just now is made ahead. */
	#making = false;
	readonly #layouts = new WeakMap<GPUBindGroupLayout, Layout>();
	readonly #pipelineLayouts = new WeakMap<GPUPipelineLayout, readonly Layout[]>();
	readonly #codes = new WeakMap<GPUShaderModule, string>();
	readonly #asked = new Map<string, PipelineSpec>();
	/** Made ahead, until the engine has them. */
	readonly #modules = new Map<string, GPUShaderModule>();
	readonly #ahead = new Map<string, Promise<GPUComputePipeline>>();

	/** All that the engine has asked for, in its order. */
	get asked(): readonly PipelineSpec[] {
		return [...this.#asked.values()];
	}

	/** Wraps the prototypes of the worker's global scope, once. */
	install() {
		const began = (device: GPUDevice) => (this.#device = device);
		const [layouts, pipelineLayouts, codes] = [this.#layouts, this.#pipelineLayouts, this.#codes];
		const moduleOf = (device: GPUDevice, code: string) =>
			device === this.#madeOn ? this.#modules.get(code) : undefined;
		const pipelineOf = (device: GPUDevice, descriptor: GPUComputePipelineDescriptor) =>
			this.#pipelineOf(device, descriptor);
		wrap(
			GPUAdapter.prototype,
			'requestDevice',
			(requestDevice) =>
				async function (this: GPUAdapter, descriptor) {
					return began(await requestDevice.call(this, descriptor));
				}
		);
		wrap(
			GPUDevice.prototype,
			'createBindGroupLayout',
			(createBindGroupLayout) =>
				function (this: GPUDevice, descriptor) {
					const made = createBindGroupLayout.call(this, descriptor);
					const layout = layoutOf(descriptor.entries);
					if (layout) layouts.set(made, layout);
					return made;
				}
		);
		wrap(
			GPUDevice.prototype,
			'createPipelineLayout',
			(createPipelineLayout) =>
				function (this: GPUDevice, descriptor) {
					const made = createPipelineLayout.call(this, descriptor);
					const groups = [...descriptor.bindGroupLayouts].map(
						(group) => group && layouts.get(group)
					);
					if (groups.every((group) => group !== undefined && group !== null))
						pipelineLayouts.set(made, groups);
					return made;
				}
		);
		wrap(
			GPUDevice.prototype,
			'createShaderModule',
			(createShaderModule) =>
				function (this: GPUDevice, descriptor) {
					const made = moduleOf(this, descriptor.code) ?? createShaderModule.call(this, descriptor);
					codes.set(made, descriptor.code);
					return made;
				}
		);
		wrap(
			GPUDevice.prototype,
			'createComputePipelineAsync',
			(createComputePipelineAsync) =>
				async function (this: GPUDevice, descriptor) {
					return (
						(await pipelineOf(this, descriptor)) ??
						(await createComputePipelineAsync.call(this, descriptor))
					);
				}
		);
	}

	/**
	 * Makes these on the device that the engine was given last; resolves when each is there or has failed. What fails
	 * the engine asks for itself, and is told why.
	 */
	async make(specs: readonly PipelineSpec[], onProgress: (done: number) => void): Promise<void> {
		const device = this.#device;
		if (!device || specs.length === 0) return;
		this.#madeOn = device;
		// A stored shader that this browser does not take is no fault of the engine's.
		device.pushErrorScope('validation');
		const made = specs.map(
			(spec) => [{ code: spec.code, key: keyOf(spec) }, this.#start(device, spec)] as const
		);
		const scope = device.popErrorScope().catch(() => null);
		let done = 0;
		await Promise.all(
			made.map(async ([{ code, key }, pipeline]) => {
				this.#ahead.set(key, pipeline);
				await pipeline.catch(() => {
					if (this.#ahead.get(key) !== pipeline) return;
					this.#ahead.delete(key);
					this.#modules.delete(code);
				});
				onProgress(++done);
			})
		);
		await scope;
	}

	/** Forgets what was made and asked for: the engine holds what it took. */
	release() {
		this.#asked.clear();
		this.#modules.clear();
		this.#ahead.clear();
	}

	#start(device: GPUDevice, { code, entryPoint, layouts }: PipelineSpec) {
		const bindGroupLayouts = layouts.map((entries) =>
			device.createBindGroupLayout({
				entries: entries.map(({ binding, visibility, type }) => ({
					binding,
					visibility,
					buffer: { type }
				}))
			})
		);
		const module = device.createShaderModule({ code });
		this.#modules.set(code, module);
		const layout = device.createPipelineLayout({ bindGroupLayouts });
		this.#making = true;
		try {
			return device.createComputePipelineAsync({ layout, compute: { module, entryPoint } });
		} finally {
			this.#making = false;
		}
	}

	/** Notes what the engine asks for, which may be while others are made; the pipeline if it was made ahead. */
	#pipelineOf(
		device: GPUDevice,
		descriptor: GPUComputePipelineDescriptor
	): Promise<GPUComputePipeline> | undefined {
		if (this.#making) return undefined;
		const { layout, compute } = descriptor;
		const layouts = layout === 'auto' ? undefined : this.#pipelineLayouts.get(layout);
		const code = this.#codes.get(compute.module);
		if (!layouts || code === undefined || compute.entryPoint === undefined || compute.constants)
			return undefined;
		const spec = { code, entryPoint: compute.entryPoint, layouts: layouts.map((all) => [...all]) };
		const key = keyOf(spec);
		this.#asked.set(key, spec);
		return device === this.#madeOn ? this.#ahead.get(key) : undefined;
	}
}

const keyOf = ({ code, entryPoint, layouts }: PipelineSpec) =>
	JSON.stringify([entryPoint, layouts, code]);

/** Null where it holds more than buffers bound whole, which is all that the engine's shaders take. */
function layoutOf(entries: Iterable<GPUBindGroupLayoutEntry>): Layout | null {
	const layout: Layout = [];
	for (const { binding, visibility, buffer } of entries) {
		if (!buffer || buffer.hasDynamicOffset || buffer.minBindingSize) return null;
		layout.push({ binding, visibility, type: buffer.type ?? 'uniform' });
	}
	return layout;
}
