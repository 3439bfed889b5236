import * as v from 'valibot';
import { undercuts, type Priority } from '../memory/choice.ts';
import { parseQuantization } from '../models/quantization.ts';
import type { Wishes } from './decide.ts';

export const PRIORITIES = ['quality', 'balanced', 'speed'] as const satisfies readonly Priority[];
/** Floors that can be chosen, coarsest first. */
export const FLOORS = ['q3f16_1', 'q4f16_1', 'q4f32_1', 'q0f16', 'q0f32'] as const;

export const floorSchema = v.pipe(
	v.string(),
	v.maxLength(40),
	v.check((name) => parseQuantization(name) !== null, 'the name of a quantization')
);

/** What a conversation or a request asks for; what it does not say is left to the settings. */
export interface Wish {
	priority?: Priority;
	/** null: nothing is too coarse, whatever the settings say. */
	floor?: string | null;
}

const wishSchema = v.object({
	priority: v.fallback(v.optional(v.picklist(PRIORITIES)), undefined),
	floor: v.fallback(v.optional(v.nullable(floorSchema)), undefined)
});

/** A stored wish; what is not usable is left out. */
export function parseWish(raw: unknown): Wish {
	const parsed = v.safeParse(wishSchema, raw);
	if (!parsed.success) return {};
	const { priority, floor } = parsed.output;
	return { ...(priority && { priority }), ...(floor !== undefined && { floor }) };
}

/** What a request asks for, with what its conversation says where it is silent. */
export const within = (conversation: Wish | undefined, request: Wish | undefined): Wish => ({
	...conversation,
	...request
});

/**
 * What is obeyed while several are to be answered: the priority of the first, which is answered next, and the finest
 * floor of all, since one level answers them all.
 */
export function wishesFor(settings: Wishes, wishes: readonly Wish[]): Wishes {
	const floors = (wishes.length > 0 ? wishes : [{}]).map(({ floor }: Wish) =>
		floor === undefined ? settings.floor : floor
	);
	return {
		priority: wishes[0]?.priority ?? settings.priority,
		floor: floors.reduce(finer, null)
	};
}

function finer(a: string | null, b: string | null): string | null {
	const [qa, qb] = [a, b].map((name) => (name === null ? null : parseQuantization(name)));
	if (!qa) return b;
	if (!qb) return a;
	return undercuts(qa, qb) ? b : a;
}
