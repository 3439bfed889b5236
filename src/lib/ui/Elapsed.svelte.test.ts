import { afterEach, expect, test, vi } from 'vitest';
import { flushSync } from 'svelte';
import { render } from 'vitest-browser-svelte';
import Elapsed from './Elapsed.svelte';

afterEach(() => void vi.useRealTimers());

test('what takes longer than a moment is counted in seconds, for the eye alone', async () => {
	vi.useFakeTimers();
	const { container } = await render(Elapsed);
	flushSync();
	vi.advanceTimersByTime(1_000);
	flushSync();
	expect(container.textContent).toBe('');
	vi.advanceTimersByTime(1_000);
	flushSync();
	expect(container.textContent).toBe('2 s');
	vi.advanceTimersByTime(60_000);
	flushSync();
	expect(container.textContent).toBe('62 s');
	expect(container.querySelector('span')?.getAttribute('aria-hidden')).toBe('true');
});
