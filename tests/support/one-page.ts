import { afterAll, beforeEach, vi } from 'vitest';
import { cleanup } from 'vitest-browser-svelte/pure';

/** The files of the browser's tests share one page, whose modules are fetched once: each leaves it as it found it. */
const address = location.href;
beforeEach(() => cleanup());
afterAll(() => {
	cleanup();
	vi.useRealTimers();
	vi.restoreAllMocks();
	vi.unstubAllGlobals();
	history.replaceState(null, '', address);
	document.body.replaceChildren();
});
