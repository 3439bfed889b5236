import * as v from 'valibot';
import { DEFAULT_RULES, type SpeedRule, type Wishes } from './decide.ts';
import type { LevelKey } from './levels.ts';
import { CELL_BITS, DEFAULT_MATRIX, matrixSchema, type Matrix } from './matrix.ts';
import { DEFAULT_PACE, paceSchema, type Mode, type Pace } from './pace.ts';
import { floorSchema, PRIORITIES } from './wishes.ts';

/** Everything about automatic swaps that a person can set. */
export interface Policy extends Wishes {
	version: 1;
	mode: Mode;
	matrix: Matrix;
	pace: Pace;
	rules: readonly SpeedRule[];
	pin: LevelKey | null;
	allowWindow: boolean;
	allowFamily: boolean;
	/** What this person mostly loads next is prepared ahead; it is never loaded by that. */
	prepareNext: boolean;
	/** What a swap takes the place of stays loaded while both fit, so that a swap back loads nothing. */
	keepTwo: boolean;
}

export const DEFAULT_POLICY: Policy = {
	version: 1,
	mode: 'off',
	matrix: DEFAULT_MATRIX,
	pace: DEFAULT_PACE,
	rules: DEFAULT_RULES,
	priority: 'balanced',
	floor: null,
	pin: null,
	allowWindow: true,
	allowFamily: false,
	prepareNext: false,
	keepTwo: false
};

export const MODES = ['off', 'suggest', 'automatic'] as const satisfies readonly Mode[];
export const ruleRanges = {
	speedUp: { min: 1, max: 20, step: 0.1 },
	sameToken: { min: 0.5, max: 1, step: 0.01 }
} as const;

const ruleSchema = v.object({
	on: v.boolean(),
	bits: v.picklist(CELL_BITS),
	speedUp: v.pipe(
		v.number(),
		v.minValue(ruleRanges.speedUp.min),
		v.maxValue(ruleRanges.speedUp.max)
	),
	sameToken: v.pipe(
		v.number(),
		v.minValue(ruleRanges.sameToken.min),
		v.maxValue(ruleRanges.sameToken.max)
	)
});

/** Every field stands for itself: one that is missing or wrong takes its default. */
const or = <T>(schema: v.GenericSchema<unknown, T>, fallback: T) =>
	v.fallback(
		v.optional(schema, () => fallback),
		() => fallback
	);

const d = DEFAULT_POLICY;
const policySchema = v.object({
	version: or(v.literal(1), d.version),
	mode: or(v.picklist(MODES), d.mode),
	matrix: or(matrixSchema as v.GenericSchema<unknown, Matrix>, d.matrix),
	pace: or(paceSchema, d.pace),
	rules: or(v.pipe(v.array(ruleSchema), v.maxLength(10)), [...d.rules]),
	priority: or(v.picklist(PRIORITIES), d.priority),
	floor: or(v.nullable(floorSchema), d.floor),
	pin: or(
		v.nullable(
			v.object({
				variantId: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
				contextWindow: v.pipe(v.number(), v.safeInteger(), v.minValue(1))
			})
		),
		d.pin
	),
	allowWindow: or(v.boolean(), d.allowWindow),
	allowFamily: or(v.boolean(), d.allowFamily),
	prepareNext: or(v.boolean(), d.prepareNext),
	keepTwo: or(v.boolean(), d.keepTwo)
});

/** A stored policy: whatever is not usable takes its default. */
export function parsePolicy(raw: unknown): Policy {
	const parsed = v.safeParse(policySchema, raw);
	return parsed.success ? parsed.output : DEFAULT_POLICY;
}
