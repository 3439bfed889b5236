/** What the files of a repository or folder amount to. */
export type Holdings =
	| { kind: 'mlc' }
	/** In MLC's format, but not whole. */
	| { kind: 'incomplete'; missing: readonly string[]; sentence: string }
	/** Another format; `commands` convert the original, to be run where MLC LLM is installed. */
	| {
			kind: 'gguf' | 'safetensors' | 'pytorch' | 'onnx' | 'other';
			sentence: string;
			commands: readonly string[];
	  };

export const CONFIG_FILE = 'mlc-chat-config.json';
export const MANIFEST_FILE = 'tensor-cache.json';
const OLD_MANIFEST_FILE = 'ndarray-cache.json';
const TOKENIZERS = ['tokenizer.json', 'tokenizer.model'];

/** Where MLC LLM's own words on converting are. */
export const CONVERSION_DOCS = 'https://llm.mlc.ai/docs/compilation/convert_weights.html';

/** Stands for a repository whose name is not known. */
export const ORIGINAL = 'OWNER/ORIGINAL';

/** Tells from the names of the files at the top whether the engine can read them. `name`: "owner/name" on the hub. */
export function holdingsOf(paths: readonly string[], name: string): Holdings {
	const top = new Set(paths.filter((path) => !path.includes('/')));
	const has = (ending: RegExp) => paths.some((path) => ending.test(path));
	if (top.has(CONFIG_FILE) || top.has(MANIFEST_FILE)) {
		const missing = [CONFIG_FILE, MANIFEST_FILE].filter((file) => !top.has(file));
		if (!TOKENIZERS.some((file) => top.has(file))) missing.push('tokenizer.json');
		if (missing.length === 0) return { kind: 'mlc' };
		const old = missing.includes(MANIFEST_FILE) && top.has(OLD_MANIFEST_FILE);
		return {
			kind: 'incomplete',
			missing,
			sentence: old
				? `It was converted by an older MLC LLM: its manifest is called ${OLD_MANIFEST_FILE}. The engine reads ${MANIFEST_FILE}; the owner can rename it, or convert the model again.`
				: `It is in MLC’s format, but not whole: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing. Ask its owner, or convert the model again.`
		};
	}
	const below = paths.find((path) => path.endsWith(`/${CONFIG_FILE}`));
	if (below !== undefined)
		return {
			kind: 'other',
			sentence: `The model lies in a folder of it, ${below.slice(0, -CONFIG_FILE.length - 1)}. The engine reads only what lies at the top of a repository.`,
			commands: []
		};
	if (has(/\.gguf$/i))
		return {
			kind: 'gguf',
			sentence:
				'It holds GGUF files, for llama.cpp. The engine of this page reads MLC’s format, which is made from the original weights (safetensors), not from GGUF. A llama.cpp server of your own can run it as it is.',
			commands: conversion(ORIGINAL)
		};
	if (has(/\.onnx(?:_data)?$/i))
		return {
			kind: 'onnx',
			sentence:
				'It holds ONNX files, for ONNX Runtime and Transformers.js. The engine of this page reads MLC’s format, which is made from the original weights (safetensors).',
			commands: conversion(ORIGINAL)
		};
	if (has(/\.safetensors$/i))
		return {
			kind: 'safetensors',
			sentence:
				'It holds the original weights (safetensors). The engine of this page reads MLC’s format, which is made from them.',
			commands: conversion(name)
		};
	if (has(/\.(?:bin|pth?|ckpt)$/i))
		return {
			kind: 'pytorch',
			sentence:
				'It holds PyTorch weights. The engine of this page reads MLC’s format, which is made from them.',
			commands: conversion(name)
		};
	return {
		kind: 'other',
		sentence: `It holds no model that this page knows: ${CONFIG_FILE} is missing.`,
		commands: []
	};
}

/** For a shell; the name is one of the hub's, or a placeholder. */
function conversion(name: string): string[] {
	const short = name.split('/').at(-1) ?? name;
	const result = `${short}-q4f16_1-MLC`;
	return [
		`git lfs install && git clone https://huggingface.co/${name}`,
		`mlc_llm convert_weight ./${short} --quantization q4f16_1 -o ./${result}`,
		`mlc_llm gen_config ./${short} --quantization q4f16_1 --conv-template CONV_TEMPLATE -o ./${result}`
	];
}
