import { describe, expect, test } from 'vitest';
import { atRest, failing, loaderIn, targetOf } from './loader.fixture.ts';

const A = targetOf('a');
const B = targetOf('b');
const C = targetOf('c');

describe('preparing', () => {
	test('what was chosen leaves a swap only the GPU to fill', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		await rig.loader.prepare(B);
		expect(rig.engines.holding).toHaveLength(1);
		await rig.loader.load(B);
		expect(rig.engines.made).toHaveLength(2);
		await atRest(rig, 'b');
	});

	test('is done only beside a loaded model, and of what lies whole on disk', async () => {
		const rig = loaderIn();
		await rig.loader.prepare(B);
		await rig.loader.load(A);
		rig.world.onDisk = false;
		await rig.loader.prepare(B);
		expect(rig.engines.made.some(({ request }) => request?.record.model_id === 'b')).toBe(false);
	});

	test('something else than is loaded then is replaced', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		await rig.loader.prepare(B);
		await rig.loader.load(C);
		expect(rig.engines.made.map(({ ended }) => ended)).toEqual([true, true, false]);
		await atRest(rig, 'c');
	});

	test('ends with unloading: it holds a device', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		await rig.loader.prepare(B);
		await rig.loader.unload();
		expect(rig.engines.alive.filter(({ prepared }) => prepared)).toHaveLength(0);
		await atRest(rig, null);
	});

	test('that fails is left to the swap', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		rig.engines.scripts = [{ prepare: failing('device-lost') }];
		await rig.loader.prepare(B);
		expect(rig.loader.problem).toBeNull();
		expect(await rig.loader.load(B)).toBe('loaded');
	});
});
