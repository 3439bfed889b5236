import type { App } from '../app/app.svelte.ts';
import { nameOfVariant } from '../app/name-of-variant.ts';
import type { Answerer, PageWorld } from '../measure/world.ts';
import { engineIdOf, isServerId, labelOf, type Server } from '../remote/record.ts';
import { Failure } from '../rpc/failure.ts';
import type { Row } from './record.ts';
import type { CompareWorld } from './world.ts';

const REMOVED = 'This server was removed.';

/** One of the person's own servers that can be asked, by the id of its engine. */
export interface Choice {
	id: string;
	server: Server;
}

/** The person's own servers. Of two with the same address and model only the first one is asked: they share an id. */
export function choicesOf({ servers }: Pick<App, 'servers'>): Choice[] {
	const byId = new Map<string, Choice>();
	for (const server of servers?.list ?? []) {
		const id = engineIdOf(server);
		if (!byId.has(id)) byId.set(id, { id, server });
	}
	return [...byId.values()];
}

/** null: no server of the list has this id. */
export const serverWith = (app: Pick<App, 'servers'>, id: string): Server | null =>
	choicesOf(app).find((each) => each.id === id)?.server ?? null;

/** "pocket q4f32_1", "pocket · Mine"; of a server that was removed, as its row was written. */
export function nameOfAnswerer(
	app: Pick<App, 'catalog' | 'servers'>,
	id: string,
	rows: readonly Row[] = []
): string {
	if (!isServerId(id)) return nameOfVariant(app.catalog, id);
	const server = serverWith(app, id);
	if (server) return labelOf(server);
	return rows.find(({ variantId }) => variantId === id)?.label ?? id;
}

/** What a page offers to runs over variants, with the person's own servers beside those. */
export function withServers(
	app: Pick<App, 'servers'>,
	page: PageWorld
): PageWorld & Pick<CompareWorld, 'isServer' | 'server'> {
	const engineOf = (id: string) => app.servers?.engineNamed(id) ?? null;
	const labelIn = (server: Server | null) => server && labelOf(server);
	return {
		...page,
		isServer: isServerId,
		variant: (id) =>
			isServerId(id)
				? { label: labelIn(serverWith(app, id)) ?? id, quantization: '', parametersBillion: null }
				: page.variant(id),
		inspect(id, asked, signal) {
			if (!isServerId(id)) return page.inspect(id, asked, signal);
			const engine = engineOf(id);
			return Promise.resolve({
				variantId: id,
				contextWindow: engine?.contextWindow ?? asked,
				verdict: { kind: 'fits', reasons: [], warnings: [], overridable: false },
				missingBytes: 0,
				wantedAnyway: true,
				problem: engine ? (engine.failure?.message ?? null) : REMOVED
			});
		},
		server(id): Answerer {
			const engine = engineOf(id);
			if (!engine) throw new Failure('server', REMOVED);
			return {
				contextWindow: engine.contextWindow,
				loadMs: null,
				peakBytes: null,
				can: engine.can,
				config: null,
				stands: () => engine.failure === null,
				generate: (request, options) => engine.generate(request, options)
			};
		}
	};
}
