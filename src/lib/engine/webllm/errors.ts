import { asFailure, described, Failure } from '../../rpc/failure.ts';

const GPU_MEMORY = /out[ _]?of[ _]?(?:device[ _])?memory|\bOOM\b/i;

/** What V8, SpiderMonkey and Emscripten say when the computer, or the 4 GiB of wasm, has no memory left. */
const HOST_MEMORY =
	/Memory\.grow|could not allocate memory|buffer allocation failed|Invalid (?:typed )?array (?:buffer )?length|Cannot enlarge memory/i;

interface Witness {
	gpuError: { outOfMemory: boolean; message: string } | null;
	deviceLost: { reason: string; message: string } | null;
}

/**
 * What went wrong in the engine, in our kinds. The order matters: out of memory shows up as a lost device, and a
 * lost device as whatever the engine tried next.
 */
export function engineFailure(thrown: unknown, { gpuError, deviceLost }: Witness): Failure {
	if (thrown instanceof Failure) return thrown;
	const { name, message: text } = described(thrown);

	if (name === 'ContextWindowSizeExceededError') {
		const [prompt, window] = [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits));
		return new Failure('context-full', 'The conversation is longer than the context window.', {
			...(prompt !== undefined && { promptTokens: prompt }),
			...(window !== undefined && { contextWindow: window })
		});
	}
	if (name === 'GrammarMatcherInitError' && !gpuError && !deviceLost)
		return new Failure('bad-schema', 'The engine cannot hold an answer to this JSON Schema.', {
			engine: text
		});
	if (gpuError?.outOfMemory || GPU_MEMORY.test(deviceLost?.message ?? ''))
		return new Failure('out-of-memory', 'The GPU ran out of memory.', {
			engine: gpuError?.message ?? text
		});
	if (deviceLost)
		return new Failure('device-lost', 'The browser lost its connection to the GPU.', {
			reason: deviceLost.reason,
			driver: deviceLost.message,
			engine: text
		});
	if (/external Instance reference no longer exists/i.test(text) || name === 'DeviceLostError')
		return new Failure('device-lost', 'The browser lost its connection to the GPU.', {
			engine: text
		});
	if (HOST_MEMORY.test(text))
		return new Failure('out-of-host-memory', 'The page ran out of the computer’s memory.', {
			engine: text
		});
	if (name === 'LinkError' || name === 'CompileError')
		return new Failure('unsupported', 'The engine cannot run this model’s library.', {
			part: 'library',
			engine: text
		});
	// Emscripten's own exit: the runtime has ended itself, for instance because its heap is full.
	if (name === 'ExitStatus')
		return new Failure('worker-died', 'The engine exited.', {
			exit: exitCodeOf(thrown),
			engine: text
		});
	// What the engine is made of is gone or broken: nothing it says can be used any more.
	if (/already deleted|memory access out of bounds|unreachable/i.test(text))
		return new Failure('worker-died', 'The engine crashed.', { engine: text });
	if (name === 'ModelNotLoadedError')
		return new Failure('nothing-loaded', 'The engine reported success but loaded nothing.', {
			engine: text
		});
	if (/shader-?f16/i.test(text) || name === 'FeatureSupportError')
		return new Failure('unsupported', 'This GPU lacks a feature that the model needs.', {
			engine: text
		});
	if (
		name === 'WebGPUNotAvailableError' ||
		name === 'WebGPUNotFoundError' ||
		/find a compatible GPU/i.test(text)
	)
		return new Failure('no-adapter', 'The browser gives this page no GPU.', { engine: text });
	if (gpuError)
		return new Failure('gpu-error', 'The GPU reported an error, so answers would be wrong.', {
			gpu: gpuError.message,
			engine: text
		});
	const failure = asFailure(thrown);
	return failure.kind === 'script'
		? failure
		: new Failure('engine', 'The engine failed.', { engine: text });
}

/** The code that emscripten's ExitStatus carries. */
function exitCodeOf(thrown: unknown): number | string {
	const { status } = thrown as { status?: unknown };
	return typeof status === 'number' ? status : 'unknown';
}
