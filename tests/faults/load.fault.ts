import {
	changed,
	cutTo,
	html,
	missing,
	once,
	text,
	type Fault as Broken
} from '../support/hosts.ts';
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
		strike: (scene) => scene.arm('spare', { at: 'writeBuffer', nth: 5, blow: 'out-of-memory' }),
		says: /ran out of memory.*No model is loaded now/s,
		leaves: 'nothing',
		offers: true
	},
	{
		...base,
		name: 'loading: the GPU runs out of memory, and nothing is to be done about it',
		long: true,
		settings: { afterFailure: 'stop' },
		strike: (scene) => scene.arm('spare', { at: 'writeBuffer', nth: 5, blow: 'out-of-memory' }),
		says: /ran out of memory.*No model is loaded now/s,
		leaves: 'nothing'
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
		...base,
		name: 'loading: an invalid command that no call reports',
		long: true,
		strike: (scene) => scene.arm('spare', { at: 'writeBuffer', nth: 5, blow: 'invalid' }),
		says: /reported an error, so answers would be wrong.*No model is loaded now/s,
		leaves: 'nothing',
		offers: true
	},
	{
		...overcome,
		name: 'loading: the worker throws while weights are uploaded',
		long: true,
		strike: (scene) => scene.arm('spare', { at: 'writeBuffer', nth: 5, blow: 'throw' })
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
	},
	{
		...base,
		name: 'loading: every worker breaks down, and it is tried no more than twice',
		long: true,
		strike: (scene) => scene.armAll({ at: 'writeBuffer', nth: 5, blow: 'trap' }),
		says: /engine broke down.*No model is loaded now/s,
		leaves: 'nothing',
		offers: true
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
/** Gone when it is asked for again. */
const passing = (name: string, end: string, broken: Broken): Fault => ({
	...download(name, end, once(broken), overcome.says),
	leaves: overcome.leaves
});

/** Faults of the network, of what it sends, and of the disk. */
tellOf([
	rarer(
		download('a shard is missing', 'params_shard_0.bin', missing, /params_shard_0\.bin.*No model/s)
	),
	download('a shard is short', 'params_shard_0.bin', cutTo(0.5), /params_shard_0\.bin.*No model/s),
	rarer(
		download(
			'a shard is long',
			'params_shard_0.bin',
			changed((body) => Buffer.concat([body, Buffer.alloc(16)])),
			/params_shard_0\.bin.*No model/s
		)
	),
	download(
		'a bit of a shard is flipped',
		'params_shard_0.bin',
		flipped,
		/params_shard_0\.bin.*No model/s
	),
	rarer(passing('a bit of a shard is flipped once', 'params_shard_0.bin', flipped)),
	passing(
		'the connection breaks once in the middle of a shard',
		'params_shard_0.bin',
		severed(0.5)
	),
	rarer(
		download(
			'the connection breaks in the middle of a shard, again and again',
			'params_shard_0.bin',
			severed(0.5),
			/params_shard_0\.bin.*No model/s
		)
	),
	rarer(
		download('the manifest is a page', 'tensor-cache.json', html, /tensor-cache\.json.*No model/s)
	),
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
		says: /room.*No model is loaded now/s,
		leaves: 'nothing'
	}
]);
