import type { PickedFiles } from '../files/protocol.ts';

export interface PickedFolder {
	name: string;
	files: PickedFiles;
}

/** More belong to no model: somebody picked their whole disk. */
const MOST_FILES = 5_000;

/** What a person picked is no folder, or too much. The message is a sentence with a next step. */
export class PickError extends Error {
	override readonly name = 'PickError';
}

/** From an `<input webkitdirectory>`: every path begins with the folder's own name. */
export function fromInput(list: Iterable<File>): PickedFolder {
	const files: { path: string; file: File }[] = [];
	let name = '';
	for (const file of list) {
		const [folder = '', ...path] = file.webkitRelativePath.split('/');
		name = folder;
		put(files, path.join('/'), file);
	}
	return whole(name, files);
}

export async function fromHandle(folder: FileSystemDirectoryHandle): Promise<PickedFolder> {
	const files: { path: string; file: File }[] = [];
	async function walk(handle: FileSystemDirectoryHandle, below: string) {
		for await (const [name, entry] of handle as unknown as AsyncIterable<
			[string, FileSystemDirectoryHandle | FileSystemFileHandle]
		>) {
			if (entry.kind === 'directory') await walk(entry, `${below}${name}/`);
			else put(files, below + name, await entry.getFile());
		}
	}
	await walk(folder, '');
	return whole(folder.name, files);
}

/** From what was dropped; must be called in the event itself, before anything is awaited. */
export function fromDrop({ items }: DataTransfer): Promise<PickedFolder> {
	const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
	const [entry] = entries;
	if (!entry?.isDirectory || entries.length > 1)
		return Promise.reject(new PickError('Drop one folder: the one that holds the model’s files.'));
	return fromEntry(entry as FileSystemDirectoryEntry);
}

async function fromEntry(folder: FileSystemDirectoryEntry): Promise<PickedFolder> {
	const files: { path: string; file: File }[] = [];
	async function walk(directory: FileSystemDirectoryEntry, below: string) {
		const reader = directory.createReader();
		for (;;) {
			// The browser hands out a hundred at a time.
			const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
				reader.readEntries(resolve, reject)
			);
			if (some.length === 0) return;
			for (const entry of some) {
				if (entry.isDirectory)
					await walk(entry as FileSystemDirectoryEntry, `${below}${entry.name}/`);
				else put(files, below + entry.name, await fileOf(entry as FileSystemFileEntry));
			}
		}
	}
	await walk(folder, '');
	return whole(folder.name, files);
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
	new Promise((resolve, reject) => entry.file(resolve, reject));

function put(files: { path: string; file: File }[], path: string, file: File) {
	if (files.length >= MOST_FILES)
		throw new PickError(
			`This folder has more than ${MOST_FILES} files. Pick the one that holds the model alone.`
		);
	files.push({ path, file });
}

function whole(name: string, files: PickedFiles): PickedFolder {
	if (files.length === 0) throw new PickError('This folder is empty. Pick the one with the model.');
	// Shown, and part of an id.
	const plain = name.replace(/[\p{Cc}\p{Cf}/\\]+/gu, ' ').trim();
	return { name: plain.slice(0, 150) || 'folder', files };
}
