/** Prints every string that a person can read in the page, once, with the file it is first found in. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stringsOfComponent, stringsOfModule } from './visible-strings.ts';

export function pageStrings(): Map<string, string[]> {
	const files = execFileSync('git', ['ls-files', 'src', 'packages/plan/src'], { encoding: 'utf8' })
		.split('\n')
		.filter((path) => /\.(?:svelte|ts)$/.test(path) && !/\.(?:test|fixture)\./.test(path))
		.sort();
	const seen = new Set<string>();
	return new Map(
		files.map((file) => {
			const source = readFileSync(file, 'utf8');
			const all = file.endsWith('.svelte') ? stringsOfComponent(source) : stringsOfModule(source);
			const fresh = all.filter((each) => !seen.has(each));
			for (const each of fresh) seen.add(each);
			return [file, fresh];
		})
	);
}

if (import.meta.filename === process.argv[1]) {
	for (const [file, strings] of pageStrings())
		if (strings.length > 0)
			console.log(`${file}\n${strings.map((each) => `    ${each}`).join('\n')}`);
}
