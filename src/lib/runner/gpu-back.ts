import { Failure } from '../rpc/failure.ts';

/** The GPU process starts again within a second or two; after some crashes it does not any more. */
const GPU_BACK_LIMIT_MS = 6_000;
const GPU_BACK_STEP_MS = 250;

/** True once the browser offers an adapter again, false if it does not in time. */
export async function gpuIsBack(
	signal: AbortSignal,
	limitMs = GPU_BACK_LIMIT_MS
): Promise<boolean> {
	const { gpu } = navigator as { gpu?: GPU };
	if (!gpu) return false;
	// A GPU process that dies again and again is waited for without end.
	const over = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
	const silent = new Promise<null>((resolve) => {
		if (over.aborted) resolve(null);
		over.addEventListener('abort', () => resolve(null), { once: true });
	});
	for (let waitedMs = 0; ; waitedMs += GPU_BACK_STEP_MS) {
		const adapter = await Promise.race([gpu.requestAdapter().catch(() => null), silent]);
		if (adapter) return true;
		if (over.aborted || waitedMs >= limitMs) return false;
		await new Promise((resolve) => setTimeout(resolve, GPU_BACK_STEP_MS));
	}
}

export const gpuStaysAway = (cause: Failure): Failure =>
	new Failure('no-adapter', 'The browser lost the GPU and no longer offers it.', {
		...cause.detail,
		after: cause.kind
	});
