import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Markdown from './Markdown.svelte';

test('headings, lists, code, tables and links have their roles', async () => {
	const text =
		'# Title\n\nA *b* **c** ~~d~~ `e`\n\n- [x] one\n- [ ] two\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n> quoted\n\n---\n\n' +
		'```js\nlet x = 1;\n```\n\n[docs](https://example.com/a) $x^2$\n';
	const screen = await render(Markdown, { text });
	await expect.element(screen.getByRole('heading', { level: 3 })).toHaveTextContent('Title');
	await expect.element(screen.getByRole('checkbox', { name: 'done' })).toBeChecked();
	await expect.element(screen.getByRole('cell', { name: '2' })).toBeVisible();
	await expect
		.element(screen.getByRole('link', { name: 'docs' }))
		.toHaveAttribute('rel', 'external noopener noreferrer');
	await expect.element(screen.getByRole('button', { name: 'Copy code' })).toBeVisible();
});

test('code in a known language is coloured', async () => {
	const text = '```js\nconst x = "a"; // why\n```\n';
	const screen = await render(Markdown, { text });
	await expect.element(screen.getByText('const', { exact: true })).toHaveClass(/keyword/);
	expect(screen.container.querySelector('code')?.textContent).toBe('const x = "a"; // why');
});
