import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'alone-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const alone = JSON.stringify(join(import.meta.dirname, 'alone.mjs'));

/** Runs a script in the folder. */
function script(body: string): Promise<number | null> {
	const source = `import { alone } from ${alone}; import fs from 'node:fs';
		const note = (text) => fs.appendFileSync('log', text + ' ');
		const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
		${body}`;
	const child = spawn(process.execPath, ['--input-type=module', '-e', source], { cwd: folder });
	return new Promise((resolve) => child.on('exit', resolve));
}

const log = () => readFileSync(join(folder, 'log'), 'utf8').trim().split(' ');

test('what runs alone in several processes never overlaps', async () => {
	const body = `alone('build', () => { note('begin'); sleep(150); note('end'); });`;
	await Promise.all([script(body), script(body), script(body)]);
	expect(log()).toEqual(['begin', 'end', 'begin', 'end', 'begin', 'end']);
});

test('different names do not wait for each other', async () => {
	expect(await script(`alone('a', () => alone('b', () => note('inside')));`), 'exit code').toBe(0);
	expect(log()).toEqual(['inside']);
});

test('a lock whose process has died, or that ended the process, is taken over', async () => {
	const lock = join(folder, '.cache/locks/build');
	mkdirSync(lock, { recursive: true });
	// Far above what a system gives to a process.
	writeFileSync(join(lock, 'pid'), '99999999');
	await script(`alone('build', () => { note('first'); process.exit(1); });`);
	await script(`alone('build', () => note('second'));`);
	expect(log()).toEqual(['first', 'second']);
});

test('what fails releases the lock and throws', async () => {
	await script(
		`try { alone('build', () => { throw new Error('no'); }); } catch { note('thrown'); } alone('build', () => note('again'));`
	);
	expect(log()).toEqual(['thrown', 'again']);
});
