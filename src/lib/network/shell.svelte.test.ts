import { beforeEach, expect, test } from 'vitest';
import { otherShells, shellName } from './shell.ts';

const here = `/a-${crypto.randomUUID()}`;

async function keep(name: string, path: string) {
	await (await caches.open(name)).put(path, new Response('x'));
}

beforeEach(async () => {
	for (const name of await caches.keys())
		if (name.startsWith('headroom-shell')) await caches.delete(name);
});

test('a deployment replaces its own versions only', async () => {
	const names = [
		shellName(here, '1'),
		shellName(here, '2'),
		shellName(`${here}/below`, '1'),
		shellName('', '1'),
		shellName('/other', '1')
	];
	for (const name of names) await keep(name, '/x');
	expect(await otherShells(caches, here, '2')).toEqual([shellName(here, '1')]);
	expect(await otherShells(caches, '', '2')).toEqual([shellName('', '1')]);
});

test('a shell under the former name belongs to the deployment whose files it holds', async () => {
	await keep('headroom-shell-1', `${here}/_app/immutable/a.js`);
	await keep('headroom-shell-2', `/other/_app/immutable/a.js`);
	await keep('webllm/model', `${here}/_app/immutable/a.js`);
	expect(await otherShells(caches, here, '3')).toEqual(['headroom-shell-1']);
	expect(await otherShells(caches, '', '3')).toEqual([]);
	await caches.delete('webllm/model');
});
