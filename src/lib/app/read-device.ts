import {
	describe,
	type DeviceReading,
	type RawAdapter,
	type RawReading
} from '#plan/device/adapter.ts';

/** A GPU process that dies again and again is waited for without end; a driver may take seconds to start. */
const ANSWER_LIMIT_MS = 10_000;

/** Reads the adapter WebLLM will get: it asks with the same preference. Never throws, and ends after the limit. */
export async function readDevice(limitMs = ANSWER_LIMIT_MS): Promise<DeviceReading> {
	return describe(await readRaw(limitMs));
}

async function readRaw(limitMs: number): Promise<RawReading> {
	// The DOM library says navigator.gpu is always there; it is not.
	const gpu = (navigator as { gpu?: GPU }).gpu;
	let adapter: RawAdapter | null = null;
	let adapterError: string | null = null;
	try {
		const found = await Promise.race([
			gpu?.requestAdapter({ powerPreference: 'high-performance' }),
			silence(limitMs)
		]);
		if (found) adapter = readAdapter(found);
	} catch (error) {
		adapterError = error instanceof Error ? error.message : String(error);
	}
	const hints = navigator as { userAgentData?: { platform?: string }; deviceMemory?: number };
	return {
		secureContext: isSecureContext,
		webgpu: gpu !== undefined,
		adapter,
		adapterError,
		renderer: readRenderer(),
		userAgent: navigator.userAgent,
		platformHint: hints.userAgentData?.platform ?? null,
		touchPoints: navigator.maxTouchPoints,
		deviceMemoryGiB: hints.deviceMemory ?? null
	};
}

const silence = (limitMs: number) =>
	new Promise<never>((_, reject) =>
		setTimeout(() => reject(new Error(`it gave no answer for ${limitMs / 1000} s`)), limitMs)
	);

function readAdapter(adapter: GPUAdapter): RawAdapter {
	// memoryHeaps needs a developer flag; isFallbackAdapter sat on the adapter in older browsers.
	const info = adapter.info as GPUAdapterInfo & {
		memoryHeaps?: Iterable<{ size: number; properties: number }>;
	};
	const older = adapter as { isFallbackAdapter?: boolean };
	const limits = adapter.limits;
	return {
		vendor: info.vendor,
		architecture: info.architecture,
		description: info.description,
		isFallbackAdapter: Boolean(info.isFallbackAdapter || older.isFallbackAdapter),
		features: [...adapter.features],
		limits: {
			maxBufferSize: limits.maxBufferSize,
			maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
			maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
			maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
			maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup
		},
		memoryHeaps: info.memoryHeaps
			? Array.from(info.memoryHeaps, ({ size, properties }) => ({ size, properties }))
			: null
	};
}

/** WebGPU hides the product name, WebGL tells it. The context is given back at once: browsers keep few. */
function readRenderer(): string | null {
	try {
		const gl = document
			.createElement('canvas')
			.getContext('webgl', { powerPreference: 'high-performance' });
		if (!gl) return null;
		const unmasked = gl.getExtension('WEBGL_debug_renderer_info');
		const renderer: unknown = gl.getParameter(unmasked?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
		gl.getExtension('WEBGL_lose_context')?.loseContext();
		return typeof renderer === 'string' && renderer !== '' ? renderer : null;
	} catch {
		return null; // Only the name is missing then, and the budget is assumed.
	}
}
