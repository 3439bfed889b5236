import type { BufferSizes } from '#plan/memory/observation.ts';
import type { MeterReading } from '../protocol.ts';
import { wrap } from './wrap.ts';

interface Watcher {
	changed: (reading: MeterReading) => void;
	deviceLost: (info: { reason: string; message: string }) => void;
	gpuError: (error: { outOfMemory: boolean; message: string }) => void;
}

/**
 * Counts the GPU bytes this worker holds by wrapping the WebGPU calls that make and free them.
 * Must be installed before the engine asks for its device. Textures are not counted: the engine makes none.
 */
export class Meter {
	#live = 0;
	#peak = 0;
	#buffers = 0;
	/** Live buffers by size. A size that is gone stays with 0: the next token brings it back. */
	readonly #counts = new Map<number, number>();
	readonly #watcher: Watcher;
	/** Live buffers by device: destroying a device destroys them without further calls. */
	readonly #owned = new WeakMap<GPUDevice, Map<GPUBuffer, number>>();
	readonly #ownerOf = new WeakMap<GPUBuffer, Map<GPUBuffer, number>>();

	constructor(watcher: Watcher) {
		this.#watcher = watcher;
	}

	get reading(): MeterReading {
		return { liveBytes: this.#live, peakBytes: this.#peak, buffers: this.#buffers };
	}

	/** How many live buffers there are of each size, largest first: tells weights, KV cache and temporaries apart. */
	get sizes(): BufferSizes {
		return [...this.#counts].filter(([, count]) => count > 0).sort(([a], [b]) => b - a);
	}

	/** Wraps the prototypes of the worker's global scope, once. */
	install() {
		const watch = (device: GPUDevice) => this.#watch(device);
		const added = (device: GPUDevice, buffer: GPUBuffer) => this.#added(device, buffer);
		const removed = (buffer: GPUBuffer) => this.#removed(buffer);
		const cleared = (device: GPUDevice) => this.#cleared(device);

		wrap(
			GPUAdapter.prototype,
			'requestDevice',
			(requestDevice) =>
				async function (this: GPUAdapter, descriptor) {
					const device = await requestDevice.call(this, descriptor);
					watch(device);
					return device;
				}
		);
		wrap(
			GPUDevice.prototype,
			'createBuffer',
			(createBuffer) =>
				function (this: GPUDevice, descriptor) {
					const buffer = createBuffer.call(this, descriptor);
					added(this, buffer);
					return buffer;
				}
		);
		wrap(
			GPUBuffer.prototype,
			'destroy',
			(destroy) =>
				function (this: GPUBuffer) {
					removed(this);
					return destroy.call(this);
				}
		);
		wrap(
			GPUDevice.prototype,
			'destroy',
			(destroy) =>
				function (this: GPUDevice) {
					cleared(this);
					return destroy.call(this);
				}
		);
	}

	#watch(device: GPUDevice) {
		this.#owned.set(device, new Map());
		device.addEventListener('uncapturederror', (event) => {
			this.#watcher.gpuError({
				outOfMemory: event.error instanceof GPUOutOfMemoryError,
				message: event.error.message
			});
		});
		void device.lost.then(({ reason, message }) => {
			this.#cleared(device);
			this.#watcher.deviceLost({ reason, message });
		});
	}
	#count(size: number, by: number) {
		this.#counts.set(size, (this.#counts.get(size) ?? 0) + by);
	}
	#added(device: GPUDevice, buffer: GPUBuffer) {
		const owned = this.#owned.get(device);
		if (!owned) return;
		const { size } = buffer;
		owned.set(buffer, size);
		this.#ownerOf.set(buffer, owned);
		this.#count(size, 1);
		this.#live += size;
		this.#buffers++;
		this.#peak = Math.max(this.#peak, this.#live);
		this.#watcher.changed(this.reading);
	}
	#removed(buffer: GPUBuffer) {
		const owned = this.#ownerOf.get(buffer);
		if (!owned?.delete(buffer)) return;
		const { size } = buffer;
		this.#count(size, -1);
		this.#live -= size;
		this.#buffers--;
		this.#watcher.changed(this.reading);
	}
	#cleared(device: GPUDevice) {
		const owned = this.#owned.get(device);
		if (!owned || owned.size === 0) return;
		for (const size of owned.values()) {
			this.#count(size, -1);
			this.#live -= size;
		}
		this.#buffers -= owned.size;
		owned.clear();
		this.#watcher.changed(this.reading);
	}
}
