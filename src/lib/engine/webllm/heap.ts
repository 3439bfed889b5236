/** Exported by the engine's runtime, and by no other wasm module here. */
const RUNTIME = 'TVMWasmAllocSpace';

/**
 * Knows the wasm memory of the engine's runtime, by wrapping the call that makes its instance. Weights pass through it on
 * their way to the GPU. It never shrinks; what the browser and the tokenizer take beside it, a page cannot see.
 */
export class Heap {
	#memory: WebAssembly.Memory | null = null;

	/** Bytes just now; null: there is no runtime yet. */
	get bytes(): number | null {
		return this.#memory?.buffer.byteLength ?? null;
	}

	/** Wraps the call of the worker's global scope, once. */
	install(scope: Pick<typeof WebAssembly, 'instantiate'> = WebAssembly) {
		const instantiate = scope.instantiate as (
			source: BufferSource | WebAssembly.Module,
			imports?: WebAssembly.Imports
		) => Promise<WebAssembly.WebAssemblyInstantiatedSource | WebAssembly.Instance>;
		const wrapped: typeof instantiate = async (source, imports) => {
			const made = await instantiate.call(scope, source, imports);
			this.#look('instance' in made ? made.instance : made, imports);
			return made;
		};
		scope.instantiate = wrapped as typeof scope.instantiate;
	}

	#look({ exports }: WebAssembly.Instance, imports: WebAssembly.Imports | undefined) {
		if (!(RUNTIME in exports)) return;
		const memory = exports.memory ?? imports?.env?.memory;
		if (memory instanceof WebAssembly.Memory) this.#memory = memory;
	}
}
