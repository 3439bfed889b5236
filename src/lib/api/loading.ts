import type { Family, Variant } from '#plan/models/catalog.ts';
import { variantWithBits } from '#plan/models/names.ts';
import type { App } from '../app/app.svelte.ts';
import { Failure } from '../rpc/failure.ts';
import type { Loaded } from '../runner/target.ts';
import { ApiError } from './error.ts';
import { modelNamed, shaders, windowOf } from './models.ts';
import type { Input } from './schemas.ts';
import { settled } from './turn.ts';

export interface Wanted {
	variant: Variant;
	contextWindow: number;
	understood: string | null;
}

/** What a reload asks for. Throws an `invalid_input` or `unknown_model` error. */
export function wanted(app: App, input: Input<'reload'>): Wanted {
	const { model, quantization, bits, contextWindow } = input;
	if (model === undefined && quantization === undefined && bits === undefined)
		throw new ApiError('invalid_input', 'Expected a model, a quantization, or bits.');
	if (quantization !== undefined && bits !== undefined)
		throw new ApiError('invalid_input', 'Expected a quantization or bits, found both.', 'bits');
	const named = model === undefined ? null : modelNamed(app, model);
	if (named && !named.usual && (quantization ?? bits) !== undefined)
		throw new ApiError(
			'invalid_input',
			`“${model}” names a quantization already: expected a family beside it.`,
			'model'
		);
	const family = named?.family ?? app.catalog.familyOf(app.running.answeringVariant);
	const variant =
		quantization !== undefined
			? family.variants.find((one) => one.quantization.name === quantization)
			: bits !== undefined
				? variantWithBits(family, bits, shaders(app))
				: named?.variant;
	if (!variant) throw notThere(family, quantization ?? `${bits} bits`);
	return {
		variant,
		contextWindow: windowOf(app, variant, contextWindow),
		understood: named?.sentence ?? null
	};
}

const notThere = (family: Family, asked: string) =>
	new ApiError(
		'unknown_model',
		`${family.name} does not exist with ${asked}; there are ${family.variants.map(({ quantization }) => quantization.name).join(', ')}.`,
		'quantization'
	);

/** Throws a `blocked` error with the plan's reasons. */
export function mustNotBeBlocked({ planning }: App, { variant, contextWindow }: Wanted) {
	const { verdict } = planning.planOf(variant, contextWindow);
	if (verdict.kind === 'blocked')
		throw new ApiError('blocked', verdict.reasons.map(({ sentence }) => sentence).join(' '));
}

/**
 * Loads it as a person would who clicks on it, but never past what the plan says: nothing changes where it is blocked.
 * Must have its turn in the queue.
 */
export async function load(app: App, want: Wanted, signal: AbortSignal): Promise<Loaded> {
	const { loader, selection } = app;
	const { variant, contextWindow } = want;
	await settled(app, signal);
	const { loaded } = loader;
	if (loaded?.variant === variant && loaded.contextWindow === contextWindow) return loaded;
	// While it waited, more was read of it, or other programs took memory.
	mustNotBeBlocked(app, want);
	const end = await loader.load({ variant, contextWindow }, { orSmaller: false, signal });
	if (end === 'loaded' && loader.loaded) {
		selection.choose(variant.id, loader.loaded.contextWindow);
		return loader.loaded;
	}
	throw end === 'failed' && loader.problem
		? loader.problem.failure
		: new Failure('cancelled', 'Something else was loaded, or the load was cancelled.');
}
