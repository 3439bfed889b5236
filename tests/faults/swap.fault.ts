import { changed } from '../support/hosts.ts';
import { ONE_AT_A_TIME, tellOf } from './table.ts';

const base = { given: 'loaded', during: 'swap' } as const;
const kept = { ...base, leaves: 'q4f32_1', says: /q4f32_1 is loaded as before/ } as const;
const swapped = { ...base, leaves: 'q0f32', says: /Loaded\./ } as const;
const oneAtATime = { settings: ONE_AT_A_TIME } as const;

/**
 * Faults while q4f32_1 is loaded and q0f32 is asked for. What is kept, brought back or tried again is told in
 * src/lib/panel/faults.svelte.test.ts; here the GPU's memory goes and comes back.
 */
tellOf([
	{
		...kept,
		name: 'swapping beside the old one: the new device goes at the first token',
		offers: true,
		long: true,
		strike: (scene) => scene.arm('spare', { at: 'submit', blow: 'destroy' })
	},
	{
		...kept,
		...oneAtATime,
		name: 'swapping one at a time: the new device goes while weights are uploaded',
		offers: true,
		strike: (scene) => scene.arm('spare', { at: 'writeBuffer', nth: 5, blow: 'destroy' })
	},
	{
		...swapped,
		...oneAtATime,
		during: 'nothing',
		name: 'preparing what is chosen: the new device goes, and the swap starts over',
		long: true,
		strike: async (scene) => {
			await scene.chooseAndPrepare('q0f32', { at: 'requestDevice', blow: 'destroy' });
			await scene.swap();
		}
	},
	{
		...swapped,
		during: 'nothing',
		name: 'preparing what is chosen: its files are deleted, and the swap fetches them again',
		long: true,
		strike: async (scene) => {
			await scene.chooseAndPrepare('q0f32', { at: 'requestDevice', blow: 'forget-files' });
			await scene.swap();
		}
	},
	{
		...kept,
		...oneAtATime,
		name: 'swapping: the library of the new one cannot be compiled',
		long: true,
		strike: async (scene) => {
			await scene.forgetFiles();
			scene.network.break(
				'pocket-q0f32.wasm',
				changed((body) => {
					const code = body.indexOf(Buffer.from([0x0a]), 200);
					return body.fill(0xff, code + 40, code + 400);
				})
			);
		}
	}
]);
