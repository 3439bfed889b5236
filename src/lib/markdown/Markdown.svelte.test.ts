import { flushSync } from 'svelte';
import { describe, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { ANSWERS } from './answers.fixture.ts';
import { FIXTURES, longAnswer } from './documents.fixture.ts';
import { MAX_FEED_CHARS } from './limits.ts';
import Markdown from './Markdown.svelte';

const RLO = String.fromCodePoint(0x202e);

describe('an answer has the roles it reads as', () => {
	test('headings go below those of the page', async () => {
		const screen = await render(Markdown, { text: '# One\n\n###### Six' });
		await expect.element(screen.getByRole('heading', { level: 3, name: 'One' })).toBeVisible();
		await expect.element(screen.getByRole('heading', { level: 6, name: 'Six' })).toBeVisible();
	});

	test('emphasis, strong, struck and code', async () => {
		const screen = await render(Markdown, { text: '*a* **b** ~~c~~ `d  d`' });
		await expect.element(screen.getByRole('emphasis')).toHaveTextContent('a');
		await expect.element(screen.getByRole('strong')).toHaveTextContent('b');
		await expect.element(screen.getByRole('deletion')).toHaveTextContent('c');
		await expect.element(screen.getByRole('code')).toHaveTextContent('d d');
	});

	test('lists keep their first number, and tasks say whether they are done', async () => {
		const screen = await render(Markdown, { text: '3. three\n4. four\n\n- [x] a\n- [ ] b' });
		const [ordered, tasks] = screen.getByRole('list').elements();
		expect(ordered?.getAttribute('start')).toBe('3');
		expect(tasks?.children).toHaveLength(2);
		await expect.element(screen.getByRole('checkbox', { name: 'done' })).toBeChecked();
		await expect.element(screen.getByRole('checkbox', { name: 'to do' })).not.toBeChecked();
		await expect.element(screen.getByRole('checkbox', { name: 'to do' })).toBeDisabled();
	});

	test('a table has headers and cells, and scrolls by keyboard', async () => {
		const screen = await render(Markdown, { text: '| a | b |\n|---|--:|\n| 1 | 2 |' });
		await expect.element(screen.getByRole('columnheader', { name: 'b' })).toBeVisible();
		await expect.element(screen.getByRole('cell', { name: '2' })).toBeVisible();
		await expect
			.element(screen.getByRole('region', { name: 'Table' }))
			.toHaveAttribute('tabindex', '0');
	});

	test('quotes and rules', async () => {
		const screen = await render(Markdown, { text: '> said\n\n---' });
		await expect.element(screen.getByRole('blockquote')).toHaveTextContent('said');
		await expect.element(screen.getByRole('separator')).toBeInTheDocument();
	});

	test('an answer that is being written is busy', async () => {
		const screen = await render(Markdown, { text: 'a', streaming: true });
		const root = screen.container.querySelector('.markdown');
		expect(root?.getAttribute('aria-busy')).toBe('true');
		await screen.rerender({ text: 'a', streaming: false });
		expect(root?.getAttribute('aria-busy')).toBe('false');
	});
});

describe('a link', () => {
	test('opens elsewhere, tells the other place nothing, and names it', async () => {
		const screen = await render(Markdown, { text: '[docs](https://example.com/a)' });
		const link = screen.getByRole('link', { name: 'docs' });
		await expect.element(link).toHaveAttribute('href', 'https://example.com/a');
		await expect.element(link).toHaveAttribute('target', '_blank');
		await expect.element(link).toHaveAttribute('rel', 'external noopener noreferrer');
		await expect.element(screen.getByText('(example.com)')).toBeVisible();
	});

	test('to a host of look-alike letters shows the host in ASCII', async () => {
		const screen = await render(Markdown, { text: '<https://аpple.com/>' });
		await expect.element(screen.getByText('(xn--pple-43d.com)')).toBeVisible();
	});

	test('has no space after it', async () => {
		const screen = await render(Markdown, { text: '参见 https://example.com/docs。谢谢' });
		expect(screen.container.textContent.trim()).toBe('参见 https://example.com/docs。谢谢');
	});

	test('that is none is text with its destination', async () => {
		const screen = await render(Markdown, { text: '[click](javascript:alert%281%29)' });
		await expect.element(screen.getByText('(javascript:alert%281%29)')).toBeVisible();
		expect(screen.getByRole('link').elements()).toEqual([]);
	});
});

test('direction marks of Arabic prose are not spelled out, and those in its code are', async () => {
	const { container } = await render(Markdown, {
		text: 'مكتبة \u200EReact\u200F سريعة `a\u200Fb`'
	});
	expect(container.textContent).toContain('مكتبة \u200EReact\u200F سريعة a⟨U+200F⟩b');
});

describe('a code block', () => {
	test('is named by its language and coloured, and its text stays as it was', async () => {
		const code = 'const x = "a"; // why';
		const screen = await render(Markdown, { text: `\`\`\`js\n${code}\n\`\`\`\n` });
		await expect.element(screen.getByText('js', { exact: true })).toBeVisible();
		await expect
			.element(screen.getByText('const', { exact: true }), { timeout: 10_000 })
			.toHaveClass(/keyword/);
		expect(screen.container.querySelector('code')?.textContent).toBe(code);
	});

	test('in an unknown language is plain', async () => {
		const screen = await render(Markdown, { text: '```nosuch\n<b>x</b>\n```' });
		await expect.element(screen.getByText('<b>x</b>')).toBeVisible();
	});

	test('is copied as it was written, hidden characters and all', async () => {
		const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
		const screen = await render(Markdown, { text: `\`\`\`\na &amp; ${RLO}b\n\`\`\`` });
		await screen.getByRole('button', { name: 'Copy code' }).click();
		await expect.element(screen.getByText('Copied')).toBeVisible();
		expect(write).toHaveBeenCalledWith(`a &amp; ${RLO}b`);
		await expect.element(screen.getByText('⟨U+202E⟩')).toBeVisible();
		write.mockRestore();
	});

	test('says so when it cannot be copied', async () => {
		const write = vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('no'));
		const command = vi.spyOn(document, 'execCommand').mockReturnValue(false);
		const screen = await render(Markdown, { text: '```\na\n```' });
		await screen.getByRole('button', { name: 'Copy code' }).click();
		await expect.element(screen.getByText('Could not copy')).toBeVisible();
		write.mockRestore();
		command.mockRestore();
	});

	test('of many lines keeps the elements of those already written', async () => {
		const lines = 'line\n'.repeat(100);
		const screen = await render(Markdown, { text: `\`\`\`\n${lines}`, streaming: true });
		const first = screen.container.querySelector('code > span');
		await screen.rerender({ text: `\`\`\`\n${lines}more\n`, streaming: true });
		expect(screen.container.querySelector('code > span')).toBe(first);
		expect(screen.container.querySelector('code')?.textContent).toBe(`${lines}more`);
	});
});

describe('a formula', () => {
	test('is MathML', async () => {
		const screen = await render(Markdown, { text: '$$\n\\frac{a}{b}\n$$\n\nand $x^2$' });
		await vi.waitFor(
			() => expect(screen.container.querySelectorAll('math')).toHaveLength(2),
			10_000
		);
		const fraction = screen.container.querySelector('mfrac');
		expect(fraction?.namespaceURI).toBe('http://www.w3.org/1998/Math/MathML');
		expect(fraction?.textContent).toBe('ab');
		expect(screen.container.querySelector('[style]')).toBeNull();
	});

	test('that is no TeX stays as written', async () => {
		const screen = await render(Markdown, { text: '$\\nosuch{x}$ and $y$' });
		await vi.waitFor(() => expect(screen.container.querySelector('math')).not.toBeNull(), 10_000);
		await expect.element(screen.getByText('\\nosuch{x}')).toBeVisible();
	});
});

describe('elements that are written as tags', () => {
	test('are rendered, also in a table', async () => {
		const text = '| a |\n|---|\n| x<br>y<sub>1</sub> <kbd>Ctrl</kbd> <b class="z">no</b> |';
		const screen = await render(Markdown, { text });
		const cell = screen.container.querySelector('td');
		expect([...(cell?.children ?? [])].map(({ localName }) => localName)).toEqual([
			'br',
			'sub',
			'kbd'
		]);
		expect(cell?.textContent).toContain('<b class="z">no</b>');
	});

	test('carry no attribute but ours', async () => {
		const text = '<b>a</b> <mark>b</mark> <details><summary>c</summary>d</details>';
		const screen = await render(Markdown, { text });
		for (const element of screen.container.querySelectorAll('b, mark, details, summary'))
			expect([...element.attributes].filter(({ name }) => name !== 'class')).toEqual([]);
	});
});

describe('folded text', () => {
	const TEXT =
		'<details>\n<summary>more **here**</summary>\n\ninside\n\n- a\n\n</details>\n\nafter';

	test('opens with its summary', async () => {
		const screen = await render(Markdown, { text: TEXT });
		await expect.element(screen.getByText('inside')).not.toBeVisible();
		await screen.getByText('here').click();
		await expect.element(screen.getByText('inside')).toBeVisible();
		await expect.element(screen.getByText('after')).toBeVisible();
	});

	test('stays open while the answer grows', async () => {
		const screen = await render(Markdown, { text: TEXT.slice(0, 60), streaming: true });
		await screen.getByText('here').click();
		await screen.rerender({ text: TEXT, streaming: true });
		await expect.element(screen.getByText('inside')).toBeVisible();
	});

	test('that is never closed hides nothing', async () => {
		const screen = await render(Markdown, { text: '<details>\n\ninside\n\n## more' });
		await expect.element(screen.getByText('inside')).toBeVisible();
		await expect.element(screen.getByText('Details')).toBeVisible();
	});
});

describe('direction', () => {
	const directionOf = (element: Element | null) => element && getComputedStyle(element).direction;

	test('is found per block; a list or table has one', async () => {
		const text =
			'# عنوان\n\nفقرة `code`.\n\nEnglish.\n\n- React: مكتبة لبناء واجهات الويب السريعة\n- Hello.\n\n' +
			'> اقتباس\n\n| اللغة | b |\n|---|---|\n| Rust | سريعة |';
		const { container } = await render(Markdown, { text });
		const found = (selector: string) => directionOf(container.querySelector(selector));
		for (const selector of ['h3', 'p', 'ul', 'ul > li', 'blockquote', 'table'])
			expect(found(selector), selector).toBe('rtl');
		expect(found('p ~ p')).toBe('ltr');
		expect(found('li:last-child bdi')).toBe('ltr');
		const { textAlign, unicodeBidi } = getComputedStyle(container.querySelector('td') as Element);
		expect({ textAlign, unicodeBidi }).toEqual({ textAlign: 'right', unicodeBidi: 'plaintext' });
	});

	test('of code and formulas is left to right', async () => {
		const text = '> مرحبا `a b` و $x + y$\n>\n> ```js\n> x\n> ```\n>\n> $$\n> z\n> $$';
		const { container } = await render(Markdown, { text });
		await vi.waitFor(() => expect(container.querySelectorAll('math')).toHaveLength(2), 10_000);
		for (const element of container.querySelectorAll('code, figure, math, .formula'))
			expect(directionOf(element), element.outerHTML).toBe('ltr');
	});
});

test('an image is a placeholder with its words and where it would have come from', async () => {
	const screen = await render(Markdown, { text: '![a *cat*](https://tracker.example/x.png "t")' });
	await expect.element(screen.getByText(/a cat/)).toBeVisible();
	await expect.element(screen.getByText('(tracker.example)')).toBeVisible();
	expect(screen.container.querySelector('img')).toBeNull();
});

test('a long answer that is there at once appears over several frames, as a whole', async () => {
	const text = `${longAnswer(MAX_FEED_CHARS * 4)}\n\nThe end.`;
	const screen = await render(Markdown, { text });
	await expect.element(screen.getByText('The end.')).toBeVisible();
});

describe('a streamed answer looks like the whole one', () => {
	/** Without Svelte's anchors, and what highlighting and formulas turn code into later. */
	function shown(container: Element): string {
		const copy = container.cloneNode(true) as Element;
		for (const late of copy.querySelectorAll('code, math'))
			late.replaceWith(late.textContent ?? '');
		return copy.innerHTML.replace(/<!--.*?-->/g, '');
	}

	async function looksLikeWhole(text: string, step: number) {
		const whole = await render(Markdown, { text });
		const streamed = await render(Markdown, { text: '', streaming: true });
		for (let end = 1; end <= text.length; end += step) {
			await streamed.rerender({ text: text.slice(0, end), streaming: true });
			flushSync();
		}
		await streamed.rerender({ text, streaming: false });
		await vi.waitFor(() => expect(shown(streamed.container), text).toBe(shown(whole.container)));
		await whole.unmount();
		await streamed.unmount();
	}

	test('for every construct', async () => {
		for (const text of FIXTURES) await looksLikeWhole(text, 3);
	}, 120_000);

	test.each(Object.entries(ANSWERS))(
		'for answers in %s',
		async (_, { answers }) => {
			for (const { text } of answers) await looksLikeWhole(text, 11);
		},
		60_000
	);

	test('and a finished block keeps its elements', async () => {
		const screen = await render(Markdown, { text: '# A\n\nb\n\n- c', streaming: true });
		const before = [...screen.container.querySelectorAll('h3, p, li')];
		await screen.rerender({
			text: '# A\n\nb\n\n- c\n- d\n\n[x]: https://example.com\n\nend',
			streaming: true
		});
		const after = [...screen.container.querySelectorAll('h3, p, li')];
		expect(after.slice(0, before.length)).toEqual(before);
		for (const [i, element] of before.entries()) expect(after[i]).toBe(element);
	});
});
