import { expect, onTestFinished, test } from 'vitest';
import { appIn } from '../app/app.fixture.ts';
import { Adding } from './adding.svelte.ts';
import { fromHandle, fromInput, PickError } from './picked-folder.ts';

async function aFolder(files: Record<string, string>) {
	const root = await navigator.storage.getDirectory();
	const folder = await root.getDirectoryHandle(`poet-${crypto.randomUUID()}`, { create: true });
	for (const [path, text] of Object.entries(files)) {
		const parts = path.split('/');
		const name = parts.pop() ?? '';
		let below = folder;
		for (const part of parts) below = await below.getDirectoryHandle(part, { create: true });
		const stream = await (await below.getFileHandle(name, { create: true })).createWritable();
		await stream.write(text);
		await stream.close();
	}
	return folder;
}

test('a folder that was picked gives its files by their paths below it', async () => {
	const handle = await aFolder({ 'a.json': '1', 'weights/b.bin': '22' });
	const { name, files } = await fromHandle(handle);
	expect(name).toBe(handle.name);
	const found = await Promise.all(
		files.map(async ({ path, file }) => [path, await file.text()] as const)
	);
	expect(Object.fromEntries(found)).toEqual({ 'a.json': '1', 'weights/b.bin': '22' });
	await expect(fromHandle(await aFolder({}))).rejects.toThrow(PickError);
});

test('so does an input of a browser without a picker, whose paths begin with the folder', () => {
	const file = new File(['1'], 'a.json');
	Object.defineProperty(file, 'webkitRelativePath', { value: 'My poet/weights/a.json' });
	expect(fromInput([file])).toEqual({ name: 'My poet', files: [{ path: 'weights/a.json', file }] });
	expect(() => fromInput([])).toThrow('This folder is empty.');
});

test('a folder without a model is told from its names, and nothing is copied', async () => {
	const world = appIn();
	onTestFinished(world.close);
	await world.start();
	const adding = new Adding(world.app);
	const { name, files } = await fromHandle(await aFolder({ 'model.safetensors': 'x' }));
	await adding.lookAtFolder(name, files);
	expect(adding.state).toMatchObject({ kind: 'no-model', holdings: { kind: 'safetensors' } });
	expect(world.files.asked).not.toContain('copyFolder');
});
