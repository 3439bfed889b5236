import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

interface Row {
	id: string;
	what: string;
	file: string;
	title: string;
}

/** Rows of the tables in docs/features.md; file and title are empty where nothing is built yet. */
function rows(): Row[] {
	const text = readFileSync(join(root, 'docs/features.md'), 'utf8');
	return text.split('\n').flatMap((line) => {
		const [, id, what, file, title] =
			/^\| *([A-Z]\d+) *\|(.*)\|([^|]*)\|([^|]*)\|$/.exec(line) ?? [];
		return id === undefined
			? []
			: [
					{
						id,
						what: what?.trim() ?? '',
						file: file?.trim().replaceAll('`', '') ?? '',
						title: title?.trim() ?? ''
					}
				];
	});
}

test('every feature has an id of its own and says what it is', () => {
	const all = rows();
	expect(all.length).toBe(52);
	expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
	for (const { id, what } of all) expect(what, id).not.toBe('');
});

test('the tests named in the list of features exist and are not skipped', () => {
	const problems = rows().flatMap(({ id, file, title }) => {
		if (file === '' && title === '') return [];
		const path = join(root, file);
		if (!existsSync(path)) return [`${id}: there is no ${file}`];
		const lines = readFileSync(path, 'utf8').split('\n');
		const quoted = lines.find((line) => ["'", '"', '`'].some((q) => line.includes(q + title + q)));
		if (title === '' || !quoted) return [`${id}: ${file} has no test "${title}"`];
		return /\b(skip|todo|fixme)\b/.test(quoted) ? [`${id}: "${title}" is skipped`] : [];
	});
	expect(problems).toEqual([]);
});
