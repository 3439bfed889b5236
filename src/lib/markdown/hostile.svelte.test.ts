import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Markdown from './Markdown.svelte';

const BEACON = `${location.origin}/hostile-beacon`;

/** What runs code, loads something, restyles the page or takes input, in any spelling. */
const SCRIPTS = [
	'<script>window.hit = 1</script>',
	'<ScRiPt src=BEACON></sCrIpT>',
	'<script\nsrc="BEACON">\n\nwindow.hit = 1\n</script>',
	'<img src=BEACON onerror="window.hit=1">',
	'<img src=x onerror=window.hit=1>',
	'text <img src="BEACON" onload=window.hit=1> text',
	'<svg onload="window.hit=1"><image href="BEACON"/></svg>',
	'<svg><script>window.hit=1</script></svg>',
	'<svg><use href="BEACON#a"/></svg>',
	'<math><maction actiontype="statusline" xlink:href="javascript:window.hit=1">x</maction></math>',
	'<math href="javascript:window.hit=1"><mtext><img src=BEACON></mtext></math>',
	'<iframe src="BEACON"></iframe>',
	'<iframe srcdoc="<script>parent.hit=1</script>"></iframe>',
	'<object data="BEACON"></object><embed src="BEACON">',
	'<video src="BEACON" autoplay></video><audio src="BEACON"></audio><source src="BEACON">',
	'<link rel="stylesheet" href="BEACON"><link rel=preload href=BEACON as=image>',
	'<style>body { background: url(BEACON) } * { display: none }</style>',
	'<style>@import "BEACON";</style>',
	'<p style="background: url(BEACON); position: fixed; inset: 0">x</p>',
	'<div onclick=window.hit=1 onmouseover=window.hit=1>x</div>',
	'<form action="BEACON"><input autofocus onfocus="window.hit=1"><button>x</button></form>',
	'<base href="BEACON"><meta http-equiv="refresh" content="0;url=BEACON">',
	'<details open ontoggle="window.hit=1">x</details>',
	'<details ontoggle=window.hit=1>\n<summary>x</summary>\n\nx\n\n</details>',
	'<b onclick="window.hit=1">x</b> <sub/onclick=window.hit=1>x</sub> <br onerror=window.hit=1>',
	'<kbd style="position:fixed">x</kbd> <mark id=x class=y>x</mark> <u\nonclick=window.hit=1>x</u>',
	'<a href="javascript:window.hit=1">x</a>',
	'<template><img src=BEACON></template><noscript><img src=BEACON></noscript>',
	'<!--><img src=BEACON>-->',
	'<![CDATA[<img src=BEACON>]]>',
	'<?xml-stylesheet href="BEACON"?>',
	'</p></div><img src=BEACON>',
	'&lt;img src=BEACON onerror=window.hit=1&gt;',
	'&#60;script&#62;window.hit=1&#60;/script&#62;',
	'\\<img src=BEACON>',
	'- <img src=BEACON>\n\n> <svg onload=window.hit=1>\n\n| <img src=BEACON> |\n|---|\n| <script>window.hit=1</script> |',
	'# <img src=BEACON onerror=window.hit=1>',
	'```html\n<img src=BEACON onerror=window.hit=1>\n```',
	'```"><img src=BEACON>\nx\n```',
	'`<img src=BEACON onerror=window.hit=1>`'
];
const RLO = String.fromCodePoint(0x202e);
const IMAGES = [
	'![x](BEACON)',
	'![x](BEACON "t")',
	'![x](<BEACON>)',
	'![x][r]\n\n[r]: BEACON',
	'[![x](BEACON)](https://example.com)',
	'![x](data:image/png;base64,AAAA)',
	'![x](data:image/svg+xml,%3Csvg%20onload=window.hit=1%3E)',
	'![x](javascript:window.hit=1)',
	'![" onerror="window.hit=1](BEACON)',
	'![x](x"onerror="window.hit=1)'
];
const LINKS = [
	'[x](javascript:window.hit=1)',
	'[x](JaVaScRiPt:window.hit=1)',
	'[x](&#106;avascript:window.hit=1)',
	'[x](javascript&colon;window.hit=1)',
	'[x](java&#10;script:window.hit=1)',
	'[x](&#1;javascript:window.hit=1)',
	'[x](<java\tscript:window.hit=1>)',
	'[x](<  javascript:window.hit=1>)',
	'[x](data:text/html,<script>window.hit=1</script>)',
	'[x](data:text/html;base64,PHNjcmlwdD53aW5kb3cuaGl0PTE8L3NjcmlwdD4=)',
	'[x](vbscript:window.hit=1)',
	'[x](blob:https://example.com/1)',
	'[x](file:///etc/passwd)',
	'[x](//evil.example)',
	'[x](/relative)',
	'[x][r]\n\n[r]: javascript:window.hit=1',
	'<javascript:window.hit=1>',
	'<vbscript:window.hit=1>',
	'<data:text/html,x>',
	'javascript:window.hit=1',
	'[x](https://a.example@evil.example/)',
	'[x](https:\\\\evil.example)',
	'[x](" onclick="window.hit=1)',
	`[x](https://exa${RLO}mple.com)`
];
const FORMULAS = [
	'$\\href{javascript:window.hit=1}{x}$',
	'$\\url{BEACON}$',
	'$\\includegraphics{BEACON}$',
	'$\\class{a}{x} \\id{b}{x} \\style{color:red}{x} \\data{a=b}{x}$',
	'$\\text{<img src=BEACON onerror=window.hit=1>}$',
	'$$\n\\htmlClass{a}{x}\n$$',
	'$\\def\\a{\\a\\a}\\a$',
	`$${'{'.repeat(1_000)}$`,
	`$${'\\left('.repeat(300)}$`
];

const FORBIDDEN =
	'script, img, image, picture, svg, iframe, frame, object, embed, video, audio, source, track, link, style, form, base, meta, ' +
	'details, template, noscript, maction, semantics, annotation-xml, [style], [src], [srcset], [srcdoc], [data], [action], ' +
	'[formaction], [xlink\\:href], math [href], input:not([type="checkbox"][disabled])';

let requests: string[] = [];
const observer = new PerformanceObserver((list) => {
	for (const { name } of list.getEntries()) requests.push(name);
});

beforeEach(() => {
	requests = [];
	observer.observe({ type: 'resource' });
	Reflect.deleteProperty(window, 'hit');
});
afterEach(() => observer.disconnect());

async function harmless(text: string) {
	const styles = document.head.querySelectorAll('style, link').length;
	const screen = await render(Markdown, { text: text.replaceAll('BEACON', BEACON) });
	const { container } = screen;
	expect([...container.querySelectorAll(FORBIDDEN)].map(({ outerHTML }) => outerHTML)).toEqual([]);
	for (const element of container.querySelectorAll('*'))
		for (const { name } of element.attributes) expect(name).not.toMatch(/^on/i);
	for (const anchor of container.querySelectorAll('a')) {
		expect(anchor.protocol).toMatch(/^(https?|mailto):$/);
		expect(anchor.rel).toContain('noopener noreferrer');
	}
	// Longer than an error handler, a load and the formulas' import take to begin.
	await new Promise((later) => setTimeout(later, 60));
	expect([...container.querySelectorAll(FORBIDDEN)].map(({ outerHTML }) => outerHTML)).toEqual([]);
	expect(document.head.querySelectorAll('link[href*="hostile"]')).toHaveLength(0);
	expect(document.head.querySelectorAll('style, link').length).toBeGreaterThanOrEqual(styles);
	expect(Reflect.has(window, 'hit')).toBe(false);
	observer.takeRecords().forEach(({ name }) => requests.push(name));
	expect(requests.filter((name) => name.includes('hostile-beacon'))).toEqual([]);
	return screen;
}

test('the watch works: an image that is fetched is seen', async () => {
	const image = document.createElement('img');
	image.src = `${BEACON}-seen`;
	await new Promise((done) => (image.onerror = image.onload = done));
	await expect.poll(() => requests.some((name) => name.endsWith('hostile-beacon-seen'))).toBe(true);
});

describe('raw HTML is text', () => {
	test.each(SCRIPTS)('%j', async (text) => {
		const { container } = await harmless(text);
		expect(container.textContent.trim()).not.toBe('');
	});
});

describe('an image is not fetched', () => {
	test.each(IMAGES)('%j', async (text) => {
		const { container } = await harmless(text);
		expect(container.textContent).toContain('Image, not loaded');
	});
});

describe('a dangerous destination is text', () => {
	test.each(LINKS)('%j', async (text) => {
		const { container } = await harmless(text);
		expect(container.querySelector('a')).toBeNull();
	});
});

describe('a formula is layout only', () => {
	test.each(FORMULAS)('%j', async (text) => {
		const { container } = await harmless(text);
		expect(container.querySelector('[id], math [class]')).toBeNull();
	});
});

describe('controls that reorder text are shown, wherever they are', () => {
	test.each([
		`a${RLO}b`,
		`**a${RLO}b**`,
		`\`a${RLO}b\``,
		`\`\`\`\na${RLO}b\n\`\`\``,
		`\`\`\`a${RLO}b\nx\n\`\`\``,
		`[a${RLO}b](https://example.com)`,
		`[a](x${RLO}b)`,
		`![a${RLO}b](x)`,
		`$a${RLO}b$`,
		`<p>a${RLO}b</p>`,
		'# a&#x202E;b',
		`| a${RLO}b |\n|---|`
	])('%j', async (text) => {
		const { container } = await harmless(text);
		expect(container.textContent).toContain('⟨U+202E⟩');
		expect(container.innerHTML).not.toContain(`${RLO}`);
	});

	test('also in the words that appear over a link', async () => {
		const screen = await harmless(`[a](https://example.com "t${RLO}u")`);
		await expect.element(screen.getByRole('link')).toHaveAttribute('title', 't⟨U+202E⟩u');
	});
});

describe('too much of anything is bounded', () => {
	test.each([
		'>',
		'*',
		'~~',
		'[',
		'(',
		'<',
		'<b>',
		'<details>\n',
		'`',
		'- ',
		'-\u3000',
		'![](',
		'$',
		'\\[\n\n',
		'\\begin{aligned}\n',
		'|',
		'# a\n'
	])('%j, a million characters', async (mark) => {
		const text = mark.repeat(1_000_000 / mark.length);
		const screen = await render(Markdown, { text: text.slice(0, 30_000), streaming: true });
		await screen.rerender({ text, streaming: true });
		let depth = 0;
		for (const element of screen.container.querySelectorAll(':not(:has(*))')) {
			let own = 0;
			for (let e: Element | null = element; e; e = e.parentElement) own++;
			depth = Math.max(depth, own);
		}
		expect(depth).toBeLessThan(60);
		expect(screen.container.querySelectorAll('*').length).toBeLessThan(60_000);
	});
});
