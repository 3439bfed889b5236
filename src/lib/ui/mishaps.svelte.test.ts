import { expect, test } from 'vitest';
import { Journal } from '../runner/journal.ts';
import { Failure } from '../rpc/failure.ts';
import { Mishaps } from './mishaps.svelte.ts';

function watched() {
	const journal = new Journal();
	const mishaps = new Mishaps(journal);
	const page = new EventTarget();
	const stop = mishaps.watch(page);
	const reject = (reason: unknown) =>
		page.dispatchEvent(
			Object.assign(new Event('unhandledrejection'), { reason, promise: Promise.resolve() })
		);
	return { journal, mishaps, page, stop, reject };
}

test('a rejection that nobody handles reaches the page and the report', () => {
	const { journal, mishaps, reject } = watched();
	reject(new TypeError('x is not a function'));
	expect(mishaps.last).toMatchObject({
		kind: 'page',
		message: 'Something in this page failed: x is not a function'
	});
	expect(journal.entries.at(-1)?.text).toContain('x is not a function');
	mishaps.dismiss();
	expect(mishaps.last).toBeNull();
});

test.each([
	'Failed to fetch dynamically imported module: https://x.test/a.js',
	'error loading dynamically imported module: https://x.test/a.js',
	'Importing a module script failed.',
	'Unable to preload CSS for /a.css'
])('a part of the page that cannot be fetched is named as that: %s', (message) => {
	const { mishaps, reject } = watched();
	reject(new TypeError(message));
	expect(mishaps.last?.kind).toBe('script');
});

test('an error outside of a promise is told, too', () => {
	const { mishaps, page } = watched();
	page.dispatchEvent(new ErrorEvent('error', { error: new Error('Struck.'), message: 'Struck.' }));
	expect(mishaps.last?.message).toContain('Struck.');
});

test('a failure keeps its kind', () => {
	const { mishaps, reject } = watched();
	reject(new Failure('quota', 'No room.'));
	expect(mishaps.last?.kind).toBe('quota');
});

test('what was given up on purpose, and what only the browser minds, is not told', () => {
	const { mishaps, page, reject } = watched();
	reject(new Failure('cancelled', 'Cancelled.'));
	reject(new DOMException('Aborted.', 'AbortError'));
	page.dispatchEvent(
		new ErrorEvent('error', {
			message: 'ResizeObserver loop completed with undelivered notifications.'
		})
	);
	page.dispatchEvent(new Event('error'));
	expect(mishaps.last).toBeNull();
});

test('nothing is heard any more once it is stopped', () => {
	const { mishaps, reject, stop } = watched();
	stop();
	reject(new Error('Late.'));
	expect(mishaps.last).toBeNull();
});
