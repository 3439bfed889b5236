import * as v from 'valibot';
import { sameLevel, type LevelKey } from './levels.ts';

/** What a person has loaded, newest last; one that follows itself stands once. */
export interface LoadOrder {
	version: 1;
	loads: readonly LevelKey[];
}

export const NO_LOADS: LoadOrder = { version: 1, loads: [] };
export const MOST_LOADS = 200;

/** Once may be chance. */
const LEAST_TIMES = 2;

const levelSchema = v.object({
	variantId: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
	contextWindow: v.pipe(v.number(), v.safeInteger(), v.minValue(1))
});
const orderSchema = v.object({ version: v.literal(1), loads: v.array(v.unknown()) });

/** A stored order; what is not usable is left out. */
export function parseLoadOrder(raw: unknown): LoadOrder {
	const outer = v.safeParse(orderSchema, raw);
	if (!outer.success) return NO_LOADS;
	const loads = outer.output.loads.slice(-MOST_LOADS).flatMap((each) => {
		const level = v.safeParse(levelSchema, each);
		return level.success ? [level.output] : [];
	});
	return { version: 1, loads };
}

export function withLoad(order: LoadOrder, { variantId, contextWindow }: LevelKey): LoadOrder {
	const level = { variantId, contextWindow };
	const last = order.loads.at(-1);
	if (last && sameLevel(last, level)) return order;
	return { version: 1, loads: [...order.loads, level].slice(-MOST_LOADS) };
}

/**
 * What this person mostly loaded after a variant, with the window it had the last time; null: no other variant followed
 * it twice. Of those that followed equally often, the one that did so last.
 */
export function likelyNext(
	{ loads }: LoadOrder,
	currentId: string,
	may: (variantId: string) => boolean = () => true
): LevelKey | null {
	const followers = new Map<string, { times: number; last: number; level: LevelKey }>();
	loads.forEach((level, i) => {
		const { variantId } = level;
		if (loads[i - 1]?.variantId !== currentId || variantId === currentId || !may(variantId)) return;
		const times = (followers.get(variantId)?.times ?? 0) + 1;
		followers.set(variantId, { times, last: i, level });
	});
	const [first] = [...followers.values()]
		.filter(({ times }) => times >= LEAST_TIMES)
		.sort((a, b) => b.times - a.times || b.last - a.last);
	return first?.level ?? null;
}
