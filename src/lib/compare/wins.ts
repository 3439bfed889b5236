import * as v from 'valibot';

/** Pairs stored; those picked between longest ago are dropped first. */
const MOST_PAIRS = 1000;

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(300));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const pairSchema = v.pipe(
	v.object({ a: id, b: id, aWins: count, bWins: count, ties: count }),
	v.check(({ a, b }) => a < b)
);

/** How often either of two variants was preferred while their names were hidden. */
export type Pair = v.InferOutput<typeof pairSchema>;

/** Adds a pick between answers to one question; `winner`: null: no difference was seen. */
export function withPick(
	pairs: readonly Pair[],
	variantIds: readonly string[],
	winner: string | null
): Pair[] {
	const sorted = [...new Set(variantIds)].sort();
	let all = [...pairs];
	for (const [i, a] of sorted.entries())
		for (const b of sorted.slice(i + 1)) {
			// Between two that were both not picked nothing was said.
			if (winner !== null && winner !== a && winner !== b) continue;
			const known = all.find((pair) => pair.a === a && pair.b === b);
			const { aWins, bWins, ties } = known ?? { aWins: 0, bWins: 0, ties: 0 };
			all = [
				...all.filter((pair) => pair !== known),
				{
					...{ a, b },
					aWins: aWins + Number(winner === a),
					bWins: bWins + Number(winner === b),
					ties: ties + Number(winner === null)
				}
			];
		}
	return all.slice(-MOST_PAIRS);
}

/** A copy in random order (Fisher and Yates). `random`: from 0 up to 1. */
export function shuffled<T>(list: readonly T[], random: () => number = Math.random): T[] {
	const all = [...list];
	for (let last = all.length - 1; last > 0; last--) {
		const other = Math.floor(random() * (last + 1));
		[all[last], all[other]] = [all[other] as T, all[last] as T];
	}
	return all;
}

/** "A" to "Z", then "AA". */
export const letterOf = (index: number): string =>
	(index >= 26 ? letterOf(Math.floor(index / 26) - 1) : '') +
	String.fromCharCode(65 + (index % 26));
