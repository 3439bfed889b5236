import { describe, expect, test } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import { atRest, failing, loaderIn, targetOf } from './loader.fixture.ts';
import { FakeTabs } from './tabs.fixture.ts';

const A = targetOf('a');
const B = targetOf('b');
const C = targetOf('c');

describe('cancelling', () => {
	test('while files are fetched keeps what was loaded', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		const fetching = gate();
		rig.world.download = fetching.step;
		const swapping = rig.loader.load(B);
		await fetching.reached;
		rig.loader.cancel();
		expect(await swapping).toBe('cancelled');
		expect(rig.loader.problem?.failure.kind).toBe('cancelled');
		await atRest(rig, 'a');
	});

	test.each(['prepare', 'load'] as const)(
		'during %s of a first load leaves nothing',
		async (step) => {
			const rig = loaderIn();
			const stuck = gate();
			rig.engines.scripts = [{ [step]: stuck.step }];
			const loading = rig.loader.load(A);
			await stuck.reached;
			rig.loader.cancel();
			expect(await loading).toBe('cancelled');
			expect(rig.engines.alive).toHaveLength(0);
			await atRest(rig, null);
		}
	);

	test('a swap that has released the old one brings it back', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		const stuck = gate();
		rig.engines.scripts = [{ load: stuck.step }];
		const swapping = rig.loader.load(B);
		await stuck.reached;
		rig.loader.cancel();
		expect(await swapping).toBe('cancelled');
		await atRest(rig, 'a');
	});

	test('a roll-back ends with nothing loaded', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		const stuck = gate();
		rig.engines.scripts = [{ load: failing('out-of-memory') }, { load: stuck.step }];
		const swapping = rig.loader.load(B);
		await stuck.reached;
		expect(rig.loader.status.kind).toBe('rolling-back');
		rig.loader.cancel();
		await swapping;
		expect(rig.loader.problem).toMatchObject({ failure: { kind: 'out-of-memory' }, kept: null });
		await atRest(rig, null);
	});

	test('twice: the swap and then its roll-back', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		const [loading, back] = [gate(), gate()];
		rig.engines.scripts = [{ load: loading.step }, { load: back.step }];
		const swapping = rig.loader.load(B);
		await loading.reached;
		rig.loader.cancel();
		await back.reached;
		rig.loader.cancel();
		expect(await swapping).toBe('cancelled');
		await atRest(rig, null);
	});

	test('while the writers of the old one stop keeps the old one', async () => {
		const rig = loaderIn();
		rig.world.beside = true;
		await rig.loader.load(A);
		const stopping = gate();
		rig.world.stopWriters = stopping.step;
		const swapping = rig.loader.load(B);
		await stopping.reached;
		rig.loader.cancel();
		stopping.open();
		expect(await swapping).toBe('cancelled');
		await atRest(rig, 'a');
	});

	test('while the GPU is waited for ends the wait', async () => {
		const rig = loaderIn();
		const waiting = gate();
		rig.world.gpuIsBack = () => waiting.step().then(() => false);
		rig.engines.scripts = [{ load: failing('device-lost') }];
		const loading = rig.loader.load(A);
		await waiting.reached;
		rig.loader.cancel();
		waiting.open();
		expect(await loading).toBe('cancelled');
		expect(rig.said).not.toContain('gpu gone');
		await atRest(rig, null);
	});

	test('while another tab is asked takes nothing from it', async () => {
		const tabs = new FakeTabs();
		const [first, second] = [loaderIn(tabs), loaderIn(tabs)];
		await first.loader.load(A);
		const stopping = gate();
		first.world.stopWriters = stopping.step;
		const taking = second.loader.load(B, { takeOver: true });
		await stopping.reached;
		expect(second.loader.status.kind).toBe('taking-over');
		second.loader.cancel();
		expect(await taking).toBe('cancelled');
		stopping.open();
		await first.loader.settled();
		await atRest(first, null);
		await atRest(second, null);
	});

	test('one load by its own signal leaves a later one alone', async () => {
		const rig = loaderIn();
		const cancel = new AbortController();
		const stuck = gate();
		rig.engines.scripts = [{ load: stuck.step }];
		const first = rig.loader.load(A, { signal: cancel.signal });
		await stuck.reached;
		const second = rig.loader.load(B);
		cancel.abort();
		expect([await first, await second]).toEqual(['superseded', 'loaded']);
		expect(await rig.loader.load(C, { signal: cancel.signal })).toBe('cancelled');
		await atRest(rig, 'b');
	});
});

describe('unloading', () => {
	test('stops the writers first and frees the GPU', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		const stopping = gate();
		rig.world.stopWriters = stopping.step;
		const unloading = rig.loader.unload();
		expect(rig.loader.status.kind).toBe('unloading');
		expect(rig.loader.leaving).toBe(true);
		await stopping.reached;
		expect(rig.engines.holding).toHaveLength(1);
		stopping.open();
		await unloading;
		await atRest(rig, null);
	});

	test('and loading at once keeps the lock: a second tab does not load beside it', async () => {
		const tabs = new FakeTabs();
		const [first, second] = [loaderIn(tabs), loaderIn(tabs)];
		await first.loader.load(A);
		for (let i = 0; i < 20; i++) {
			void first.loader.unload();
			await first.loader.load(A);
			expect(first.loader.loaded).not.toBeNull();
			await second.loader.load(B);
			expect(second.loader.problem?.failure.kind).toBe('elsewhere');
		}
		await atRest(first, 'a');
		expect(second.engines.holding).toHaveLength(0);
	});

	test('after a while without use, and loading at once, keeps the lock too', async () => {
		const tabs = new FakeTabs();
		const [first, second] = [loaderIn(tabs), loaderIn(tabs)];
		await first.loader.load(A);
		void first.loader.unloadIdle(5);
		await first.loader.load(A);
		expect(first.loader.note).toBeNull();
		await second.loader.load(B);
		expect(second.loader.problem?.failure.kind).toBe('elsewhere');
		await atRest(first, 'a');
	});

	test('after a while without use says so, and does nothing where nothing is loaded or something runs', async () => {
		const rig = loaderIn();
		await rig.loader.unloadIdle(5);
		expect(rig.loader.note).toBeNull();
		await rig.loader.load(A);
		const stuck = gate();
		rig.world.download = stuck.step;
		const swapping = rig.loader.load(B);
		await rig.loader.unloadIdle(5);
		stuck.open();
		await swapping;
		rig.world.download = () => Promise.resolve();
		await rig.loader.unloadIdle(5);
		expect(rig.loader.note).toMatchObject({ kind: 'unloaded-idle', target: B, minutes: 5 });
		await atRest(rig, null);
	});

	test('in the middle of a swap brings nothing back', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		const stuck = gate();
		rig.engines.scripts = [{ load: stuck.step }];
		const swapping = rig.loader.load(B);
		await stuck.reached;
		await rig.loader.unload();
		expect(await swapping).toBe('unloaded');
		expect(rig.loader.problem).toBeNull();
		expect(rig.engines.made).toHaveLength(2);
		await atRest(rig, null);
	});

	test('cannot be cancelled half-way', async () => {
		const rig = loaderIn();
		const freeing = gate();
		rig.engines.scripts = [{ dispose: freeing.step }];
		await rig.loader.load(A);
		const unloading = rig.loader.unload();
		await freeing.reached;
		rig.loader.cancel();
		freeing.open();
		await unloading;
		await atRest(rig, null);
	});

	test('waits for the writers, and says from the beginning that it is leaving', async () => {
		const rig = loaderIn();
		const stopping = gate();
		const loading = rig.loader.load(A);
		expect(rig.loader.leaving).toBe(false);
		await loading;
		rig.world.stopWriters = stopping.step;
		const unloading = rig.loader.unload();
		expect(rig.loader.leaving).toBe(true);
		await stopping.reached;
		await new Promise((resolve) => setTimeout(resolve, 5));
		expect(rig.engines.holding).toHaveLength(1);
		stopping.open();
		await unloading;
		expect(rig.loader.leaving).toBe(false);
		await atRest(rig, null);
	});

	test('where nothing is loaded asks nobody to stop', async () => {
		const rig = loaderIn();
		await rig.loader.unload();
		expect([rig.said, rig.loader.change]).toEqual([[], null]);
	});

	test('waits until an engine that was replaced has freed the GPU', async () => {
		const rig = loaderIn();
		rig.world.beside = true;
		const freeing = gate();
		rig.engines.scripts = [{ dispose: freeing.step }];
		await rig.loader.load(A);
		await rig.loader.load(B);
		let gone = false;
		const unloading = rig.loader.unload().then(() => (gone = true));
		await new Promise((resolve) => setTimeout(resolve, 5));
		expect(gone).toBe(false);
		freeing.open();
		await unloading;
		expect(rig.loader.change).toEqual({ kind: 'unload', beforeBytes: 200, afterBytes: 0 });
	});

	test('of what held no bytes changes none', async () => {
		const rig = loaderIn();
		rig.engines.bytesOf = () => 0;
		await rig.loader.load(A);
		await rig.loader.unload();
		expect(rig.loader.change).toBeNull();
	});
});

test('a load ends with its own signal, however far it has come', async () => {
	const rig = loaderIn();
	const stuck = gate();
	rig.engines.scripts = [{ load: stuck.step }];
	const controller = new AbortController();
	const loading = rig.loader.load(A, { signal: controller.signal });
	await stuck.reached;
	controller.abort();
	expect(await loading).toBe('cancelled');
	await atRest(rig, null);
	expect(await rig.loader.load(A, { signal: controller.signal })).toBe('cancelled');
	expect(rig.engines.made).toHaveLength(1);
});
