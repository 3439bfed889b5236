import { afterEach, expect, test, vi } from 'vitest';
import { copyText } from './clipboard.ts';

afterEach(() => {
	vi.restoreAllMocks();
	Reflect.deleteProperty(navigator, 'clipboard');
	document.body.replaceChildren();
});
const clipboard = (value: unknown) =>
	Object.defineProperty(navigator, 'clipboard', { value, configurable: true });

test('a text goes to the clipboard', async () => {
	const writeText = vi.fn(() => Promise.resolve());
	clipboard({ writeText });
	expect(await copyText('One')).toBe(true);
	expect(writeText).toHaveBeenCalledWith('One');
});

test.each([
	['without https', undefined],
	['where it is refused', { writeText: () => Promise.reject(new DOMException('No.')) }]
])('%s the text is selected and copied, and the focus stays', async (_, value) => {
	clipboard(value);
	const button = document.createElement('button');
	document.body.append(button);
	button.focus();
	let copied = '';
	vi.spyOn(document, 'execCommand').mockImplementation(() => {
		const { activeElement } = document;
		copied = activeElement instanceof HTMLTextAreaElement ? activeElement.value : '';
		return true;
	});
	expect(await copyText('Two\nlines')).toBe(true);
	expect(copied).toBe('Two\nlines');
	expect(document.activeElement).toBe(button);
	expect(document.querySelector('textarea')).toBeNull();
});

test('where nothing helps it says so and does not throw', async () => {
	clipboard(undefined);
	vi.spyOn(document, 'execCommand').mockImplementation(() => {
		throw new DOMException('No.');
	});
	expect(await copyText('Three')).toBe(false);
});
