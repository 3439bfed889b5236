import type { Architecture, VariantSpec } from './architecture.ts';
import { roundFloat16 } from './float16.ts';

/**
 * The same transformer in plain TypeScript, to hold the library against. It shares no code with the library and sums
 * in float64; between the steps it rounds to what the library stores there: float32, or float16 in the f16 variants
 * (embeddings, residual stream, rotated heads, cache, attention's and the MLP's outputs, but not logits).
 */
export class Reference {
	readonly #a: Architecture;
	/** In float64, which saves a conversion per product: twice as fast. */
	readonly #weights: Map<string, Float64Array>;
	readonly #round: (x: number) => number;
	/** Per layer [positions, kvHeads, headDim], room for the whole context window. */
	readonly #keys: Float32Array[];
	readonly #values: Float32Array[];
	/** (cos, sin) [positions, headDim / 2], made when a position is first reached. */
	readonly #turns: Float64Array;
	#turned = 0;
	#length = 0;

	/** `values` are those that `tensors` of weights.ts returned for the same variant. */
	constructor(a: Architecture, { float }: VariantSpec, values: Map<string, Float32Array>) {
		this.#a = a;
		this.#weights = new Map([...values].map(([name, w]) => [name, Float64Array.from(w)]));
		this.#round = float === 'f16' ? roundFloat16 : Math.fround;
		const cache = () => new Float32Array(a.contextWindow * a.kvHeads * a.headDim);
		this.#keys = Array.from({ length: a.layers }, cache);
		this.#values = Array.from({ length: a.layers }, cache);
		this.#turns = new Float64Array(a.contextWindow * a.headDim);
	}

	/** Positions filled. */
	get length(): number {
		return this.#length;
	}
	reset() {
		this.rewind(0);
	}
	/** Forgets all but the first `length` tokens. */
	rewind(length: number) {
		this.#length = Math.min(this.#length, length);
	}

	#weight(name: string): Float64Array {
		const w = this.#weights.get(name);
		if (!w) throw new Error(`The reference has no weight ${name}`);
		return w;
	}

	/** w [n, k] times x [k]. */
	#times(name: string, x: Float64Array): Float64Array {
		const w = this.#weight(name);
		const k = x.length;
		const rows = w.length / k;
		const y = new Float64Array(rows);
		// Four rows at a time, so that each x is read once for four products.
		for (let n = 0; n < rows; n += 4) {
			const at = n * k;
			let [p, q, r, s] = [0, 0, 0, 0];
			for (let i = 0; i < k; i++) {
				const v = x[i]!;
				p += v * w[at + i]!;
				q += v * w[at + k + i]!;
				r += v * w[at + 2 * k + i]!;
				s += v * w[at + 3 * k + i]!;
			}
			y[n] = p;
			y[n + 1] = q;
			y[n + 2] = r;
			y[n + 3] = s;
		}
		return y;
	}

	#norm(name: string, x: Float64Array): Float64Array {
		const w = this.#weight(name);
		let squares = 0;
		for (const v of x) squares += v * v;
		const scale = 1 / Math.sqrt(squares / x.length + this.#a.rmsEps);
		return x.map((v, i) => v * scale * w[i]!);
	}

	/** Rotates the head at `from` of `source` to a position, into `to` at `at`. */
	#rotate(
		source: Float64Array,
		from: number,
		position: number,
		to: Float32Array | Float64Array,
		at: number
	) {
		const { headDim, ropeTheta } = this.#a;
		const half = headDim / 2;
		for (; this.#turned <= position; this.#turned++)
			for (let d = 0; d < half; d++) {
				const angle = this.#turned * Math.pow(ropeTheta, (-2 * d) / headDim);
				this.#turns[this.#turned * headDim + 2 * d] = Math.cos(angle);
				this.#turns[this.#turned * headDim + 2 * d + 1] = Math.sin(angle);
			}
		for (let d = 0; d < half; d++) {
			const cos = this.#turns[position * headDim + 2 * d]!;
			const sin = this.#turns[position * headDim + 2 * d + 1]!;
			const a = source[from + d]!;
			const b = source[from + d + half]!;
			to[at + d] = this.#round(a * cos - b * sin);
			to[at + d + half] = this.#round(b * cos + a * sin);
		}
	}

	/** Feeds one token, without making its logits; returns the residual stream [hidden]. */
	#feed(token: number): Float64Array {
		const { hidden, heads, kvHeads, headDim, intermediate, layers, contextWindow } = this.#a;
		const round = this.#round;
		const position = this.#length++;
		if (position >= contextWindow) throw new Error('The context window of the reference is full');
		const row = kvHeads * headDim;
		const x = Float64Array.from(
			this.#weight('model.embed_tokens').subarray(token * hidden, (token + 1) * hidden),
			round
		);
		const queries = new Float64Array(heads * headDim);
		const scores = new Float64Array(position + 1);
		for (let l = 0; l < layers; l++) {
			const name = `model.layers.${l}`;
			const keys = this.#keys[l]!;
			const values = this.#values[l]!;
			const qkv = this.#times(
				`${name}.self_attn.qkv_proj`,
				this.#norm(`${name}.input_layernorm`, x)
			);
			for (let h = 0; h < heads; h++)
				this.#rotate(qkv, h * headDim, position, queries, h * headDim);
			for (let h = 0; h < kvHeads; h++) {
				const at = position * row + h * headDim;
				this.#rotate(qkv, (heads + h) * headDim, position, keys, at);
				for (let d = 0; d < headDim; d++)
					values[at + d] = round(qkv[(heads + kvHeads + h) * headDim + d]!);
			}
			const mixed = new Float64Array(heads * headDim);
			for (let h = 0; h < heads; h++) {
				const q = h * headDim;
				const kv = Math.floor(h / (heads / kvHeads)) * headDim;
				let top = -Infinity;
				for (let p = 0; p <= position; p++) {
					let dot = 0;
					for (let d = 0; d < headDim; d++) dot += keys[p * row + kv + d]! * queries[q + d]!;
					scores[p] = dot / Math.sqrt(headDim);
					if (scores[p]! > top) top = scores[p]!;
				}
				let sum = 0;
				for (let p = 0; p <= position; p++) {
					const share = Math.exp(scores[p]! - top);
					sum += share;
					for (let d = 0; d < headDim; d++) mixed[q + d]! += share * values[p * row + kv + d]!;
				}
				for (let d = 0; d < headDim; d++) mixed[q + d] = round(mixed[q + d]! / sum);
			}
			const o = this.#times(`${name}.self_attn.o_proj`, mixed);
			for (let i = 0; i < hidden; i++) x[i] = round(x[i]! + o[i]!);
			const gateUp = this.#times(
				`${name}.mlp.gate_up_proj`,
				this.#norm(`${name}.post_attention_layernorm`, x)
			);
			const activated = new Float64Array(intermediate).map((_, i) =>
				round((gateUp[i]! / (1 + Math.exp(-gateUp[i]!))) * gateUp[i + intermediate]!)
			);
			const down = this.#times(`${name}.mlp.down_proj`, activated);
			for (let i = 0; i < hidden; i++) x[i] = round(x[i]! + down[i]!);
		}
		return x;
	}

	#logits(x: Float64Array): Float32Array {
		return Float32Array.from(this.#times('lm_head', this.#norm('model.norm', x)));
	}

	/** Feeds one token; returns its logits [vocab]. */
	step(token: number): Float32Array {
		return this.#logits(this.#feed(token));
	}

	/** Feeds all tokens (at least one); returns the logits after the last. */
	prefill(tokens: readonly number[]): Float32Array {
		let x: Float64Array | undefined;
		for (const token of tokens) x = this.#feed(token);
		if (!x) throw new Error('prefill needs at least one token');
		return this.#logits(x);
	}

	/** Greedy continuation of `logits`, at most `count` tokens, ending with `stop` if it comes. */
	greedy(logits: Float32Array, count: number, stop = -1): number[] {
		const ids: number[] = [];
		while (ids.length < count) {
			let id = 0;
			for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[id]!) id = i;
			ids.push(id);
			if (id === stop) break;
			logits = this.step(id);
		}
		return ids;
	}
}
