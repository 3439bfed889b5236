/** What the size of an allocation can follow: the sizes of a model and of its window. 0: not known. */
export interface Shape {
	/** Sequences the library was compiled for; 1 where it does not say. */
	batch: number;
	/** Tokens that the model chooses from. */
	vocabulary: number;
	/** Tokens that the KV cache is asked to hold. */
	window: number;
	/** Tokens that its pages hold. */
	positions: number;
	layers: number;
	keyValueHeads: number;
	headDim: number;
	elementBytes: number;
}

/** Equal buffers: bytes of one, and how many more than planned there are (below 0: fewer). */
export type BufferGroup = readonly [bytes: number, count: number];

/** By how much one load differed from its plan at one moment, and in which buffers. */
export interface Evidence {
	shape: Shape;
	/** Bytes; below 0: less than planned. */
	excessBytes: number;
	/** Buffers that the plan does not place, largest first. Those of a size that no plan knows are among them. */
	groups: readonly BufferGroup[];
	/** Plans of libraries that are known to be exact were off by as much. */
	toleranceBytes: number;
}

const perToken = ({ layers, keyValueHeads, headDim }: Shape): number =>
	layers * keyValueHeads * headDim;

/** Quantities that an allocation may be proportional to; of one cause, the plainest first. */
const SCALES = {
	constant: { cause: 'constant', of: () => 1 },
	vocabulary: { cause: 'vocabulary', of: (s: Shape) => s.batch * s.vocabulary },
	window: { cause: 'cache', of: (s: Shape) => s.window * perToken(s) },
	windowBytes: { cause: 'cache', of: (s: Shape) => s.window * perToken(s) * s.elementBytes },
	pages: { cause: 'cache', of: (s: Shape) => s.positions * perToken(s) },
	pagesBytes: { cause: 'cache', of: (s: Shape) => s.positions * perToken(s) * s.elementBytes }
} as const;

export type Scale = keyof typeof SCALES;
export type Cause = (typeof SCALES)[Scale]['cause'];
export const scales = Object.keys(SCALES) as Scale[];
export const causes: readonly Cause[] = ['constant', 'vocabulary', 'cache'];

export const causeOf = (scale: Scale): Cause => SCALES[scale].cause;

/** How much of a scale a shape has; 0 where it is not known. */
export const amountOf = (scale: Scale, shape: Shape): number => SCALES[scale].of(shape);

/** Bytes allocated per unit of a scale. */
export interface Term {
	scale: Scale;
	bytesPer: number;
}

export type Explanation =
	/** No load differs by more than the tolerance. */
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

export const bytesOf = (terms: readonly Term[], shape: Shape): number =>
	terms.reduce((sum, { scale, bytesPer }) => sum + bytesPer * amountOf(scale, shape), 0);

/** Why loads of one kind of library took more or less than planned at one moment. */
export function explain(evidence: readonly Evidence[]): Explanation {
	const differs = ({ excessBytes, toleranceBytes }: Evidence) =>
		Math.abs(excessBytes) > toleranceBytes;
	if (!evidence.some(differs)) return { kind: 'nothing' };
	const fitting = causes.flatMap((cause) => bestOf(cause, evidence) ?? []);
	const [only] = fitting;
	if (evidence.length > 1 && only && fitting.length === 1)
		return {
			kind: 'told',
			by: evidence.every((one) => isSeen(only, one)) ? 'both' : 'loads',
			terms: [only]
		};
	if (fitting.length === 0) return twoCauses(evidence) ?? { kind: 'contradicted' };
	const told = bySizes(evidence.filter(differs), fitting);
	if (told) return { kind: 'told', by: 'sizes', terms: told };
	const most = Math.max(...evidence.map(({ excessBytes }) => excessBytes));
	// Less than planned: as long as nothing tells why, the plan stands.
	return { kind: 'undivided', terms: most > 0 ? [{ scale: 'constant', bytesPer: most }] : [] };
}

/** How far a term may be off in units of the tolerance and still be preferred as the plainer one. */
const PLAINER = 0.1;

/** The plainest scale of a cause under which all loads agree within their tolerance; null: none. */
function bestOf(cause: Cause, evidence: readonly Evidence[]): Term | null {
	const found = scales
		.filter((scale) => causeOf(scale) === cause)
		.flatMap((scale) => proportional(scale, evidence) ?? []);
	const least = Math.min(...found.map(({ misfit }) => misfit));
	return found.find(({ misfit }) => misfit <= least + PLAINER)?.term ?? null;
}

/** One coefficient for all loads: the largest of theirs, so that no load took more than is then planned. */
function proportional(
	scale: Scale,
	evidence: readonly Evidence[]
): { term: Term; misfit: number } | null {
	let low = -Infinity;
	let high = Infinity;
	let bytesPer = -Infinity;
	for (const { shape, excessBytes, toleranceBytes } of evidence) {
		const amount = amountOf(scale, shape);
		if (!(amount > 0)) return null;
		low = Math.max(low, (excessBytes - toleranceBytes) / amount);
		high = Math.min(high, (excessBytes + toleranceBytes) / amount);
		bytesPer = Math.max(bytesPer, excessBytes / amount);
	}
	if (!(low <= high) || !Number.isFinite(bytesPer)) return null;
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

/** What the sizes of the buffers say of all loads that differ; null: they do not tell, or not of all. */
function bySizes(evidence: readonly Evidence[], fitting: readonly Term[]): readonly Term[] | null {
	const shares = evidence.map(recognizedShares);
	const [first] = shares;
	if (!first || shares.some((share) => !share)) return null;
	for (const term of fitting) {
		const cause = causeOf(term.scale);
		if (shares.every((share) => share?.size === 1 && share.has(cause))) return [term];
	}
	// Two at once are told of a single load only: of several, the loads themselves tell (twoCauses).
	const [only] = evidence;
	if (!only || evidence.length > 1) return null;
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

/**
 * Two causes at once, where one alone does not fit: both seen as buffers whose size follows their scale from load to
 * load; of three loads and more, one of them. With fewer equations than that, any two loads could be explained.
 */
function twoCauses(evidence: readonly Evidence[]): Explanation | null {
	if (evidence.length < 2) return null;
	const seen = seenTerms(evidence);
	const pairs: Term[][] = [];
	for (const first of seen) {
		const others = causes.filter((cause) => cause !== causeOf(first.scale));
		for (const second of seen)
			if (others.includes(causeOf(second.scale))) pairs.push([first, second]);
		if (evidence.length < 3) continue;
		const left = evidence.map((one) => ({
			...one,
			excessBytes: one.excessBytes - bytesOf([first], one.shape)
		}));
		for (const cause of others) {
			const second = bestOf(cause, left);
			if (second) pairs.push([first, second]);
		}
	}
	const fitting = pairs
		.map((terms) => ({ terms, misfit: misfitOf(terms, evidence) }))
		.filter(({ misfit }) => misfit <= 1)
		.sort((a, b) => a.misfit - b.misfit);
	const [closest] = fitting;
	if (!closest) return null;
	const key = ({ terms }: { terms: readonly Term[] }) =>
		terms
			.map(({ scale }) => causeOf(scale))
			.sort()
			.join();
	if (fitting.every((one) => key(one) === key(closest)))
		return { kind: 'told', by: 'both', terms: closest.terms };
	const plain = fitting.find(({ terms }) => terms.some(({ scale }) => scale === 'constant'));
	return plain ? { kind: 'undivided', terms: plain.terms } : null;
}

/** Terms under which every load has a group of buffers of the right bytes, or would have too few to be told. */
function seenTerms(evidence: readonly Evidence[]): Term[] {
	const reference = evidence.reduce((a, b) =>
		Math.abs(b.excessBytes) / b.toleranceBytes > Math.abs(a.excessBytes) / a.toleranceBytes ? b : a
	);
	const terms = new Map<string, Term>();
	for (const group of reference.groups) {
		const total = totalOf(group);
		if (Math.abs(total) <= reference.toleranceBytes) continue;
		for (const scale of scales) {
			const amount = amountOf(scale, reference.shape);
			if (!(amount > 0)) continue;
			const term = { scale, bytesPer: total / amount };
			if (evidence.every((one) => isSeen(term, one))) terms.set(`${scale} ${term.bytesPer}`, term);
		}
	}
	return [...terms.values()];
}

function isSeen(term: Term, { shape, groups, toleranceBytes }: Evidence): boolean {
	if (!(amountOf(term.scale, shape) > 0)) return false;
	const expected = bytesOf([term], shape);
	if (Math.abs(expected) <= toleranceBytes) return true;
	return groups.some((group) => {
		const [, count] = group;
		const rounding = Math.max(SEEN_RATIO * Math.abs(expected), 4096 * Math.abs(count));
		return Math.abs(totalOf(group) - expected) <= Math.min(rounding, toleranceBytes);
	});
}
