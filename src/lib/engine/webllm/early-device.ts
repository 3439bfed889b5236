import type { DeviceRequest } from '../../files/records.ts';
import { wrap } from './wrap.ts';

/**
 * Asks for the engine's device before the engine does, which first reads its configuration, library and tokenizer. The
 * engine is handed it if it asks for the same, and asks for its own otherwise.
 */
export class EarlyDevice {
	#asked: DeviceRequest | null = null;
	/** The engine has asked: whatever is asked for after that would be another device. */
	#over = false;
	#requesting = false;
	#early: { key: string; device: Promise<GPUDevice> } | null = null;
	#software = false;
	readonly #preferences = new WeakMap<GPUAdapter, GPUPowerPreference | null>();

	/** What the engine asked for last; null: nothing yet, or what cannot be kept. */
	get asked(): DeviceRequest | null {
		return this.#asked;
	}

	/** The last adapter was a software one. */
	get software(): boolean {
		return this.#software;
	}

	/** Wraps the prototypes of the worker's global scope, once: around whatever else watches for devices. */
	install() {
		const preferences = this.#preferences;
		const take = (request: DeviceRequest | null) => this.#take(request);
		const found = (adapter: GPUAdapter) => (this.#software = adapter.info.isFallbackAdapter);
		wrap(
			GPU.prototype,
			'requestAdapter',
			(requestAdapter) =>
				async function (this: GPU, options) {
					const adapter = await requestAdapter.call(this, options);
					if (!adapter) return adapter;
					preferences.set(adapter, options?.powerPreference ?? null);
					found(adapter);
					return adapter;
				}
		);
		wrap(
			GPUAdapter.prototype,
			'requestDevice',
			(requestDevice) =>
				async function (this: GPUAdapter, descriptor) {
					const early = take(requestOf(preferences.get(this) ?? null, descriptor));
					return (await early?.catch(() => null)) ?? requestDevice.call(this, descriptor);
				}
		);
	}

	/** Resolves with whether there is such a device now, which waits for the engine. */
	async request(request: DeviceRequest): Promise<boolean> {
		const { powerPreference, limits, features } = request;
		try {
			const adapter = await navigator.gpu.requestAdapter(
				powerPreference === null ? {} : { powerPreference }
			);
			if (!adapter || this.#over) return false;
			this.#requesting = true;
			const device = adapter.requestDevice({
				requiredLimits: limits,
				requiredFeatures: features as GPUFeatureName[]
			});
			this.#requesting = false;
			this.#early = { key: JSON.stringify(request), device };
			await device;
			return true;
		} catch {
			this.#early = null;
			return false;
		}
	}

	#take(request: DeviceRequest | null): Promise<GPUDevice> | null {
		if (this.#requesting) return null;
		this.#over = true;
		this.#asked = request;
		const early = this.#early;
		this.#early = null;
		return request && early?.key === JSON.stringify(request) ? early.device : null;
	}
}

/** null: it asks for more than the engine does. */
function requestOf(
	powerPreference: GPUPowerPreference | null,
	{ requiredLimits = {}, requiredFeatures = [], ...more }: GPUDeviceDescriptor = {}
): DeviceRequest | null {
	if (Object.keys(more).length > 0) return null;
	const limits: Record<string, number> = {};
	for (const [name, limit] of Object.entries(requiredLimits))
		if (limit !== undefined) limits[name] = Number(limit);
	return { powerPreference, limits, features: [...requiredFeatures] };
}
