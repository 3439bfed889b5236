import type { Answerer, RunWorld } from '../measure/world.ts';
import type { Comparison } from './record.ts';

/** What a comparison needs of the page around it. Its ids are those of variants, and of engines of own servers. */
export interface CompareWorld extends RunWorld<Comparison> {
	/** The id is that of a server, which may have been removed: it answers without being loaded. */
	isServer(id: string): boolean;
	/** Throws a Failure of kind `server` where it was removed. */
	server(id: string): Answerer;
}
