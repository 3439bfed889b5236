import type { Worker } from 'playwright/test';

/** Where in the engine's worker a fault strikes: at the nth call of this. */
export type Place =
	| 'requestAdapter'
	| 'requestDevice'
	| 'createBuffer'
	| 'writeBuffer'
	| 'createComputePipelineAsync'
	| 'submit'
	| 'readCache'
	| 'now'
	| 'never';

export type Blow =
	/** The device goes, as it does when the driver resets it. */
	| 'destroy'
	/** The browser refuses what was asked for. */
	| 'refuse'
	/** No adapter is offered any more. */
	| 'null'
	/** What the engine waits for is given up, as its own unload does. */
	| 'abort'
	/** More than the GPU's limit is asked for in its place. */
	| 'oversize'
	/** An out-of-memory error that no call reports; dispatched, because a software GPU has no end of memory. */
	| 'out-of-memory'
	/** An invalid command that no call reports. */
	| 'invalid'
	/** The computer's memory is full: what the engine's own memory says when it cannot grow. */
	| 'heap-full'
	/** The engine's own code breaks down. */
	| 'trap'
	/** An error outside of every call. */
	| 'throw'
	/** The worker ends without a word. */
	| 'close'
	/** The worker computes on and hears nothing, for some seconds. */
	| 'block'
	/** Files that were on disk are not there any more. */
	| 'forget-files'
	/** Nothing here: someone else strikes when told. */
	| 'tell';

export interface Strike {
	at: Place;
	nth?: number;
	blow: Blow;
	/** Counted only once the page says so. */
	waits?: boolean;
}

/** Arms one strike in a worker, before it reaches the place. Runs in the worker; strikes once. */
export async function arm(worker: Worker, { at, nth = 1, blow, waits = false }: Strike) {
	await worker.evaluate(
		({ at, nth, blow, waits }) => {
			interface Hooked {
				__device?: GPUDevice;
				close(): void;
			}
			const scope = globalThis as unknown as Hooked;
			let left = waits ? 0 : nth;
			const told = new BroadcastChannel('fault-struck');
			if (waits)
				addEventListener('message', ({ data }: MessageEvent) => {
					// No call has such an id: the engine leaves it alone.
					if ((data as { id?: unknown }).id === 'fault-due') left = nth;
				});
			const strike = () => {
				told.postMessage(null);
				const device = scope.__device;
				switch (blow) {
					case 'destroy':
						return device?.destroy();
					case 'refuse':
						throw new DOMException('Refused.', 'OperationError');
					case 'abort':
						throw new DOMException('Given up.', 'AbortError');
					case 'out-of-memory':
						return device?.dispatchEvent(
							new GPUUncapturedErrorEvent('uncapturederror', {
								error: new GPUOutOfMemoryError('Not enough memory left.')
							})
						);
					case 'invalid':
						return device?.createBuffer({ size: 16, usage: 0 });
					case 'heap-full':
						throw new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded');
					case 'trap':
						throw new WebAssembly.RuntimeError('unreachable');
					case 'throw':
						setTimeout(() => {
							throw new Error('Struck.');
						});
						return undefined;
					case 'close':
						return scope.close();
					case 'block': {
						const until = Date.now() + 4_000;
						while (Date.now() < until);
						return undefined;
					}
					case 'forget-files':
						for (const name of ['webllm/config', 'webllm/wasm', 'webllm/model'])
							void caches.delete(name);
						return undefined;
					case 'tell':
					case 'null':
					case 'oversize':
						return undefined;
				}
			};
			const due = () => left > 0 && --left === 0;
			let none = false;
			const hook = <T, K extends keyof T>(
				target: T,
				name: K,
				replaced: (original: T[K]) => T[K]
			) => {
				target[name] = replaced(target[name]);
			};
			if (at === 'now') {
				left = 0;
				strike();
			}
			hook(
				GPU.prototype,
				'requestAdapter',
				(original) =>
					async function (this: GPU, options) {
						if (at === 'requestAdapter' && due()) {
							strike();
							none = true;
						}
						if (none) return null;
						return original.call(this, options);
					}
			);
			hook(
				GPUAdapter.prototype,
				'requestDevice',
				(original) =>
					async function (this: GPUAdapter, descriptor) {
						const device = await original.call(this, descriptor);
						scope.__device = device;
						if (at === 'requestDevice' && due()) strike();
						return device;
					}
			);
			hook(
				GPUDevice.prototype,
				'createBuffer',
				(original) =>
					function (this: GPUDevice, descriptor) {
						// It may have been asked for before this was armed.
						scope.__device = this;
						if (at !== 'createBuffer' || !due()) return original.call(this, descriptor);
						strike();
						const size = blow === 'oversize' ? this.limits.maxBufferSize + 4 : descriptor.size;
						return original.call(this, { ...descriptor, size });
					}
			);
			hook(
				GPUDevice.prototype,
				'createComputePipelineAsync',
				(original) =>
					function (this: GPUDevice, descriptor) {
						if (at === 'createComputePipelineAsync' && due()) strike();
						return original.call(this, descriptor);
					}
			);
			hook(
				GPUQueue.prototype,
				'writeBuffer',
				(original) =>
					function (this: GPUQueue, ...args) {
						if (at === 'writeBuffer' && due()) strike();
						return original.call(this, ...args);
					}
			);
			hook(
				Cache.prototype,
				'match',
				(original) =>
					async function (this: Cache, request, options) {
						if (at === 'readCache' && due()) strike();
						return original.call(this, request, options);
					}
			);
			hook(
				GPUQueue.prototype,
				'submit',
				(original) =>
					function (this: GPUQueue, commands) {
						if (at === 'submit' && due()) strike();
						return original.call(this, commands);
					}
			);
		},
		{ at, nth, blow, waits }
	);
}

/** Lets a later strike find the device of a worker that has not loaded yet. */
export const remember = (worker: Worker) => arm(worker, { at: 'never', blow: 'destroy' });

/** Whether an engine's worker has asked for a device; null where it does not answer. `remember` it first. */
export const hasDevice = (worker: Worker) =>
	Promise.race([
		worker.evaluate(() => '__device' in globalThis).catch(() => null),
		new Promise<null>((resolve) => setTimeout(() => resolve(null), 2_000))
	]);
