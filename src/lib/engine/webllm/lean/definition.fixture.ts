/**
 * The definition, without any shortcut: all tokens in order of probability, ties by id, and the cumulative
 * probabilities of the prefix that top_p keeps, renormalized.
 */
export function kept(logits: Float32Array, temperature: number, topP: number) {
	const p = probabilities64(logits, temperature);
	const order = [...p.keys()].sort((a, b) => p[b]! - p[a]! || a - b);
	const tokens: number[] = [];
	const cumulative: number[] = [];
	let mass = 0;
	for (const token of order) {
		if (mass >= Math.max(topP, 1e-5)) break;
		mass += p[token]!;
		tokens.push(token);
		cumulative.push(mass);
	}
	return { tokens, cumulative: cumulative.map((c) => c / mass) };
}
export function probabilities64(logits: Float32Array, temperature: number): number[] {
	const top = Math.max(...logits);
	const masses = [...logits].map((x) =>
		temperature <= 1e-5 ? Number(x === top) : Math.exp((x - top) / temperature)
	);
	const total = masses.reduce((a, b) => a + b, 0);
	return masses.map((mass) => mass / total);
}
