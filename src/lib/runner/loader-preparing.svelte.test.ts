import { describe, expect, test } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import { atRest, failing, failure, loaderIn, targetOf, type Rig } from './loader.fixture.ts';

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

describe('a library is compiled from the moment a load is asked for', () => {
	const libraries = ({ engines }: Rig) => engines.alive.map(({ compiled }) => compiled);

	test('while its files are looked at, in the engine that then loads it', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		const looking = gate();
		rig.world.inspect = looking.step;
		const loading = rig.loader.load(B);
		await looking.reached;
		expect(libraries(rig)).toEqual(['https://h/a.wasm', 'https://h/b.wasm']);
		looking.open();
		await loading;
		expect(rig.engines.made).toHaveLength(2);
		await atRest(rig, 'b');
	});

	test('and let go where the load is refused, cancelled or superseded', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		rig.world.admit = () => {
			throw failure('blocked');
		};
		expect(await rig.loader.load(B)).toBe('failed');
		expect(libraries(rig)).toEqual(['https://h/a.wasm', null]);
		rig.world.admit = () => undefined;

		const looking = gate();
		rig.world.inspect = looking.step;
		const loading = rig.loader.load(B);
		await looking.reached;
		rig.loader.cancel();
		expect(await loading).toBe('cancelled');
		expect(libraries(rig)).toEqual(['https://h/a.wasm', null]);

		const superseded = rig.loader.load(B);
		await Promise.resolve();
		rig.world.inspect = () => Promise.resolve();
		expect(await rig.loader.load(C)).toBe('loaded');
		expect(await superseded).toBe('superseded');
		expect(libraries(rig)).toEqual(['https://h/c.wasm']);
		await atRest(rig, 'c');
	});

	test('and kept while weights are fetched beside what is loaded', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		rig.world.missing = true;
		const fetching = gate();
		rig.world.download = fetching.step;
		const loading = rig.loader.load(B);
		await fetching.reached;
		expect(libraries(rig)).toEqual(['https://h/a.wasm', 'https://h/b.wasm']);
		fetching.open();
		expect(await loading).toBe('loaded');
		expect(rig.engines.made).toHaveLength(2);
		await atRest(rig, 'b');
	});
});
