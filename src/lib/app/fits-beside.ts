import type { Facts } from '#plan/models/facts.ts';
import type { Target } from '../runner/target.ts';
import type { Planning } from './planning.svelte.ts';

/** The target would fit beside what is loaded, which then need not go before it is there. */
export function fitsBeside(
	planning: Pick<Planning, 'planOf' | 'planAs' | 'situationNow'>,
	target: Target,
	facts?: Facts
): boolean {
	// As it will be loaded, not as it might be if there were less room.
	const { sampling } = planning.planOf(target.variant, target.contextWindow);
	const { verdict } = planning.planAs(sampling, target, {
		situation: planning.situationNow,
		...(facts && { facts })
	});
	return verdict.kind === 'fits';
}
