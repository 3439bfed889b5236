import { tellOf } from './table.ts';

const prefill = { at: 'submit', nth: 1 } as const;
/** Some tokens into the answer. */
const decode = { at: 'submit', nth: 12 } as const;
const answering = { given: 'loaded', during: 'answer' } as const;
const recovered = { says: /was loaded again by itself/, leaves: 'q4f32_1' } as const;
const given = { leaves: 'nothing', offers: true } as const;

/**
 * Faults while the loaded model answers, and while it does nothing. What follows from each cause is told in
 * src/lib/panel/faults.svelte.test.ts; here each cause arrives as the browser tells it.
 */
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
		name: 'answering: an invalid command that no call reports',
		long: true,
		strike: (scene) => scene.arm('loaded', { ...decode, blow: 'invalid' }),
		says: /answers would be wrong.*No model is loaded now/s,
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
		given: 'loaded',
		during: 'nothing',
		...recovered,
		name: 'idle: the device goes',
		long: true,
		strike: (scene) => scene.arm('loaded', { at: 'now', blow: 'destroy' })
	}
]);
