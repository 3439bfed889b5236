import { changed, cutTo, html, once, text, type Fault as Broken } from '../support/hosts.ts';
import { severed } from './severed.ts';
import { tellOf, type Fault } from './table.ts';

const base = { given: 'nothing', during: 'load' } as const;
const lost = {
	...base,
	says: /lost its connection to the GPU.*No model is loaded now/s,
	leaves: 'nothing',
	offers: true
} as const;
const overcome = { ...base, says: /Loaded\./, leaves: 'q4f32_1' } as const;

/** Faults of GPU, engine and worker while the first model is loaded. */
tellOf([
	{
		...lost,
		name: 'loading: the device goes as soon as it was given',
		long: true,
		strike: (scene) => scene.arm('spare', { at: 'requestDevice', blow: 'destroy' })
	},
	{
		...lost,
		name: 'loading: the device goes while weights are uploaded',
		long: true,
		strike: (scene) => scene.arm('spare', { at: 'writeBuffer', nth: 5, blow: 'destroy' })
	},
	{
		...lost,
		name: 'loading: the device goes while shaders are compiled',
		long: true,
		strike: (scene) =>
			scene.arm('spare', { at: 'createComputePipelineAsync', nth: 3, blow: 'destroy' })
	},
	{
		...lost,
		name: 'loading: the device goes at the first token',
		long: true,
		strike: (scene) => scene.arm('spare', { at: 'submit', blow: 'destroy' })
	},
	{
		...base,
		name: 'loading: the worker gets no adapter',
		strike: (scene) => scene.arm('spare', { at: 'requestAdapter', blow: 'null' }),
		says: /gives this page no GPU.*No model is loaded now/s,
		leaves: 'nothing'
	},
	{
		...base,
		name: 'loading: a buffer above the limit is asked for',
		long: true,
		strike: (scene) => scene.arm('spare', { at: 'createBuffer', nth: 3, blow: 'oversize' }),
		says: /No model is loaded now/s,
		leaves: 'nothing',
		offers: true
	},
	{
		...base,
		name: 'loading: the GPU runs out of memory',
		long: true,
		strike: (scene) => scene.arm('spare', { at: 'writeBuffer', nth: 5, blow: 'out-of-memory' }),
		says: /ran out of memory.*No model is loaded now/s,
		leaves: 'nothing',
		offers: true
	},
	{
		...base,
		name: 'loading: the computer’s memory is full',
		long: true,
		strike: (scene) => scene.arm('spare', { at: 'createBuffer', nth: 3, blow: 'heap-full' }),
		says: /ran out of the computer’s memory.*No model is loaded now/s,
		leaves: 'nothing',
		offers: true
	},
	{
		...overcome,
		name: 'loading: the engine’s code breaks down',
		long: true,
		strike: (scene) => scene.arm('spare', { at: 'writeBuffer', nth: 5, blow: 'trap' })
	},
	{
		...overcome,
		name: 'loading: the engine says it is done and has loaded nothing',
		strike: (scene) => scene.arm('spare', { at: 'readCache', nth: 3, blow: 'abort' })
	}
]);

const flipped = changed((body) => {
	body[body.length >> 1] = (body[body.length >> 1] ?? 0) ^ 1;
	return body;
});

const rarer = (fault: Fault): Fault => ({ ...fault, long: true });
const download = (name: string, end: string, broken: Broken, says: RegExp): Fault => ({
	...base,
	name: `downloading: ${name}`,
	strike: async (scene) => {
		await scene.forgetFiles();
		scene.network.break(end, broken);
	},
	says,
	leaves: 'nothing'
});

/** Faults of the network, of what it sends, and of the disk; src/lib/files has all of them on a host of its own. */
tellOf([
	rarer(
		download('a shard is short', 'params_shard_0.bin', cutTo(0.5), /params_shard_0\.bin.*No model/s)
	),
	rarer(
		download(
			'a bit of a shard is flipped',
			'params_shard_0.bin',
			flipped,
			/params_shard_0\.bin.*No model/s
		)
	),
	{
		...download(
			'the connection breaks once in the middle of a shard',
			'params_shard_0.bin',
			once(severed(0.5)),
			overcome.says
		),
		leaves: overcome.leaves
	},
	rarer(
		download(
			'the config is broken',
			'mlc-chat-config.json',
			text('{"a":'),
			/mlc-chat-config\.json.*No model/s
		)
	),
	rarer(download('the library is cut off', '.wasm', cutTo(0.5), /\.wasm.*No model/s)),
	rarer(download('the tokenizer is a page', 'tokenizer.json', html, /tokenizer\.json.*No model/s)),
	{
		...base,
		name: 'downloading: the disk is full',
		strike: async (scene) => {
			await scene.forgetFiles();
			await scene.quota(200_000);
		},
		says: /has no room left for.*No model is loaded now/s,
		leaves: 'nothing'
	}
]);
