import { serve } from '../rpc/server.ts';
import { list, remove, removeAll, tidy, verify } from './disk.ts';
import { distrust, download, inspect, onDisk } from './download.ts';
import { copyFolder } from './copy-folder.ts';
import { authorize } from './hub-token.ts';
import { look, lookAtConfig, lookAtLibrary } from './look.ts';
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
	look: ({ baseUrl, from }, { signal }) => look(baseUrl, from, signal),
	lookAtConfig: ({ url }, { signal }) => lookAtConfig(url, signal),
	lookAtLibrary: ({ url, fresh }, { signal }) => lookAtLibrary(url, fresh, signal),
	async authorize({ token }) {
		authorize(token);
		return Promise.resolve(null);
	},
	async copyFolder({ baseUrl, libraryUrl, files }, { signal, progress }) {
		await copyFolder(baseUrl, libraryUrl, files, signal, progress);
		return null;
	},
	verify: ({ baseUrl }, { signal, progress }) => verify(baseUrl, signal, progress),
	list,
	remove: ({ baseUrl }) => remove(baseUrl),
	removeAll,
	tidy: ({ below, keep }) => tidy(below, keep)
});
