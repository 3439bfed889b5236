import { Files } from '../../src/lib/files/client.ts';
import type { ModelSource } from '../../src/lib/files/protocol.ts';

/** Our download against the plainest one. */
export class FilesClient {
	readonly #files = new Files([]);

	/** Bytes per second of a download of ours; what it brought is deleted again. */
	async download(source: ModelSource): Promise<number> {
		const startMs = performance.now();
		const { downloadBytes } = await this.#files.download(source);
		const seconds = (performance.now() - startMs) / 1000;
		await this.#files.remove(source.baseUrl);
		return downloadBytes / seconds;
	}

	/** Bytes per second of fetching the same files at once and keeping nothing. */
	async fetchPlainly(urls: string[]): Promise<number> {
		const startMs = performance.now();
		const sizes = await Promise.all(
			urls.map(async (url) => (await (await fetch(url)).arrayBuffer()).byteLength)
		);
		const seconds = (performance.now() - startMs) / 1000;
		return sizes.reduce((sum, size) => sum + size, 0) / seconds;
	}
}
