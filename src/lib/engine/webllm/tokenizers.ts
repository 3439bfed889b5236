interface Tokenizers {
	Tokenizer: { fromJSON(json: ArrayBuffer): Promise<{ dispose(): void }> };
}

/** Has no tokens. */
const EMPTY = '{"version":"1.0","model":{"type":"BPE","vocab":{},"merges":[]}}';

/**
 * Starts the WebAssembly of the engine's tokenizers, which every model needs. Only a build has it here
 * (`scripts/engine-tokenizers.ts`); without it, or where it fails, the load does it and says so.
 */
export async function prepareTokenizers(engine: object): Promise<void> {
	const { tokenizers } = engine as { tokenizers?: Tokenizers };
	try {
		const empty = await tokenizers?.Tokenizer.fromJSON(new TextEncoder().encode(EMPTY).buffer);
		empty?.dispose();
	} catch {
		return;
	}
}
