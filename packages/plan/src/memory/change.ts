import { bytes } from '../words.ts';

/** GPU bytes by the meter, before and after the loaded model was replaced or unloaded. */
export interface MemoryChange {
	kind: 'swap' | 'unload';
	beforeBytes: number;
	afterBytes: number;
}

/** What a swap or an unload changed, in a sentence or two. */
export function changeInWords({ kind, beforeBytes, afterBytes }: MemoryChange): string {
	const freed = beforeBytes - afterBytes;
	const figures = `${bytes(beforeBytes)} before, ${bytes(afterBytes)} now`;
	if (kind === 'unload')
		return afterBytes === 0
			? `Nothing stays on the GPU: ${bytes(freed)} freed.`
			: `${bytes(afterBytes)} ${afterBytes === 1 ? 'stays' : 'stay'} on the GPU of ${bytes(beforeBytes)}.`;
	if (freed > 0) return `Freed ${bytes(freed)}: ${figures}.`;
	return freed < 0
		? `Takes ${bytes(-freed)} more: ${figures}.`
		: `Takes as much as before: ${bytes(afterBytes)}.`;
}
