import { serve } from '../worker/server.ts';
import { cachedFiles, deleteByPrefix } from './cache.ts';
import { distrust, download, inspect } from './model-files.ts';
import type { CachedModel, FilesContract } from './protocol.ts';

serve<FilesContract>({
	inspect: ({ source, library }, { signal }) => inspect(source, library, signal),
	download: ({ source }, { signal, progress }) => download(source, signal, progress),
	async distrust({ source }) {
		await distrust(source);
		return null;
	},
	async list() {
		const models = new Map<string, CachedModel>();
		for (const { url, bytes } of await cachedFiles()) {
			const baseUrl = url.slice(0, url.lastIndexOf('/') + 1);
			const model = models.get(baseUrl) ?? { baseUrl, bytes: 0, files: 0 };
			models.set(baseUrl, { baseUrl, bytes: model.bytes + bytes, files: model.files + 1 });
		}
		return [...models.values()];
	},
	remove: ({ prefixes }) => deleteByPrefix(prefixes)
});
