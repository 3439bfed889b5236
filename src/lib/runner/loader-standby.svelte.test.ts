import { describe, expect, test, vi } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import { atRest, failing, failure, loaderIn, targetOf, type Rig } from './loader.fixture.ts';
import { FakeTabs } from './tabs.fixture.ts';

const A = targetOf('a');
const B = targetOf('b');
const C = targetOf('c');

/** A, and then B beside it: A stands by. */
async function withBoth(tabs = new FakeTabs()): Promise<Rig> {
	const rig = loaderIn(tabs);
	rig.world.beside = true;
	rig.world.keepsTwo = true;
	await rig.loader.load(A);
	await rig.loader.load(B);
	rig.said.length = 0;
	return rig;
}
const names = ({ loader }: Rig) => [loader.loaded?.variant.id, loader.standby?.variant.id];
const holding = ({ engines }: Rig) => engines.holding.length;

test('what a swap takes the place of stays loaded, and its bytes are counted', async () => {
	const rig = await withBoth();
	expect(names(rig)).toEqual(['b', 'a']);
	expect([holding(rig), rig.loader.meter.liveBytes]).toEqual([2, 200]);
	expect(rig.loader.change).toEqual({ kind: 'swap', beforeBytes: 100, afterBytes: 200 });
});

test('a swap back stops the writers and loads nothing', async () => {
	const rig = await withBoth();
	const { length } = rig.engines.made;
	rig.world.download = () => Promise.reject(new Error('It was downloaded.'));
	expect(await rig.loader.load(A)).toBe('loaded');
	expect(names(rig)).toEqual(['a', 'b']);
	expect(rig.said).toEqual(['stop writers', 'switched']);
	expect([rig.engines.made.length, holding(rig)]).toEqual([length, 2]);
	expect(rig.loader.swapGapMs).toBeGreaterThan(0);
	expect(rig.loader.change).toEqual({ kind: 'swap', beforeBytes: 200, afterBytes: 200 });
});

test('a load may ask for it where the policy keeps one, and the next load does not go on with it', async () => {
	const rig = loaderIn();
	rig.world.beside = true;
	await rig.loader.load(A);
	await rig.loader.load({ ...B, beside: true });
	expect(names(rig)).toEqual(['b', 'a']);
	await rig.loader.load(C);
	await atRest(rig, 'c');
	expect(rig.loader.standby).toBeNull();
});

describe('nothing stands by', () => {
	test.each([
		['where one is to be loaded', { keepsTwo: false, beside: true }],
		['where two do not fit', { keepsTwo: true, beside: false }]
	])('%s', async (_, world) => {
		const rig = loaderIn();
		Object.assign(rig.world, world);
		await rig.loader.load(A);
		await rig.loader.load(B);
		await atRest(rig, 'b');
		expect(rig.loader.standby).toBeNull();
	});

	test('of the same variant with another window', async () => {
		const rig = loaderIn();
		Object.assign(rig.world, { keepsTwo: true, beside: true });
		await rig.loader.load(A);
		await rig.loader.load(targetOf('a', 2048));
		await vi.waitFor(() => expect(holding(rig)).toBe(1));
		expect(rig.loader.standby).toBeNull();
	});
});

test('it goes before the weights of a third come', async () => {
	const rig = await withBoth();
	const loading = gate();
	rig.engines.scripts = [{ load: loading.step }];
	const third = rig.loader.load(C);
	await loading.reached;
	expect(names(rig)).toEqual(['b', undefined]);
	expect(holding(rig)).toBe(2);
	loading.open();
	expect(await third).toBe('loaded');
	expect(names(rig)).toEqual(['c', 'b']);
	expect(holding(rig)).toBe(2);
});

test('with another window, or tokens chosen in another way, it is loaded again', async () => {
	const rig = await withBoth();
	expect(await rig.loader.load(targetOf('a', 2048))).toBe('loaded');
	expect(rig.said).toContain('loaded a');
	await rig.loader.load(B);
	rig.said.length = 0;
	rig.world.tokenSampling = 'lean';
	await rig.loader.load(targetOf('a', 2048));
	expect(rig.said).toContain('loaded a');
	expect(holding(rig)).toBe(2);
});

test('nothing is prepared for what stands by', async () => {
	const rig = await withBoth();
	rig.loader.prepareSpare();
	const { length } = rig.engines.made;
	await rig.loader.prepare(A);
	expect(rig.engines.made.length).toBeLessThanOrEqual(length + 1);
	expect(rig.engines.made.some(({ holds, prepared }) => prepared && !holds)).toBe(false);
});

test.each(['unload', 'idle', 'another tab'])('it goes with what is loaded: %s', async (how) => {
	const tabs = new FakeTabs();
	const rig = await withBoth(tabs);
	if (how === 'unload') await rig.loader.unload();
	else if (how === 'idle') await rig.loader.unloadIdle(5);
	else await loaderIn(tabs).loader.load(C, { takeOver: true });
	await rig.loader.settled();
	expect(names(rig)).toEqual([undefined, undefined]);
	expect([holding(rig), rig.loader.meter.liveBytes]).toEqual([0, 0]);
});

test('it can be let go alone', async () => {
	const rig = await withBoth();
	await rig.loader.letStandbyGo();
	await atRest(rig, 'b');
	expect(rig.loader.standby).toBeNull();
});

test('lost while it stands by it goes without a word, and what is loaded stays', async () => {
	const rig = await withBoth();
	const [standing] = rig.engines.holding;
	standing?.lose(failure('device-lost'));
	expect(names(rig)).toEqual(['b', undefined]);
	expect([rig.loader.problem, rig.loader.status.kind]).toEqual([null, 'idle']);
	await atRest(rig, 'b');
});

test('lost while the writers stop, it is loaded from its files', async () => {
	const rig = await withBoth();
	const [standing] = rig.engines.holding;
	const stopping = gate();
	rig.world.stopWriters = () => stopping.step().then(() => undefined);
	const back = rig.loader.load(A);
	await stopping.reached;
	standing?.lose(failure('worker-died'));
	rig.world.stopWriters = () => Promise.resolve();
	stopping.open();
	expect(await back).toBe('loaded');
	expect(rig.said).toContain('loaded a');
	expect(names(rig)).toEqual(['a', 'b']);
});

test('a swap back that is cancelled leaves both as they were', async () => {
	const rig = await withBoth();
	const stopping = gate();
	rig.world.stopWriters = () => stopping.step().then(() => undefined);
	const back = rig.loader.load(A);
	await stopping.reached;
	rig.loader.cancel();
	stopping.open();
	expect(await back).toBe('cancelled');
	expect(names(rig)).toEqual(['b', 'a']);
	expect(holding(rig)).toBe(2);
});

test('memory that runs out is the second one’s fault first: it goes, and the loaded one comes back', async () => {
	const rig = await withBoth();
	rig.engines.holding[1]?.lose(failure('out-of-memory'));
	expect(rig.loader.crowded).toBe(true);
	await rig.loader.settled();
	expect(rig.said).toEqual(['loaded b']);
	expect(rig.loader.problem).toBeNull();
	await atRest(rig, 'b');
	rig.engines.holding[0]?.lose(failure('out-of-memory'));
	expect(rig.loader.crowded).toBe(false);
	await rig.loader.settled();
	expect(rig.loader.problem?.failure.kind).toBe('out-of-memory');
	await atRest(rig, null);
});

test('a swap that fails with nothing left to use leaves nothing standing by', async () => {
	const rig = await withBoth();
	const downloading = gate();
	rig.world.download = () => downloading.step().then(() => undefined);
	rig.world.onDisk = false;
	const third = rig.loader.load(C);
	await downloading.reached;
	// It is lost while the third is downloaded, which fails, and it does not come back.
	rig.engines.scripts = [{ load: failing('gpu-error') }];
	rig.engines.holding[1]?.lose(failure('worker-died'));
	downloading.fail(failure('network'));
	expect(await third).toBe('failed');
	expect(names(rig)).toEqual([undefined, undefined]);
	await atRest(rig, null);
});
