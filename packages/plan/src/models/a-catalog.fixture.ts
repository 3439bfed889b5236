import { readCatalog, type Family } from './catalog.ts';

/** A small catalogue of the shapes there are; for tests. */
export const aCatalog = (): Family[] =>
	readCatalog(
		{
			modelVersion: 'v0',
			hub: 'https://hub.example/mlc-ai/',
			libraries: 'https://libraries.example/v0/',
			families: [
				{
					id: 'Qwen3-1.7B',
					variants: [
						{ q: 'q0f32', lib: 'qwen-q0f32.wasm', mib: 7000, ctx: 4096 },
						{ q: 'q4f32_1', lib: 'qwen-q4f32_1.wasm', mib: 2600, ctx: 4096 },
						{ q: 'q4f16_1', lib: 'qwen-q4f16_1.wasm', mib: 2000, ctx: 4096 }
					]
				},
				{
					id: 'Llama-3.1-8B-Instruct',
					variants: [{ q: 'q4f16_1', lib: 'llama-q4f16_1.wasm', mib: 5000, ctx: 4096 }]
				},
				{
					id: 'Hermes-3-Llama-3.1-8B',
					variants: [{ q: 'q4f16_1', lib: 'llama-q4f16_1.wasm', mib: 5000, ctx: 4096 }]
				},
				{
					id: 'Phi-3.5-vision-instruct',
					variants: [{ q: 'q4f16_1', lib: 'phi.wasm', mib: 3900, ctx: 4096, type: 2 }]
				}
			]
		},
		{
			hash: '0123456789abcdef',
			contextWindow: 2048,
			variants: [
				{
					quantization: 'q0f32',
					model: 'q0f32/',
					library: 'pocket-q0f32.wasm',
					downloadBytes: 1_400_000,
					declaredBytes: 5_000_000
				}
			]
		}
	);
