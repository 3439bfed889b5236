import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contentHash } from './content-hash.mjs';

let folder = '';
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'content-'));
	mkdirSync(join(folder, 'src'));
	writeFileSync(join(folder, 'src/a.ts'), 'one');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a changed, added, renamed or removed file changes the hash', () => {
	const seen = new Set([contentHash([folder])]);
	const change = (act: () => void) => {
		act();
		const hash = contentHash([folder]);
		expect(seen).not.toContain(hash);
		seen.add(hash);
	};
	change(() => writeFileSync(join(folder, 'src/a.ts'), 'two'));
	change(() => writeFileSync(join(folder, 'src/b.ts'), ''));
	change(() => writeFileSync(join(folder, 'src/c.ts'), ''));
	change(() => rmSync(join(folder, 'src/a.ts')));
});

test('what the result depends on besides is part of the hash', () => {
	expect(contentHash([folder], '/base')).not.toBe(contentHash([folder], ''));
});

test('files that only tests read count only where they are asked for', () => {
	const build = contentHash([folder]);
	const suite = contentHash([folder], '', { tests: true });
	writeFileSync(join(folder, 'src/a.test.ts'), 'a test');
	expect(contentHash([folder])).toBe(build);
	expect(contentHash([folder], '', { tests: true })).not.toBe(suite);
});

test('what the build makes itself does not change the hash', () => {
	const before = contentHash([folder]);
	mkdirSync(join(folder, 'src/generated'));
	writeFileSync(join(folder, 'src/generated/data.json'), '{}');
	expect(contentHash([folder])).toBe(before);
});

test('paths that do not exist have a hash too', () => {
	expect(contentHash([join(folder, 'nothing')])).toMatch(/^[0-9a-f]{16}$/);
});
