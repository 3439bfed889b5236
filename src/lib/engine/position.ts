/** As many of the largest logits are kept at least: below, quantiles of small divergences would be rounding. */
const LEAST_KEPT = 256;
/** And at most: a few megabytes for a whole measurement. Flatter distributions than that are rare. */
const MOST_KEPT = 4096;
/** Probability that may be left to all the others together. */
const MOST_REST = 1e-4;

/** How many logits `keepPosition` keeps; tests keep fewer. */
export interface Keep {
	least: number;
	most: number;
	/** Probability of those not kept. */
	rest: number;
}

export const KEEP: Keep = { least: LEAST_KEPT, most: MOST_KEPT, rest: MOST_REST };

/** One position of a reference's answer: its distribution of the next token, and the token that was taken. */
export interface KeptPosition {
	/** Of the kept tokens, largest logit first; the first is the most likely token. */
	tokens: Uint32Array;
	logits: Float32Array;
	/** Logarithm of the sum of all exponentials. */
	logTotal: number;
	/** Logarithm of the probability of all tokens not kept; null: every token is kept. */
	logRest: number | null;
	/** The token that came next. */
	token: number;
	logProbability: number;
	/** The rest has so much probability that a divergence from here is only a lower bound. */
	lowerBound: boolean;
}

/** What a variant says at a position of the reference's answer. */
export interface PositionDifference {
	/** Kullback-Leibler divergence of the variant from the reference, in nats; 0 or more. */
	divergence: number;
	/** It is a lower bound: see `KeptPosition`. */
	lowerBound: boolean;
	/** Both hold the same token for the most likely one. */
	sameToken: boolean;
	/** Of the token that came next, in nats. */
	logProbability: number;
	referenceLogProbability: number;
}

/** `logits` of one position hold NaN or infinity: nothing can be said of it. */
export class NotFinite extends Error {
	override readonly name = 'NotFinite';
	/** The first such token and its value. */
	readonly token: number;
	readonly value: number;

	constructor(token: number, value: number) {
		super(`The logit of token ${token} is ${value}.`);
		this.token = token;
		this.value = value;
	}
}

/** The most likely token; of equal ones the first. Throws NotFinite. */
export function mostLikely(logits: Float32Array): number {
	let best = 0;
	let top = -Infinity;
	for (let token = 0; token < logits.length; token++) {
		const x = logits[token] as number;
		// NaN for NaN and both infinities.
		if (x - x !== 0) throw new NotFinite(token, x);
		if (x > top) {
			top = x;
			best = token;
		}
	}
	return best;
}

/**
 * Keeps what a comparison needs of a reference's logits, and no more. Throws NotFinite, and RangeError for a token that
 * the model does not have.
 */
export function keepPosition(logits: Float32Array, token: number, keep: Keep = KEEP): KeptPosition {
	const top = logits[mostLikely(logits)] as number;
	const powers = powersOf(logits, top);
	const tokens = largest(logits, top, powers, keep);
	const { logTotal, logRest } = sums(logits, top, powers, tokens);
	return {
		tokens,
		logits: Float32Array.from(tokens, (kept) => logits[kept] as number),
		logTotal,
		logRest,
		token,
		logProbability: at(logits, token) - logTotal,
		lowerBound: logRest !== null && Math.exp(logRest) >= keep.rest
	};
}

/**
 * Compares a variant's logits with what was kept of the reference's at the same position. All tokens that were not kept
 * count as one: that can only lessen the divergence (log sum inequality), by less than the digits shown where the rest
 * has little probability. The reference's own logits give exactly 0. Throws NotFinite.
 */
export function comparePosition(kept: KeptPosition, logits: Float32Array): PositionDifference {
	const best = mostLikely(logits);
	const top = logits[best] as number;
	const { logTotal, logRest } = sums(logits, top, powersOf(logits, top), kept.tokens);
	let divergence = 0;
	for (const [i, token] of kept.tokens.entries()) {
		const reference = (kept.logits[i] as number) - kept.logTotal;
		divergence += Math.exp(reference) * (reference - (at(logits, token) - logTotal));
	}
	if (kept.logRest !== null && logRest !== null)
		divergence += Math.exp(kept.logRest) * (kept.logRest - logRest);
	return {
		// Rounding alone takes it below 0.
		divergence: Math.max(0, divergence),
		lowerBound: kept.lowerBound,
		sameToken: kept.tokens[0] === best,
		logProbability: at(logits, kept.token) - logTotal,
		referenceLogProbability: kept.logProbability
	};
}

function at(logits: Float32Array, token: number): number {
	const logit = logits[token];
	if (logit === undefined)
		throw new RangeError(`There is no token ${token} in a vocabulary of ${logits.length}.`);
	return logit;
}

/** Used by every position in turn: a new array of this size costs more than the sums. */
let scratch = new Float64Array(0);

/** Exponentials of the distances from the largest logit; valid until the next call. */
function powersOf(logits: Float32Array, top: number): Float64Array {
	if (scratch.length !== logits.length) scratch = new Float64Array(logits.length);
	for (let token = 0; token < logits.length; token++)
		scratch[token] = Math.exp((logits[token] as number) - top);
	return scratch;
}

/**
 * Logarithm of the sum of all exponentials, and of the probability of all tokens but `kept` (null: there are none).
 * The rest is summed up by itself: one minus the others has no digits left where they have nearly all. Clears the
 * powers of `kept`.
 */
function sums(logits: Float32Array, top: number, powers: Float64Array, kept: Uint32Array) {
	let keptSum = 0;
	for (const token of kept) {
		keptSum += powers[token] as number;
		powers[token] = 0;
	}
	let restSum = 0;
	for (let token = 0; token < powers.length; token++) restSum += powers[token] as number;
	const logTotal = top + Math.log(keptSum + restSum);
	if (kept.length === logits.length) return { logTotal, logRest: null };
	const logRestSum = restSum > 0 ? top + Math.log(restSum) : logSumWithout(logits, kept);
	return { logTotal, logRest: logRestSum - logTotal };
}

/** Where the rest is so unlikely that its powers are 0: the same sum relative to the largest of the rest. */
function logSumWithout(logits: Float32Array, kept: Uint32Array): number {
	const rest = logits.slice();
	for (const token of kept) rest[token] = -Infinity;
	const top = rest.reduce((a, b) => Math.max(a, b), -Infinity);
	return top + Math.log(rest.reduce((sum, x) => sum + Math.exp(x - top), 0));
}

/** Buckets of a logit's distance from the largest: so many, each so wide in nats. */
const BUCKETS = 1024;
const BUCKET_NATS = 1 / 32;

/** The tokens with the largest logits, largest first: as few as `keep` allows, of equal logits all or none (up to `most`). */
function largest(logits: Float32Array, top: number, powers: Float64Array, keep: Keep): Uint32Array {
	const bucketOf = (x: number) => Math.min(BUCKETS - 1, Math.floor((top - x) / BUCKET_NATS));
	const counts = new Uint32Array(BUCKETS);
	const masses = new Float64Array(BUCKETS);
	let total = 0;
	for (let token = 0; token < logits.length; token++) {
		const x = logits[token] as number;
		const bucket = bucketOf(x);
		const mass = powers[token] as number;
		counts[bucket] = (counts[bucket] as number) + 1;
		masses[bucket] = (masses[bucket] as number) + mass;
		total += mass;
	}
	// Only the buckets that are needed are sorted.
	let last = 0;
	let count = counts[0] as number;
	let left = total - (masses[0] as number);
	const enough = () => count >= keep.most || (count >= keep.least && left < keep.rest * total);
	while (!enough() && last < BUCKETS - 1) {
		last++;
		count += counts[last] as number;
		left -= masses[last] as number;
	}
	const found = new Uint32Array(count);
	let next = 0;
	for (let token = 0; token < logits.length; token++)
		if (bucketOf(logits[token] as number) <= last) found[next++] = token;
	const logit = (token: number) => logits[token] as number;
	found.sort((a, b) => logit(b) - logit(a) || a - b);

	let rest = total;
	let kept = 0;
	while (kept < found.length && kept < keep.most) {
		const equal = kept > 0 && logit(found[kept] as number) === logit(found[kept - 1] as number);
		if (kept >= keep.least && rest < keep.rest * total && !equal) break;
		rest -= powers[found[kept] as number] as number;
		kept++;
	}
	return found.slice(0, kept);
}
