import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pageStrings } from './strings.ts';
import { stringsOfComponent, stringsOfModule } from './visible-strings.ts';

const component = (markup: string) => stringsOfComponent(markup);

test('a sentence is one string, whatever it is made of', () => {
	expect(component('<p>Loaded <strong>{name}</strong> in {seconds} s.</p>')).toEqual([
		'Loaded {…} in {…} s.'
	]);
	expect(component('{#if a}<p>One</p>{:else}<p>Two</p>{/if}')).toEqual(['One', 'Two']);
});

test('names, titles and labels are read, too; classes and addresses are not', () => {
	expect(
		component('<button aria-label="Close {name}" class="primary big" title="Ends it">x</button>')
	).toEqual(['Close {…}', 'Ends it', 'x']);
});

test('of a module, sentences and labels are strings; keys, names and types are not', () => {
	expect(
		stringsOfModule(
			"type A = 'not this one'; const b = 'kebab-case'; f('A sentence.', `of ${1} words`); c === 'Light';"
		)
	).toEqual(['A sentence.', 'of {…} words', 'Light']);
});

/** Words that neither the page nor its source uses: plain terms say the same. */
const AVOIDED =
	/\banew\b|held against|\blets? (?:it|them) go\b|all the same|for want of|as large as fits|stands in for/i;

test('every string of the page is found once, in conventional words', () => {
	const strings = [...pageStrings().values()].flat();
	expect(new Set(strings).size).toBe(strings.length);
	expect(strings).toEqual(
		expect.arrayContaining([
			'Search conversations',
			'Compiling shaders: {…} of {…}',
			'Load a model first.'
		])
	);
	expect(strings.filter((each) => AVOIDED.test(each))).toEqual([]);
	expect(strings.filter((each) => /undefined|\[object/.test(each))).toEqual([]);
});

test('comments and test titles keep to the same words', () => {
	const files = execFileSync(
		'git',
		['ls-files', 'src', 'packages', 'tests', 'bench', 'scripts', 'README.md', 'docs'],
		{ encoding: 'utf8' }
	)
		.split('\n')
		.filter((path) => /\.(?:ts|svelte|mjs|md)$/.test(path) && !/fixture|strings\.test/.test(path));
	const found = files.flatMap((path) =>
		readFileSync(path, 'utf8')
			.split('\n')
			.flatMap((line, index) => (AVOIDED.test(line) ? `${path}:${index + 1}: ${line.trim()}` : []))
	);
	expect(files.length).toBeGreaterThan(300);
	expect(found).toEqual([]);
});
