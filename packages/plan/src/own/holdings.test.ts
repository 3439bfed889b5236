import { expect, it } from 'vitest';
import { holdingsOf } from './holdings.ts';

const MLC = ['mlc-chat-config.json', 'tensor-cache.json', 'tokenizer.json', 'params_shard_0.bin'];

it('knows MLC’s format, with either tokenizer', () => {
	expect(holdingsOf(MLC, 'a/b')).toEqual({ kind: 'mlc' });
	expect(
		holdingsOf(
			MLC.map((file) => file.replace('zer.json', 'zer.model')),
			'a/b'
		)
	).toEqual({ kind: 'mlc' });
});

it.each(MLC.slice(0, 3))('says that %s is missing', (file) => {
	const found = holdingsOf(
		MLC.filter((each) => each !== file),
		'a/b'
	);
	expect(found).toMatchObject({
		kind: 'incomplete',
		missing: [file],
		sentence: expect.stringContaining(`${file} is missing.`) as unknown
	});
});

it('says that several are missing', () => {
	expect(holdingsOf(MLC.slice(0, 1), 'a/b')).toMatchObject({
		kind: 'incomplete',
		sentence: expect.stringContaining('tensor-cache.json, tokenizer.json are missing.') as unknown
	});
});

it('knows a manifest of an older converter', () => {
	const older = MLC.map((file) => file.replace('tensor-cache', 'ndarray-cache'));
	expect(holdingsOf(older, 'a/b')).toMatchObject({
		kind: 'incomplete',
		sentence: expect.stringContaining('ndarray-cache.json') as unknown
	});
});

it('takes files in a folder below for no model at the top', () => {
	const below = MLC.map((file) => `q4/${file}`);
	expect(holdingsOf(below, 'a/b')).toMatchObject({
		kind: 'other',
		sentence: expect.stringContaining('a folder of it, q4.') as unknown
	});
});

it.each([
	['gguf', ['README.md', 'poet-Q4_K_M.gguf'], 'OWNER/ORIGINAL'],
	['onnx', ['onnx/model_q4.onnx', 'config.json'], 'OWNER/ORIGINAL'],
	['safetensors', ['model-00001-of-00002.safetensors', 'config.json'], 'alice/Poet'],
	['pytorch', ['pytorch_model.bin', 'config.json'], 'alice/Poet']
])('knows %s and the way to convert', (kind, paths, from) => {
	const found = holdingsOf(paths, 'alice/Poet');
	expect(found.kind).toBe(kind);
	expect('commands' in found && found.commands[0]).toContain(from);
});

it('converts the original in three steps, named after it', () => {
	const found = holdingsOf(['model.safetensors'], 'alice/Poet');
	expect('commands' in found && found.commands).toEqual([
		'git lfs install && git clone https://huggingface.co/alice/Poet',
		'mlc_llm convert_weight ./Poet --quantization q4f16_1 -o ./Poet-q4f16_1-MLC',
		'mlc_llm gen_config ./Poet --quantization q4f16_1 --conv-template CONV_TEMPLATE -o ./Poet-q4f16_1-MLC'
	]);
});

it('asks an owner whose configuration is missing, too, for the whole of it', () => {
	expect(holdingsOf(['tensor-cache.json', 'ndarray-cache.json'], 'a/b')).toMatchObject({
		kind: 'incomplete',
		missing: ['mlc-chat-config.json', 'tokenizer.json'],
		sentence: expect.stringContaining('not whole') as unknown
	});
});

it('says so when it holds none', () => {
	expect(holdingsOf(['README.md'], 'a/b')).toMatchObject({ kind: 'other', commands: [] });
});
