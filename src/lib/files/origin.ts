import type { ModelSource } from './protocol.ts';

/** Where a file of the model is fetched, by the URL under which it is kept. */
export const originOf =
	({ baseUrl, from }: Pick<ModelSource, 'baseUrl' | 'from'>) =>
	(url: string): string =>
		from !== undefined && url.startsWith(baseUrl) ? from + url.slice(baseUrl.length) : url;
