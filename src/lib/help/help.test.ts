import { describe, expect, test } from 'vitest';
import { NOTHING_KNOWN } from '#plan/memory/judge.ts';
import { families } from '#plan/models/catalog-data.ts';
import { SYMPTOMS } from '../ui/help-anchors.ts';
import { findSections, textOf } from './search.ts';
import { helpSections } from './sections.ts';

const sections = helpSections(families, () => NOTHING_KNOWN);
const idsFor = (query: string) => findSections(sections, query).map(({ id }) => id);

test('every section has an anchor of its own, and every symptom is one of them', () => {
	const ids = sections.map(({ id }) => id);
	expect(new Set(ids).size).toBe(ids.length);
	expect(ids).toEqual(expect.arrayContaining([...SYMPTOMS]));
	for (const { id } of sections) expect(id).toMatch(/^[a-z-]+$/);
});

test('the sizes of GPUs and the quantizations are those of the plan and the catalogue', () => {
	const text = (id: string) => textOf(sections.find((section) => section.id === id)!);
	expect(text('gpu-sizes')).toMatch(/4\.00 GiB[^]*24\.0 GiB/);
	expect(text('gpu-sizes')).not.toMatch(/unknown|none is sure to fit/);
	const names = new Set(
		families.flatMap(({ variants }) => variants.map(({ quantization }) => quantization.name))
	);
	for (const name of names) expect(text('quantizations')).toContain(`\n${name}\n`);
	expect(text('verdicts')).toContain('80%');
	for (const section of sections) expect(textOf(section)).not.toMatch(/undefined|null|NaN/);
});

describe('the search', () => {
	test('finds sections that have all words, wherever they stand', () => {
		expect(idsFor('private window')).toEqual(['files', 'disk-full']);
		expect(idsFor('SHADER-f16 driver')).toEqual([]);
		expect(idsFor('q4f16_1')).toEqual(expect.arrayContaining(['quantizations', 'names']));
		expect(idsFor('browser’s profile')).toEqual(idsFor("browser's profile"));
	});

	test('an empty query finds everything, and one that nothing has finds nothing', () => {
		expect(findSections(sections, '  ')).toHaveLength(sections.length);
		expect(idsFor('zebra')).toEqual([]);
	});
});
