import { expect } from 'playwright/test';
import { changed, missing } from '../support/hosts.ts';
import { ONE_AT_A_TIME, tellOf, type Fault } from './table.ts';

const base = { given: 'loaded', during: 'swap' } as const;
const kept = { ...base, leaves: 'q4f32_1', says: /q4f32_1 is loaded as before/ } as const;
const swapped = { ...base, leaves: 'q0f32', says: /Loaded\./ } as const;
const oneAtATime = { settings: ONE_AT_A_TIME } as const;

const broken = {
	destroy: 'the new device goes',
	throw: 'its worker throws'
};

/** Faults while q4f32_1 is loaded and q0f32 is asked for. */
tellOf([
	...(
		[
			['as soon as it was given', { at: 'requestDevice' }, null],
			['while weights are uploaded', { at: 'writeBuffer', nth: 5 }, 'one at a time'],
			['while shaders are compiled', { at: 'createComputePipelineAsync', nth: 3 }, null],
			['at the first token', { at: 'submit' }, 'beside']
		] as const
	).flatMap(([when, place, always]): Fault[] => [
		{
			...kept,
			name: `swapping beside the old one: the new device goes ${when}`,
			offers: true,
			long: always !== 'beside',
			strike: (scene) => scene.arm('spare', { ...place, blow: 'destroy' })
		},
		{
			...kept,
			...oneAtATime,
			name: `swapping one at a time: the new device goes ${when}`,
			offers: true,
			long: always !== 'one at a time',
			strike: (scene) => scene.arm('spare', { ...place, blow: 'destroy' })
		}
	]),
	...(['destroy', 'throw'] as const).map((blow): Fault => ({
		...swapped,
		...oneAtATime,
		during: 'nothing',
		name: `preparing what is chosen: ${broken[blow]}, and the swap begins anew`,
		long: blow !== 'destroy',
		strike: async (scene) => {
			await scene.chooseAndPrepare('q0f32', { at: 'requestDevice', blow });
			await scene.swap();
		}
	})),
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
		...swapped,
		...oneAtATime,
		name: 'swapping: the worker throws, and a second one does it',
		long: true,
		strike: (scene) => scene.arm('spare', { at: 'writeBuffer', nth: 5, blow: 'throw' })
	},
	{
		...kept,
		...oneAtATime,
		name: 'swapping: the GPU runs out of memory, and the old one comes back',
		offers: true,
		strike: (scene) => scene.arm('spare', { at: 'writeBuffer', nth: 5, blow: 'out-of-memory' })
	},
	{
		...base,
		...oneAtATime,
		name: 'swapping: every worker breaks down, so that the old one does not come back either',
		long: true,
		leaves: 'nothing',
		says: /engine broke down.*No model is loaded now/s,
		offers: true,
		strike: (scene) => scene.armAll({ at: 'writeBuffer', nth: 5, blow: 'trap' })
	},
	{
		...kept,
		name: 'swapping: a shard of the new one is missing',
		long: true,
		strike: async (scene) => {
			await scene.forgetFiles();
			scene.network.break('q0f32/resolve/main/params_shard_0.bin', missing);
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
	},
	{
		...kept,
		name: 'swapping: the disk is full',
		long: true,
		strike: async (scene) => {
			await scene.forgetFiles();
			await scene.quota(200_000);
		}
	},
	{
		...swapped,
		name: 'swapping: the old device goes while the new one is downloaded',
		strike: async (scene) => {
			await scene.forgetFiles();
			scene.network.break('q0f32/resolve/main/params_shard_0.bin', async (route) => {
				await scene.arm('loaded', { at: 'now', blow: 'destroy' });
				await expect.poll(() => scene.liveBytes()).toBe(0);
				await route.continue();
			});
		}
	},
	{
		...kept,
		name: 'swapping: the old device goes, and the new one cannot be downloaded',
		long: true,
		strike: async (scene) => {
			await scene.forgetFiles();
			scene.network.break('q0f32/resolve/main/params_shard_0.bin', async (route, real) => {
				await scene.arm('loaded', { at: 'now', blow: 'destroy' });
				await expect.poll(() => scene.liveBytes()).toBe(0);
				await missing(route, real);
			});
		}
	}
]);
