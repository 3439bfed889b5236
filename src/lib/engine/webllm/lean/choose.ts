import { largest } from './logits.ts';

/** How one token is drawn. */
export interface Draw {
	/** 0 and above; 0 is greedy. */
	temperature: number;
	/** Above 0, at most 1. */
	topP: number;
	/** From 0 to 1; the engine's own numbers are f32, so that the largest of them round to 1. */
	uniform: number;
}

const BELOW_ONE = 1 - 2 ** -24;

/** MLC's softmax takes the largest logits alone up to this temperature; the engine replaces 0 by 1e-6. */
const GREEDY_UP_TO = Math.fround(1e-5);
const LOWEST_TOP_P = 1e-5;

/**
 * Logits are binned by their distance below the largest, in units of temperature. Beyond 32 even 262,144 tokens add
 * up to less than 4e-9 of the likeliest one's probability, below what an f32 sum can tell.
 */
const FARTHEST = 32;
const BINS_PER_UNIT = 64;
const BINS = FARTHEST * BINS_PER_UNIT;
/** exp at the near edge of each bin. */
const EXP = Float64Array.from({ length: BINS }, (_, bin) => Math.exp(-bin / BINS_PER_UNIT));

/**
 * Chooses tokens on the CPU as the engine's libraries do on the GPU: softmax with temperature, sorted by probability
 * (ties by token id), cut to the smallest prefix that reaches top_p, one uniform number over what is left.
 * The same number gives the engine's own token, up to f32 rounding at a border between two tokens.
 * Nothing is sorted but the two bins that hold the cut and the draw.
 */
export class Chooser {
	/** Unnormalized probability in each bin. */
	readonly #masses = new Float64Array(BINS);
	/** The bin of each token; BINS: too far. */
	#bins = new Uint16Array();

	/** The token drawn from `logits` ([vocabulary], adjusted). Throws a `bad-logits` Failure. */
	choose(logits: Float32Array, { temperature, topP, uniform }: Draw): number {
		const top = largest(logits);
		const limit = Math.max(topP, LOWEST_TOP_P);
		const share = Math.min(uniform, BELOW_ONE);
		if (temperature <= GREEDY_UP_TO) return amongLargest(logits, top, limit, share);

		const scale = 1 / temperature;
		const total = this.#fill(logits, top, scale);
		const sorted = new SortedBins(logits, this.#bins, this.#masses, (logit) =>
			Math.exp((logit - top) * scale)
		);
		const kept = limit < 1 ? sorted.crossing(limit * total).through : total;
		return sorted.crossing(share * kept, true).token;
	}

	/** Puts every token into its bin; returns the mass of all. */
	#fill(logits: Float32Array, top: number, scale: number): number {
		if (this.#bins.length !== logits.length) this.#bins = new Uint16Array(logits.length);
		const bins = this.#bins;
		const masses = this.#masses.fill(0);
		const binsPerLogit = scale * BINS_PER_UNIT;
		for (let token = 0; token < logits.length; token++) {
			const distance = (top - (logits[token] as number)) * binsPerLogit;
			if (distance >= BINS) {
				bins[token] = BINS;
				continue;
			}
			const bin = distance | 0;
			bins[token] = bin;
			const r = (distance - bin) * (1 / BINS_PER_UNIT);
			// exp(-r) by its series: with r below 1/64 the error is below 1e-11.
			masses[bin] =
				(masses[bin] as number) +
				(EXP[bin] as number) * (1 - r * (1 - r * (1 / 2 - r * (1 / 6 - r * (1 / 24)))));
		}
		return masses.reduce((total, mass) => total + mass);
	}
}

/** Tokens in order of falling probability, sorted bin by bin as they are asked for. */
class SortedBins {
	readonly #logits: Float32Array;
	readonly #bins: Uint16Array;
	readonly #masses: Float64Array;
	readonly #massOf: (logit: number) => number;

	constructor(
		logits: Float32Array,
		bins: Uint16Array,
		masses: Float64Array,
		massOf: (logit: number) => number
	) {
		this.#logits = logits;
		this.#bins = bins;
		this.#masses = masses;
		this.#massOf = massOf;
	}

	/** The first token whose cumulative mass reaches `mass` (or `exceeds` it), and that mass. */
	crossing(mass: number, exceeds = false): { token: number; through: number } {
		const crossed = (through: number) => (exceeds ? through > mass : through >= mass);
		let before = 0;
		let bin = 0;
		let last = 0;
		for (; bin < BINS; bin++) {
			const own = this.#masses[bin] as number;
			if (own === 0) continue;
			last = bin;
			if (crossed(before + own)) break;
			before += own;
		}
		if (bin === BINS) {
			// Rounding: the last token is meant.
			bin = last;
			before -= this.#masses[bin] as number;
		}
		let through = before;
		let token = 0;
		for (token of this.#tokensOf(bin)) {
			through += this.#massOf(this.#logits[token] as number);
			if (crossed(through)) break;
		}
		return { token, through };
	}

	#tokensOf(bin: number): number[] {
		const tokens: number[] = [];
		const bins = this.#bins;
		for (let token = bins.indexOf(bin); token >= 0; token = bins.indexOf(bin, token + 1))
			tokens.push(token);
		// Stable: equal ones stay in order of their ids.
		return tokens.sort((a, b) => (this.#logits[b] as number) - (this.#logits[a] as number));
	}
}

/** Equal largest logits share the probability. */
function amongLargest(logits: Float32Array, top: number, limit: number, uniform: number): number {
	const first = logits.indexOf(top);
	const ties: number[] = [];
	for (let token = first; token >= 0; token = logits.indexOf(top, token + 1)) ties.push(token);
	const kept = Math.min(ties.length, Math.max(1, Math.ceil(limit * ties.length)));
	return ties[Math.floor(uniform * kept)] as number;
}

/**
 * Softmax with temperature, f32 [vocabulary]: what the engine takes log probabilities from. Greedy gives 1, or equal
 * shares to equal logits, and 0 to all others. Throws a `bad-logits` Failure.
 */
export function probabilities(logits: Float32Array, temperature: number): Float32Array {
	const top = largest(logits);
	const greedy = temperature <= GREEDY_UP_TO;
	const masses = new Float64Array(logits.length);
	let total = 0;
	for (const [token, x] of logits.entries()) {
		const mass = greedy ? Number(x === top) : Math.exp((x - top) / temperature);
		masses[token] = mass;
		total += mass;
	}
	return Float32Array.from(masses, (mass) => mass / total);
}
