import { approximateWeightBytes, savedAgainst } from '#plan/models/families-size.ts';
import type { Family, Variant } from '#plan/models/catalog.ts';
import { bitsPerWeight } from '#plan/models/quantization.ts';
import { understand, type NotUnderstood, type Understood } from '#plan/models/names.ts';
import { engineIdOf, isServerId, type Server } from '../remote/record.ts';
import { tokensPerSecondOf } from '../statistics/speed.ts';
import type { App } from '../app/app.svelte.ts';
import { ApiError } from './error.ts';
import type { Output } from './schemas.ts';

/** A name that means a server of the person's own. */
export interface NamedServer {
	kind: 'server';
	server: Server;
	sentence: string;
}

/** What a name means: by its id a server, else a model of the catalogue, else the server that is called so. */
export function lookUp(app: App, name: string): Understood | NamedServer | NotUnderstood {
	const servers = app.servers?.list ?? [];
	const asked = name.trim();
	// The id of a server without a model ends in a space.
	const byId = servers.filter((server) => engineIdOf(server).trim() === asked);
	if (byId.length > 0) return oneServer(asked, byId);
	const found = isServerId(asked)
		? // The model of a server that is gone may have a name of the catalogue's.
			noServer(asked, servers)
		: understand(asked, app.catalog.families, shaders(app));
	if (found.kind === 'variant') return found;
	const byName = servers.filter((each) => each.name.toLowerCase() === asked.toLowerCase());
	return byName.length > 0 ? oneServer(asked, byName) : found;
}

function oneServer(asked: string, found: readonly Server[]): NamedServer | NotUnderstood {
	const [server] = found;
	if (server && found.length === 1) {
		const model = server.model === '' ? '' : ` with ${server.model}`;
		const sentence = `Your own server “${server.name}”${model}.`;
		return { kind: 'server', server, sentence };
	}
	return {
		kind: 'ambiguous',
		candidates: found.flatMap((each) => [each.name, engineIdOf(each)]).filter(unlike(asked)),
		sentence: `“${asked}” may be ${found.length} of your own servers: give each a name of its own.`
	};
}

const unlike = (asked: string) => (name: string, at: number, all: readonly string[]) =>
	name.toLowerCase() !== asked.toLowerCase() && all.indexOf(name) === at;

const noServer = (asked: string, servers: readonly Server[]): NotUnderstood => ({
	kind: 'unknown',
	candidates: servers.map(engineIdOf),
	sentence: `None of your own servers is “${asked}”.`
});

/** Throws an `unknown_model` or `ambiguous_model` error that names what comes near. */
export function answererNamed(app: App, name: string): Understood | NamedServer {
	const found = lookUp(app, name);
	if (found.kind === 'variant' || found.kind === 'server') return found;
	const near = found.candidates.length > 0 ? ` Near it: ${found.candidates.join(', ')}.` : '';
	throw new ApiError(
		found.kind === 'ambiguous' ? 'ambiguous_model' : 'unknown_model',
		found.sentence + near,
		'model'
	);
}

/** A model of the catalogue. Throws as `answererNamed`, and an `invalid_input` error where the name means a server. */
export function modelNamed(app: App, name: string): Understood {
	const found = answererNamed(app, name);
	if (found.kind === 'variant') return found;
	throw new ApiError(
		'invalid_input',
		`“${name}” is your own server: nothing of it is loaded here. Only chat and generate take it.`,
		'model'
	);
}

/** Conversations are answered by this server now, not by this GPU. */
export const answersNow = ({ servers, running }: App, { id }: Server): boolean =>
	servers?.active?.id === id && running.server !== null && running.server.failure === null;

export const shaders = ({ hardware }: Pick<App, 'hardware'>) => ({
	shaderF16: hardware.device?.features.includes('shader-f16') ?? true
});

/** The window a variant would be loaded with: what was asked, else what it has now, else its record's. */
export function windowOf(app: App, variant: Variant, asked?: number): number {
	const { loaded } = app.loader;
	const usual =
		loaded?.variant === variant
			? loaded.contextWindow
			: app.selection.variant === variant
				? app.selection.contextWindow
				: variant.defaultContextWindow;
	// Until its config was read nobody knows how large it may be; the load reads it first.
	const unread = app.preflights.facts(variant)?.config == null;
	const most = unread ? variant.maxContextWindow : app.planning.maxContextWindow(variant);
	return Math.min(asked ?? usual, most ?? Infinity);
}

type Option = Output<'options'>['options'][number];

export function optionOf(
	app: App,
	family: Family,
	variant: Variant,
	{ contextWindow, downloaded }: { contextWindow?: number | undefined; downloaded: boolean }
): Option {
	const window = windowOf(app, variant, contextWindow);
	const { estimate, verdict } = app.planning.planOf(variant, window);
	const tally = app.counting.tally;
	const speed = tally?.speedOf(variant, estimate) ?? null;
	return {
		model: variant.id,
		family: family.name,
		quantization: variant.quantization.name,
		bitsPerWeight: bitsPerWeight(variant.quantization),
		contextWindow: window,
		bytes: estimate?.peakBytes ?? null,
		marginRatio: estimate?.marginRatio ?? null,
		confidence: estimate?.confidence ?? null,
		savedOf32BitRatio: savedAgainst('q0f32', family, variant, (one) =>
			approximateWeightBytes(family, one)
		),
		savedOf16BitRatio: savedAgainst('q0f16', family, variant, (one) =>
			approximateWeightBytes(family, one)
		),
		verdict: verdict.kind,
		reasons: verdict.reasons.map(({ sentence }) => sentence),
		downloaded,
		loaded: app.loader.loaded?.variant === variant,
		tokensPerSecond: speed ? tokensPerSecondOf(speed) : null,
		measured: speed?.kind === 'measured',
		answers: tally?.of(variant)?.answers.begun ?? 0
	};
}
