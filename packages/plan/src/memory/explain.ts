import {
	amountOf,
	bytesOf,
	causeOf,
	causes,
	plainScales,
	scales,
	type BufferGroup,
	type Cause,
	type Evidence,
	type Scale,
	type Shape,
	type Term
} from './causes.ts';

export type Explanation =
	/** No load differs by more than its plan allows for. */
	| { kind: 'nothing' }
	/**
	 * `loads`: only this fits what several loads of different shapes took. `sizes`: the sizes of the buffers say so.
	 * `both`: the two agree.
	 */
	| { kind: 'told'; by: 'loads' | 'sizes' | 'both'; terms: readonly Term[] }
	/** More than one cause would do. Nothing is scaled that was not told; the rest is a constant. */
	| { kind: 'undivided'; terms: readonly Term[] }
	/** No cause in the list fits all loads. */
	| { kind: 'contradicted' };

/** Why loads of one kind of library took more or less than planned at one moment. */
export function explain(evidence: readonly Evidence[]): Explanation {
	const within = (one: Evidence) => !differs(one) || Math.abs(one.excessBytes) <= one.marginBytes;
	if (evidence.every(within)) return { kind: 'nothing' };
	for (const among of [plainScales, scales]) {
		const found =
			evidence.length > 1
				? byLoads(among, evidence)
				: bySizes(evidence, fittingOf(among, evidence));
		if (found) return found;
	}
	return { kind: 'contradicted' };
}

const differs = ({ excessBytes, toleranceBytes }: Evidence): boolean =>
	Math.abs(excessBytes) > toleranceBytes;

/** What several loads say: one cause that is seen in the buffers, two of them, or one that only the totals show. */
function byLoads(among: readonly Scale[], evidence: readonly Evidence[]): Explanation | null {
	const seen = seenTerms(among, evidence);
	const [closest, ...others] = fittingFirst(
		seen.map((term) => [term]),
		evidence
	);
	if (closest && others.every((one) => one.causes === closest.causes))
		return { kind: 'told', by: 'both', terms: closest.terms };
	const fitting = fittingOf(among, evidence).filter(
		(term) => closest || !deniedBySizes(term, evidence)
	);
	const both = twoCauses(pairsOf(seen, seen), evidence);
	// What is seen in the buffers of every load says more than a total that happens to fit.
	if (both) return both.explanation;
	const two = evidence.length > 2 ? twoCauses(withTheRest(among, seen, evidence), evidence) : null;
	// Infinity where no single cause fits.
	const loose = Math.min(...fitting.map((term) => misfitOf([term], evidence)));
	if (two && two.misfit < CLEARLY * loose) return two.explanation;
	const [only] = fitting;
	if (!only) return null;
	return fitting.length === 1
		? { kind: 'told', by: 'loads', terms: [only] }
		: bySizes(evidence.filter(differs), fitting);
}

/** Two causes always fit more closely than one: by so much they must. */
const CLEARLY = 0.5;

const fittingOf = (among: readonly Scale[], evidence: readonly Evidence[]): Term[] =>
	causes.flatMap((cause) => bestOf(cause, among, evidence) ?? []);

/** In every load one group of buffers makes up the excess, and their sizes do not follow the term from load to load. */
const deniedBySizes = (term: Term, evidence: readonly Evidence[]): boolean =>
	evidence.some((one) => sightOf(term, one) === 'missing') &&
	evidence
		.filter(differs)
		.every(({ groups, excessBytes, toleranceBytes }) =>
			groups.some((group) => Math.abs(totalOf(group) - excessBytes) <= toleranceBytes)
		);

/** How far a term may be off in units of the tolerance and still be preferred as the plainer one. */
const PLAINER = 0.1;

/** The plainest scale of a cause under which all loads agree within their tolerance; null: none. */
function bestOf(cause: Cause, among: readonly Scale[], evidence: readonly Evidence[]): Term | null {
	const found = among
		.filter((scale) => causeOf(scale) === cause)
		.flatMap((scale) => proportional(scale, evidence) ?? []);
	const least = Math.min(...found.map(({ misfit }) => misfit));
	return found.find(({ misfit }) => misfit <= least + PLAINER)?.term ?? null;
}

/** One coefficient for all loads, by the load that has most of the scale: there noise counts least. */
function proportional(
	scale: Scale,
	evidence: readonly Evidence[]
): { term: Term; misfit: number } | null {
	let low = -Infinity;
	let high = Infinity;
	let most = { amount: 0, excessBytes: NaN };
	for (const { shape, excessBytes, toleranceBytes } of evidence) {
		const amount = amountOf(scale, shape);
		if (!(amount > 0)) return null;
		low = Math.max(low, (excessBytes - toleranceBytes) / amount);
		high = Math.min(high, (excessBytes + toleranceBytes) / amount);
		if (amount > most.amount) most = { amount, excessBytes };
	}
	if (!(low <= high)) return null;
	const bytesPer = Math.min(high, Math.max(low, most.excessBytes / most.amount));
	const term = { scale, bytesPer };
	return { term, misfit: misfitOf([term], evidence) };
}

/** The largest deviation of a load, in units of its tolerance. */
const misfitOf = (terms: readonly Term[], evidence: readonly Evidence[]): number =>
	Math.max(
		...evidence.map(
			({ shape, excessBytes, toleranceBytes }) =>
				Math.abs(bytesOf(terms, shape) - excessBytes) / toleranceBytes
		)
	);

const totalOf = ([bytes, count]: BufferGroup): number => bytes * count;

/** Subsets of more groups would take long to try, and small groups explain nothing. */
const MOST_RECOGNIZED = 8;

/** What the sizes of the buffers say where more than one cause would do; the whole excess at once where they say nothing. */
function bySizes(evidence: readonly Evidence[], fitting: readonly Term[]): Explanation {
	const terms = recognizedTerms(evidence, fitting);
	if (terms.length) return { kind: 'told', by: 'sizes', terms };
	const most = Math.max(...evidence.map(({ excessBytes }) => excessBytes));
	// Less than planned: as long as nothing tells why, the plan stands.
	return { kind: 'undivided', terms: most > 0 ? [{ scale: 'constant', bytesPer: most }] : [] };
}

function recognizedTerms(evidence: readonly Evidence[], fitting: readonly Term[]): Term[] {
	const shares = evidence.map(recognizedShares);
	const [first] = shares;
	if (!first || shares.some((share) => !share)) return [];
	const [only] = evidence;
	if (evidence.length > 1 || !only)
		// Two causes at once are told by the loads themselves (twoCauses).
		return fitting.filter(({ scale }) =>
			shares.every((share) => share?.size === 1 && share.has(causeOf(scale)))
		);
	// The buffers' own bytes: noise beside them does not grow with the vocabulary.
	return [...first].map(([cause, bytes]): Term => {
		const scale = cause === 'vocabulary' ? 'vocabulary' : 'window';
		return { scale, bytesPer: bytes / amountOf(scale, only.shape) };
	});
}

/** Bytes by cause whose buffers, recognized by their size, make up the excess; null: none do. */
function recognizedShares({
	shape,
	excessBytes,
	groups,
	toleranceBytes
}: Evidence): Map<Cause, number> | null {
	const known = groups
		.flatMap((group) => {
			const cause = recognize(group, shape);
			return cause ? [{ cause, bytes: totalOf(group) }] : [];
		})
		.slice(0, MOST_RECOGNIZED);
	let best: Map<Cause, number> | null = null;
	let least = toleranceBytes;
	for (let chosen = 1; chosen < 2 ** known.length; chosen++) {
		const shares = new Map<Cause, number>();
		let sum = 0;
		known.forEach(({ cause, bytes }, i) => {
			if (!(chosen & (1 << i))) return;
			sum += bytes;
			shares.set(cause, (shares.get(cause) ?? 0) + bytes);
		});
		const off = Math.abs(sum - excessBytes);
		if (off > least || (off === least && best)) continue;
		least = off;
		best = shares;
	}
	return best;
}

/** Below this too many sizes are a multiple by chance: runtimes allocate whole pages of 4096 bytes. */
const TELLING_BYTES = 64 * 1024;
const MOST_MULTIPLE = 16;
const ELEMENT_BYTES = [1, 2, 4];

/** What buffers of this size are for, as far as the size alone says: null where it says nothing, or more than one thing. */
function recognize([bytes, count]: BufferGroup, shape: Shape): Cause | null {
	const rows = multipleOf(bytes, shape.batch * shape.vocabulary * 4);
	const layers = Math.abs(count) % Math.max(1, shape.layers) === 0;
	const pages =
		layers &&
		[shape.window, shape.positions].some((tokens) =>
			ELEMENT_BYTES.some((element) =>
				multipleOf(bytes, tokens * shape.keyValueHeads * shape.headDim * element)
			)
		);
	if (rows === pages) return null;
	return rows ? 'vocabulary' : 'cache';
}

/** Whether a buffer is a whole multiple of a size, to the byte or rounded up to whole pages. */
function multipleOf(bytes: number, unit: number): boolean {
	if (unit < TELLING_BYTES) return false;
	const times = Math.floor(bytes / unit);
	if (times < 1 || times > MOST_MULTIPLE) return false;
	const exact = times * unit;
	return bytes === exact || bytes === Math.ceil(exact / 4096) * 4096;
}

/** Terms that two buffer groups of equal scale may differ by: rounding to whole pages. */
const SEEN_RATIO = 0.002;

const pairsOf = (first: readonly Term[], second: readonly Term[]): Term[][] =>
	first.flatMap((one) =>
		second.flatMap((other) => (causeOf(other.scale) === causeOf(one.scale) ? [] : [[one, other]]))
	);

/** Each term that is seen with what would explain the rest: of three loads and more, or any two could be explained. */
const withTheRest = (
	among: readonly Scale[],
	seen: readonly Term[],
	evidence: readonly Evidence[]
): Term[][] =>
	seen.flatMap((term) => {
		const left = evidence.map((one) => ({
			...one,
			excessBytes: one.excessBytes - bytesOf([term], one.shape)
		}));
		return pairsOf([term], fittingOf(among, left));
	});

/** Two causes at once. */
function twoCauses(
	pairs: readonly Term[][],
	evidence: readonly Evidence[]
): { explanation: Explanation; misfit: number } | null {
	const fitting = fittingFirst(pairs, evidence);
	const [closest] = fitting;
	if (!closest) return null;
	if (fitting.every((one) => one.causes === closest.causes))
		return {
			explanation: { kind: 'told', by: 'both', terms: closest.terms },
			misfit: closest.misfit
		};
	const plain = fitting.find(({ terms }) => terms.some(({ scale }) => scale === 'constant'));
	return plain
		? { explanation: { kind: 'undivided', terms: plain.terms }, misfit: plain.misfit }
		: null;
}

/** Those under which every load is within its tolerance, the closest first. */
const fittingFirst = (explanations: readonly Term[][], evidence: readonly Evidence[]) =>
	explanations
		.map((terms) => ({
			terms,
			misfit: misfitOf(terms, evidence),
			causes: terms
				.map(({ scale }) => causeOf(scale))
				.sort()
				.join()
		}))
		.filter(({ misfit }) => misfit <= 1)
		.sort((a, b) => a.misfit - b.misfit);

/** Terms under which two loads at least have a group of buffers of the right bytes, and none lacks one. */
function seenTerms(among: readonly Scale[], evidence: readonly Evidence[]): Term[] {
	return among.flatMap((scale) => {
		const candidates = new Map<number, number>();
		// From every load: rounding to whole pages counts least in the largest buffers.
		for (const { shape, groups, toleranceBytes } of evidence) {
			const amount = amountOf(scale, shape);
			for (const group of groups)
				if (Math.abs(totalOf(group)) > toleranceBytes)
					candidates.set(totalOf(group) / amount, group[1]);
		}
		return [...candidates].flatMap(([bytesPer, count]) => {
			const term = { scale, bytesPer };
			const sights = evidence.map((one) => sightOf(term, one, count));
			const often = sights.filter((sight) => sight === 'seen').length > 1;
			return often && !sights.includes('missing') ? [term] : [];
		});
	});
}

/** Whether a load has the buffers of a term; `count` of them, where others of the same size may lie among them. */
function sightOf(
	term: Term,
	{ shape, groups, toleranceBytes }: Evidence,
	count: number | null = null
): 'seen' | 'missing' | 'too-small' {
	if (!(amountOf(term.scale, shape) > 0)) return 'missing';
	const expected = bytesOf([term], shape);
	if (Math.abs(expected) <= toleranceBytes) return 'too-small';
	const seen = groups.some(([bytes, all]) =>
		[all, ...(count !== null && count > 0 && count < all ? [count] : [])].some((n) => {
			const rounding = Math.max(SEEN_RATIO * Math.abs(expected), 4096 * Math.abs(n));
			return Math.abs(bytes * n - expected) <= Math.min(rounding, toleranceBytes);
		})
	);
	return seen ? 'seen' : 'missing';
}
