import type { ChatConfig } from '#plan/models/config.ts';
import type { Understood } from '#plan/models/names.ts';
import type { App } from '../app/app.svelte.ts';
import type { Engine } from '../engine/engine.ts';
import { cancelled } from '../runner/attempts.ts';
import { Resident } from '../runner/resident.ts';
import { load } from './loading.ts';
import { answererNamed, windowOf, type NamedServer } from './models.ts';
import { nothingLoaded, settled } from './turn.ts';

export interface Asking {
	signal?: AbortSignal | undefined;
	/** A person's leave to load, or to ask a server of theirs; asked for again when its turn has come. */
	permit: () => Promise<void>;
}

export interface Answerer {
	engine: Engine;
	/** null: not known, as of the model of a server. */
	config: ChatConfig | null;
	understood: string | null;
}

/** Whether asking it loads something, or sends text elsewhere. null: whatever this page would answer with. */
export const needsLeave = (app: App, named: Understood | NamedServer | null): boolean =>
	named?.kind === 'server' || !ready(app, named?.variant.id);

/** What answers to this name, loaded if need be; without a name the engine of this page. Must have its turn. */
export async function answererFor(
	app: App,
	model: string | undefined,
	asking: Asking,
	signal: AbortSignal
): Promise<Answerer> {
	// A server may have been changed or removed while this waited.
	const named = model === undefined ? null : answererNamed(app, model);
	const understood = named?.sentence ?? null;
	if (named?.kind === 'server') {
		const engine = app.servers!.engineOf(named.server);
		await asking.permit();
		if (signal.aborted) throw cancelled();
		return { engine, config: null, understood };
	}
	const engine = await residentFor(app, named?.variant.id, asking, signal);
	const config = app.preflights.facts(engine.loaded.variant)?.config ?? null;
	return { engine, config, understood };
}

/** What would answer is loaded, and stays. */
function ready({ loader }: App, variantId: string | undefined): boolean {
	const { loaded, leaving } = loader;
	return (
		loaded !== null && !leaving && (variantId === undefined || loaded.variant.id === variantId)
	);
}

async function residentFor(
	app: App,
	variantId: string | undefined,
	{ permit }: Asking,
	signal: AbortSignal
): Promise<Resident> {
	await settled(app, signal);
	if (!ready(app, variantId)) {
		await permit();
		const variant =
			variantId === undefined ? app.selection.variant : app.catalog.variant(variantId);
		if (!variant) throw nothingLoaded();
		await load(app, { variant, contextWindow: windowOf(app, variant), understood: null }, signal);
	}
	if (signal.aborted) throw cancelled();
	const { loaded } = app.loader;
	if (!loaded || !ready(app, variantId)) throw nothingLoaded();
	// The engine of this page, whatever else may answer a person here.
	return new Resident(loaded, app.catalog.familyOf(loaded.variant).name);
}
