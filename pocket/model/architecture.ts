/** The shape of the pocket model, shared by the library, the weights, the training and the reference. */
export const architecture = {
	vocab: 1024,
	hidden: 128,
	intermediate: 256,
	layers: 3,
	heads: 4,
	kvHeads: 2,
	headDim: 32,
	rmsEps: 1e-5,
	ropeTheta: 10000,
	/** Tokens per prefill step, fixed in the library. */
	prefillChunk: 128,
	/** Tokens: the largest window the library accepts. */
	contextWindow: 2048,
	/** Weights that share one scale in the q4 variants. */
	group: 32
};
export type Architecture = typeof architecture;

export interface VariantSpec {
	/** How matrices are stored: packed 4-bit groups, or plain numbers. */
	weights: 'q4' | 'plain';
	/** Type of scales, norms, activations and KV cache. */
	float: 'f32' | 'f16';
}
export const variants = {
	q4f16_1: { weights: 'q4', float: 'f16' },
	q4f32_1: { weights: 'q4', float: 'f32' },
	q0f16: { weights: 'plain', float: 'f16' },
	q0f32: { weights: 'plain', float: 'f32' }
} as const satisfies Record<string, VariantSpec>;
export type VariantName = keyof typeof variants;
export const variantNames = Object.keys(variants) as VariantName[];

export interface Parameter {
	name: string;
	shape: number[];
	dtype: 'float32' | 'float16' | 'uint32';
}

/** Every tensor of a variant, in the order in which the model library takes them. Names follow MLC. */
export function parameters(a: Architecture, { weights, float }: VariantSpec): Parameter[] {
	const list: Parameter[] = [];
	const dtype = float === 'f16' ? 'float16' : 'float32';
	const vector = (name: string) => list.push({ name: `${name}.weight`, shape: [a.hidden], dtype });
	const matrix = (name: string, n: number, k: number) => {
		if (weights === 'q4')
			list.push(
				{ name: `${name}.q_weight`, shape: [n, k / 8], dtype: 'uint32' },
				{ name: `${name}.q_scale`, shape: [n, k / a.group], dtype }
			);
		else list.push({ name: `${name}.weight`, shape: [n, k], dtype });
	};
	matrix('model.embed_tokens', a.vocab, a.hidden);
	for (let i = 0; i < a.layers; i++) {
		const layer = `model.layers.${i}`;
		vector(`${layer}.input_layernorm`);
		matrix(`${layer}.self_attn.qkv_proj`, (a.heads + 2 * a.kvHeads) * a.headDim, a.hidden);
		matrix(`${layer}.self_attn.o_proj`, a.hidden, a.heads * a.headDim);
		vector(`${layer}.post_attention_layernorm`);
		matrix(`${layer}.mlp.gate_up_proj`, 2 * a.intermediate, a.hidden);
		matrix(`${layer}.mlp.down_proj`, a.hidden, a.intermediate);
	}
	vector('model.norm');
	matrix('lm_head', a.vocab, a.hidden);
	return list;
}
