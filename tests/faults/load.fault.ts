import { tellOf, type Fault } from './table.ts';

const base = { given: 'nothing', during: 'load' } as const;

/** Faults while the first model is being loaded. */
const faults: Fault[] = [
	{
		...base,
		name: 'loading: the device goes as soon as it was given',
		strike: (scene) => scene.arm('spare', { at: 'requestDevice', blow: 'destroy' }),
		says: /lost its connection to the GPU.*No model is loaded now/s,
		leaves: 'nothing',
		offers: true
	},
	{
		...base,
		name: 'loading: the device goes while weights are uploaded',
		strike: (scene) => scene.arm('spare', { at: 'writeBuffer', nth: 5, blow: 'destroy' }),
		says: /lost its connection to the GPU.*No model is loaded now/s,
		leaves: 'nothing',
		offers: true
	},
	{
		...base,
		name: 'loading: the device goes while shaders are compiled',
		strike: (scene) =>
			scene.arm('spare', { at: 'createComputePipelineAsync', nth: 3, blow: 'destroy' }),
		says: /lost its connection to the GPU.*No model is loaded now/s,
		leaves: 'nothing',
		offers: true
	},
	{
		...base,
		name: 'loading: the device goes at the first token',
		strike: (scene) => scene.arm('spare', { at: 'submit', blow: 'destroy' }),
		says: /lost its connection to the GPU.*No model is loaded now/s,
		leaves: 'nothing',
		offers: true
	},
	{
		...base,
		name: 'loading: the worker throws while weights are uploaded',
		strike: (scene) => scene.arm('spare', { at: 'writeBuffer', nth: 5, blow: 'throw' }),
		says: /Loaded\./,
		leaves: 'q4f32_1'
	}
];

tellOf(faults);
