import { tellOf } from './table.ts';

const prefill = { at: 'submit', nth: 1 } as const;
/** Some tokens into the answer. */
const decode = { at: 'submit', nth: 12 } as const;
const answering = { given: 'loaded', during: 'answer' } as const;
const idle = { given: 'loaded', during: 'nothing' } as const;
const recovered = { says: /was loaded again by itself/, leaves: 'q4f32_1' } as const;
const given = { leaves: 'nothing', offers: true } as const;

/** Faults while the loaded model answers, and while it does nothing. */
tellOf([
	{
		...answering,
		...recovered,
		name: 'answering: the device goes while the question is read',
		long: true,
		strike: (scene) => scene.arm('loaded', { ...prefill, blow: 'destroy' })
	},
	{
		...answering,
		...recovered,
		name: 'answering: the device goes while the answer is written',
		strike: (scene) => scene.arm('loaded', { ...decode, blow: 'destroy' }),
		partial: true
	},
	{
		...answering,
		...given,
		name: 'answering: the GPU runs out of memory while the question is read',
		long: true,
		strike: (scene) => scene.arm('loaded', { ...prefill, blow: 'out-of-memory' }),
		says: /ran out of memory.*No model is loaded now/s
	},
	{
		...answering,
		...given,
		name: 'answering: the GPU runs out of memory while the answer is written',
		strike: (scene) => scene.arm('loaded', { ...decode, blow: 'out-of-memory' }),
		says: /ran out of memory.*No model is loaded now/s,
		partial: true
	},
	{
		...answering,
		...given,
		name: 'answering: the computer’s memory is full',
		long: true,
		strike: (scene) => scene.arm('loaded', { ...decode, blow: 'heap-full' }),
		says: /computer’s memory.*No model is loaded now/s,
		partial: true
	},
	{
		...answering,
		...given,
		name: 'answering: an invalid command that no call reports',
		long: true,
		strike: (scene) => scene.arm('loaded', { ...decode, blow: 'invalid' }),
		says: /answers would be wrong.*No model is loaded now/s,
		partial: true
	},
	{
		...answering,
		...recovered,
		name: 'answering: the engine’s code breaks down',
		long: true,
		strike: (scene) => scene.arm('loaded', { ...decode, blow: 'trap' }),
		partial: true
	},
	{
		...answering,
		...recovered,
		name: 'answering: the worker throws',
		strike: (scene) => scene.arm('loaded', { ...decode, blow: 'throw' }),
		partial: true
	},
	{
		...answering,
		name: 'answering: out of memory, and something smaller is loaded by itself',
		settings: { afterFailure: 'fallback' },
		strike: (scene) => scene.arm('loaded', { ...decode, blow: 'out-of-memory' }),
		says: /pocket q4f32_1.*is loaded instead/s,
		leaves: 'q4f32_1',
		partial: true
	},
	{
		...idle,
		...recovered,
		name: 'idle: the device goes',
		strike: (scene) => scene.arm('loaded', { at: 'now', blow: 'destroy' })
	},
	{
		...idle,
		...recovered,
		name: 'idle: the worker throws',
		long: true,
		strike: (scene) => scene.arm('loaded', { at: 'now', blow: 'throw' })
	},
	{
		...idle,
		...given,
		name: 'idle: an out-of-memory error arrives late',
		long: true,
		strike: (scene) => scene.arm('loaded', { at: 'now', blow: 'out-of-memory' }),
		says: /ran out of memory.*No model is loaded now/s
	},
	{
		...idle,
		...given,
		name: 'idle: the device goes, and every worker after it breaks down',
		long: true,
		strike: async (scene) => {
			await scene.armAll({ at: 'writeBuffer', nth: 5, blow: 'trap' });
			await scene.arm('loaded', { at: 'now', blow: 'destroy' });
		},
		says: /engine broke down.*No model is loaded now/s
	}
]);
