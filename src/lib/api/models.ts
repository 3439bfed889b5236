import { approximateWeightBytes, savedAgainst } from '#plan/models/families-size.ts';
import type { Family, Variant } from '#plan/models/catalog.ts';
import { bitsPerWeight } from '#plan/models/quantization.ts';
import { understand, type Understood } from '#plan/models/names.ts';
import { tokensPerSecondOf } from '../statistics/speed.ts';
import type { App } from '../app/app.svelte.ts';
import { ApiError } from './error.ts';
import type { Output } from './schemas.ts';

/** Throws an `unknown_model` or `ambiguous_model` error that names what comes near. */
export function modelNamed(app: App, name: string): Understood {
	const found = understand(name, app.catalog.families, shaders(app));
	if (found.kind === 'variant') return found;
	const near = found.candidates.length > 0 ? ` Near it: ${found.candidates.join(', ')}.` : '';
	throw new ApiError(
		found.kind === 'ambiguous' ? 'ambiguous_model' : 'unknown_model',
		found.sentence + near,
		'model'
	);
}

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
