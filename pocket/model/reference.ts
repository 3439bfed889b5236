import type { Architecture } from './architecture.ts';

/**
 * The same transformer in plain TypeScript, to hold the library against: float32 storage, float64
 * accumulation, no code shared with the library.
 */
export class Reference {
	readonly #a: Architecture;
	readonly #w: Map<string, Float32Array>;
	/** [layer][position][kv head] -> headDim values */
	readonly #keys: Float32Array[][][];
	readonly #values: Float32Array[][][];

	constructor(a: Architecture, values: Map<string, Float32Array>) {
		this.#a = a;
		this.#w = values;
		this.#keys = Array.from({ length: a.layers }, () => []);
		this.#values = Array.from({ length: a.layers }, () => []);
	}
	reset() {
		this.rewind(0);
	}
	/** Forgets all but the first `length` tokens. */
	rewind(length: number) {
		for (const cache of [...this.#keys, ...this.#values])
			if (cache.length > length) cache.length = length;
	}
	#weight(name: string): Float32Array {
		const w = this.#w.get(name);
		if (!w) throw new Error(`The reference has no weight ${name}`);
		return w;
	}
	#matmul(x: Float32Array, name: string, n: number): Float32Array {
		const w = this.#weight(name);
		const k = x.length;
		const y = new Float32Array(n);
		for (let i = 0; i < n; i++) {
			let sum = 0;
			for (let j = 0; j < k; j++) sum += x[j]! * w[i * k + j]!;
			y[i] = sum;
		}
		return y;
	}
	#norm(x: Float32Array, name: string): Float32Array {
		const w = this.#weight(name);
		let squares = 0;
		for (const v of x) squares += v * v;
		const scale = 1 / Math.sqrt(squares / x.length + this.#a.rmsEps);
		return x.map((v, i) => v * scale * w[i]!);
	}
	#rope(head: Float32Array, pos: number): Float32Array {
		const half = head.length / 2;
		const out = head.slice();
		for (let d = 0; d < half; d++) {
			const t = pos * Math.pow(this.#a.ropeTheta, (-2 * d) / head.length);
			const c = Math.cos(t);
			const s = Math.sin(t);
			out[d] = head[d]! * c - head[d + half]! * s;
			out[d + half] = head[d + half]! * c + head[d]! * s;
		}
		return out;
	}
	/** Feeds one token; returns its logits [vocab]. */
	step(token: number): Float32Array {
		const { hidden, heads, kvHeads, headDim, intermediate, layers, vocab } = this.#a;
		let x = this.#weight('model.embed_tokens').slice(token * hidden, (token + 1) * hidden);
		for (let l = 0; l < layers; l++) {
			const name = `model.layers.${l}`;
			const keys = this.#keys[l]!;
			const values = this.#values[l]!;
			const pos = keys.length;
			const qkv = this.#matmul(
				this.#norm(x, `${name}.input_layernorm`),
				`${name}.self_attn.qkv_proj`,
				(heads + 2 * kvHeads) * headDim
			);
			const head = (i: number) => qkv.slice(i * headDim, (i + 1) * headDim);
			keys.push(Array.from({ length: kvHeads }, (_, i) => this.#rope(head(heads + i), pos)));
			values.push(Array.from({ length: kvHeads }, (_, i) => head(heads + kvHeads + i)));
			const attn = new Float32Array(heads * headDim);
			for (let h = 0; h < heads; h++) {
				const q = this.#rope(head(h), pos);
				const kv = Math.floor(h / (heads / kvHeads));
				const scores = keys.map((k) => {
					let dot = 0;
					for (let d = 0; d < headDim; d++) dot += k[kv]![d]! * q[d]!;
					return dot / Math.sqrt(headDim);
				});
				const top = scores.reduce((m, s) => Math.max(m, s), -Infinity);
				const e = scores.map((s) => Math.exp(s - top));
				const sum = e.reduce((p, c) => p + c, 0);
				values.forEach((v, p) => {
					for (let d = 0; d < headDim; d++) attn[h * headDim + d]! += (e[p]! / sum) * v[kv]![d]!;
				});
			}
			const o = this.#matmul(attn, `${name}.self_attn.o_proj`, hidden);
			x = x.map((v, i) => v + o[i]!);
			const gateUp = this.#matmul(
				this.#norm(x, `${name}.post_attention_layernorm`),
				`${name}.mlp.gate_up_proj`,
				2 * intermediate
			);
			const act = new Float32Array(intermediate).map(
				(_, i) => (gateUp[i]! / (1 + Math.exp(-gateUp[i]!))) * gateUp[i + intermediate]!
			);
			const down = this.#matmul(act, `${name}.mlp.down_proj`, hidden);
			x = x.map((v, i) => v + down[i]!);
		}
		return this.#matmul(this.#norm(x, 'model.norm'), 'lm_head', vocab);
	}
	/** Feeds all tokens (at least one); returns the logits after the last. */
	prefill(tokens: readonly number[]): Float32Array {
		let logits: Float32Array | undefined;
		for (const t of tokens) logits = this.step(t);
		if (!logits) throw new Error('prefill needs at least one token');
		return logits;
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
