import * as v from 'valibot';

/** Beside the settings, not in them: it must be written before the next task, and IndexedDB is not. */
const KEY = 'headroom-loading';

const Marker = v.object({
	variantId: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
	contextWindow: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	/** How far the load had come. */
	phase: v.pipe(v.string(), v.maxLength(40)),
	at: v.pipe(v.number(), v.finite())
});
/** Left behind by a tab that died while it loaded. */
export type CrashMarker = v.InferOutput<typeof Marker>;

/** What a tab that died left behind; null: none did. Asks nothing of tabs that are loading just now. */
export function readMarker(): CrashMarker | null {
	try {
		const result = v.safeParse(Marker, JSON.parse(localStorage.getItem(KEY) ?? 'null'));
		return result.success ? result.output : null;
	} catch {
		return null; // No storage, or not ours: then nothing is known of an earlier load.
	}
}

export function writeMarker(marker: Omit<CrashMarker, 'at'>) {
	try {
		localStorage.setItem(KEY, JSON.stringify({ ...marker, at: Date.now() }));
		// A tab that is closed or reloaded in the middle did not die.
		addEventListener('pagehide', clearMarker, { once: true });
	} catch {
		// A browser that keeps nothing keeps no marker either; the load itself needs none.
	}
}

export function clearMarker() {
	removeEventListener('pagehide', clearMarker);
	try {
		localStorage.removeItem(KEY);
	} catch {
		// It could not have been written.
	}
}
