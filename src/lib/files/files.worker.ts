import { serve } from '../rpc/server.ts';
import { list, remove, removeAll, tidy, verify } from './disk.ts';
import { distrust, download, inspect, onDisk } from './download.ts';
import { acceptLibrary, pinLibrary } from './library-pin.ts';
import { BRIEF, LOADING } from './persist.ts';
import type { FilesContract } from './protocol.ts';

serve<FilesContract>({
	inspect: ({ source, library, purpose }, { signal }) =>
		inspect(source, library, signal, purpose === 'load' ? LOADING : BRIEF),
	onDisk: ({ source }) => onDisk(source),
	download: ({ source, purpose }, { signal, progress }) =>
		download(source, purpose, signal, progress),
	async distrust({ source }) {
		await distrust(source);
		return null;
	},
	async pinLibrary({ source }) {
		await pinLibrary(source);
		return null;
	},
	async acceptLibrary({ source }) {
		await acceptLibrary(source);
		return null;
	},
	verify: ({ baseUrl }, { signal, progress }) => verify(baseUrl, signal, progress),
	list,
	remove: ({ baseUrl }) => remove(baseUrl),
	removeAll,
	tidy: ({ below, keep }) => tidy(below, keep)
});
