import { expect, test } from 'vitest';
import { scriptsNeeded } from './script-graph.ts';

const SITE = 'https://example.org/headroom/';
const HTML = `<link rel="modulepreload" href="./_app/nodes/2.js"><link rel="icon" href="./icon.svg">
<script>{ Promise.all([import("./_app/entry/start.js"), import("./_app/entry/app.js")]).then(([kit, app]) => {}) }</script>`;
const scripts: Record<string, string> = {
	'_app/entry/start.js': 'import{a}from"../chunks/a.js";export{a as start};',
	'_app/entry/app.js': 'import"../chunks/b.js";const n=()=>import("../nodes/3.js");export{n};',
	'_app/nodes/2.js': 'import { a } from "../chunks/a.js";\nexport * from "../chunks/c.js";',
	'_app/chunks/a.js': 'const text="import x from \'./not-this.css\'";export{text as a};',
	'_app/chunks/b.js': 'export{};',
	'_app/chunks/c.js': 'export const later=()=>import("./lazy.js");'
};
const read = (url: string) => {
	const text = scripts[url.slice(SITE.length)];
	return text === undefined
		? Promise.reject(new Error(`${url} is not needed.`))
		: Promise.resolve(text);
};

test('what the HTML names is needed, and what that imports; what is imported later is not', async () => {
	const needed = await scriptsNeeded(HTML, SITE, read);
	expect([...needed.keys()].map((url) => url.slice(SITE.length)).sort()).toEqual(
		Object.keys(scripts).sort()
	);
});

test('a script that cannot be read is an error, not a smaller sum', async () => {
	await expect(scriptsNeeded('<script src="./gone.js"></script>', SITE, read)).rejects.toThrow(
		'gone.js'
	);
});
