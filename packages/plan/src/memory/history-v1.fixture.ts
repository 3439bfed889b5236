/** A history as version 1 kept it: two loads, one of them of another adapter, and one that ran out of memory. */
export const HISTORY_V1 = `{
	"version": 1,
	"measurements": [
		{
			"variantId": "pocket-q4f32_1",
			"contextWindow": 1024,
			"libraryUrl": "https://headroom.test/pocket/c4097ce95dc0a6af/pocket-q4f32_1.wasm",
			"adapter": "nvidia|lovelace||NVIDIA GeForce RTX 4060",
			"afterLoadBytes": 1583112,
			"peakBytes": 2134760,
			"at": 1764230000000
		},
		{
			"variantId": "Qwen2-0.5B-Instruct-q4f16_1-MLC",
			"contextWindow": 4096,
			"libraryUrl": "https://lib.test/v0_2_48/Qwen2-0.5B-Instruct-q4f16_1_cs1k-webgpu.wasm",
			"adapter": "intel|gen-12lp||",
			"afterLoadBytes": 383446992,
			"peakBytes": 426460672,
			"at": 1764231000000
		}
	],
	"failures": [
		{
			"variantId": "Llama-3.1-8B-Instruct-q4f16_1-MLC",
			"contextWindow": 8192,
			"libraryUrl": "https://lib.test/v0_2_48/Llama-3_1-8B-Instruct-q4f16_1_cs1k-webgpu.wasm",
			"adapter": "intel|gen-12lp||",
			"neededBytes": 6234567890,
			"at": 1764232000000
		}
	]
}`;
