import { OwnModels, type ModelFollowers } from './own-models.svelte.ts';
import { OwnServers, type ServerFollowers } from './own-servers.svelte.ts';

/** What a person added: servers, and models beside the catalogue's. */
export interface Own {
	/** Resolves when all of it is known, with the way to stop. */
	follow(app: ServerFollowers & ModelFollowers): Promise<() => void>;
}

/** As kept in the database of that name. */
export const keptOwn = (
	database: string,
	servers = new OwnServers(database),
	models = new OwnModels(database)
): Own => ({
	async follow(app) {
		const stops = await Promise.all([servers.follow(app), models.follow(app)]);
		return () => stops.forEach((stop) => stop());
	}
});
