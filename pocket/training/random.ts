/** Seeded random choices, so that a training can be repeated. */
export class Random {
	#state: number;
	constructor(seed: number) {
		this.#state = seed;
	}
	/** 0 to 1 (mulberry32). */
	next(): number {
		this.#state = (this.#state + 0x6d2b79f5) | 0;
		let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	}
	chance(ratio: number): boolean {
		return this.next() < ratio;
	}
	below(n: number): number {
		return Math.floor(this.next() * n);
	}
	pick<T>(list: readonly T[]): T {
		if (list.length === 0) throw new Error('nothing to pick from');
		return list[this.below(list.length)]!;
	}
	/** Index drawn in proportion to the weights. */
	weighted(weights: readonly number[]): number {
		let at = this.next() * weights.reduce((x, y) => x + y, 0);
		return Math.max(
			0,
			weights.findIndex((w) => (at -= w) < 0)
		);
	}
}
