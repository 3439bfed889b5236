import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examples, installed } from './installed.fixture.ts';

let folder = '';
const node = (file: string) =>
	spawnSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' });

beforeAll(() => {
	folder = installed();
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('an empty project installs what is packed, and the examples of its README run there', () => {
	const scripts = examples('js');
	expect(scripts.length).toBeGreaterThan(1);
	const said = scripts.map((text, n) => {
		writeFileSync(join(folder, `example-${n}.js`), text);
		const { status, stdout, stderr } = node(`example-${n}.js`);
		// No warning either, as Node 20 has for JSON modules.
		expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
		return stdout;
	});
	expect(said[0]).toMatch(/^fits \d+ \d+\n$/);
	expect(said[1]).toContain('best trade between answers and speed');
});

test('its commands run there as the README has them, without colours', () => {
	const lines = examples('sh').flatMap((text) => text.trim().split('\n'));
	expect(lines.length).toBeGreaterThan(3);
	for (const line of lines) {
		const [command = '', ...args] = line.split(' ');
		const bin = join(folder, 'node_modules/.bin', command);
		const { status, stdout, stderr } = spawnSync(bin, args, { cwd: folder, encoding: 'utf8' });
		expect({ line, status, stderr }).toEqual({ line, status: 0, stderr: '' });
		expect(stdout).not.toContain('\u001b');
		if (args.includes('--json')) expect(JSON.parse(stdout)).toMatchObject({ verdict: 'fits' });
	}
	const bin = join(folder, 'node_modules/.bin/headroom');
	expect(spawnSync(bin, ['plan', 'nothing'], { cwd: folder }).status).toBe(2);
	const blocked = ['plan', 'Llama-3.1-70B-Instruct', '--vram', '4GiB'];
	expect(spawnSync(bin, blocked, { cwd: folder }).status).toBe(1);
	expect(spawnSync(bin, ['--version'], { cwd: folder, encoding: 'utf8' }).stdout).toMatch(
		/^WebLLM \d+\.\d+\.\d+, /
	);
});
