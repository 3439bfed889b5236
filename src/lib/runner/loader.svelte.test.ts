import { describe, expect, test, vi } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import { atRest, failing, failure, loaderIn, targetOf } from './loader.fixture.ts';

const A = targetOf('a');
const B = targetOf('b');
const C = targetOf('c');

describe('a load', () => {
	test('goes from the files to a token, and holds files and lock from then on', async () => {
		const rig = loaderIn();
		const seen: string[] = [];
		rig.world.download = () => {
			seen.push(rig.loader.status.kind);
			return Promise.resolve();
		};
		rig.engines.scripts = [
			{
				load: () => {
					seen.push(rig.loader.status.kind);
					return Promise.resolve();
				}
			}
		];
		const loading = rig.loader.load(A);
		expect(rig.loader.status.kind).toBe('downloading');
		expect(await loading).toBe('loaded');
		expect(seen).toEqual(['downloading', 'loading']);
		expect(rig.said).toEqual(['fetching a', 'fetched a', 'loaded a']);
		await atRest(rig, 'a');
	});

	test('leaves a mark while it runs, and none afterwards', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		expect(rig.marks).toEqual(['a starting', 'a uploading', 'a warming-up', 'clear']);
		rig.engines.scripts = [{ load: failing('out-of-memory') }];
		await rig.loader.load(B);
		expect(rig.marks.at(-1)).toBe('clear');
	});

	test('takes the engine that was made ahead', async () => {
		const rig = loaderIn();
		rig.loader.prepareSpare();
		rig.loader.prepareSpare();
		await rig.loader.load(A);
		expect(rig.engines.made).toHaveLength(1);
	});

	test('that is refused by its plan fetches nothing', async () => {
		const rig = loaderIn();
		rig.world.admit = () => {
			throw failure('blocked');
		};
		rig.world.download = () => Promise.reject(new Error('It was fetched.'));
		expect(await rig.loader.load(A)).toBe('failed');
		expect(rig.loader.problem?.failure.kind).toBe('blocked');
		await atRest(rig, null);
	});

	test('is told before it says what is offered: the failure lowers what is thought to fit', async () => {
		const rig = loaderIn();
		let known = 0;
		rig.world.smaller = () => {
			known = rig.said.filter((text) => text.startsWith('failed')).length;
			return B;
		};
		rig.engines.scripts = [{ load: failing('out-of-memory') }];
		await rig.loader.load(A);
		expect(known).toBe(1);
		expect(rig.loader.problem).toMatchObject({ next: B, kept: null, instead: false });
	});

	test.each(['device-lost', 'worker-died', 'silent', 'nothing-loaded'] as const)(
		'that fails once with %s is repeated by itself, and no second time',
		async (kind) => {
			const rig = loaderIn();
			rig.engines.scripts = [{ load: failing(kind) }];
			expect(await rig.loader.load(A)).toBe('loaded');
			await rig.loader.unload();
			rig.engines.scripts = [{ load: failing(kind) }, { load: failing(kind) }];
			expect(await rig.loader.load(A)).toBe('failed');
			await atRest(rig, null);
		}
	);

	test.each(['out-of-memory', 'gpu-error', 'engine', 'unsupported'] as const)(
		'that fails with %s is not repeated',
		async (kind) => {
			const rig = loaderIn();
			rig.engines.scripts = [{ load: failing(kind) }];
			expect(await rig.loader.load(A)).toBe('failed');
			expect(rig.loader.problem?.failure.kind).toBe(kind);
			await atRest(rig, null);
		}
	);

	test('whose device goes is failed in time, although the engine says nothing', async () => {
		const rig = loaderIn();
		const stuck = gate();
		rig.engines.scripts = [{ load: stuck.step }];
		const loading = rig.loader.load(A);
		await stuck.reached;
		const [engine] = rig.engines.made;
		engine?.lose(failure('device-lost', { reason: 'destroyed' }));
		engine?.lose(failure('out-of-memory'));
		expect(rig.timers).toHaveLength(1);
		rig.timers[0]?.();
		await loading;
		expect(rig.loader.problem?.failure.kind).toBe('out-of-memory');
		await atRest(rig, null);
	});

	test('waits for the GPU to come back, and says so when it stays away', async () => {
		const rig = loaderIn();
		rig.world.gpuIsBack = () => Promise.resolve(false);
		rig.engines.scripts = [{ load: failing('device-lost') }];
		expect(await rig.loader.load(A)).toBe('failed');
		expect(rig.loader.problem?.failure.kind).toBe('no-adapter');
		expect(rig.said).toContain('gpu gone');
		await atRest(rig, null);
	});

	test('ends the one before, which leaves nothing behind', async () => {
		const rig = loaderIn();
		const stuck = gate();
		rig.engines.scripts = [{ load: stuck.step }];
		const first = rig.loader.load(A);
		await stuck.reached;
		const second = rig.loader.load(B);
		expect([await first, await second]).toEqual(['superseded', 'loaded']);
		expect(rig.loader.problem).toBeNull();
		await atRest(rig, 'b');
	});

	test('that was lost in the moment it was done is a failure', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		rig.engines.scripts = [
			{
				load: () => {
					// Said after its last call was answered, and before anyone listens again.
					queueMicrotask(() => (rig.engines.made[1]!.failure = failure('gpu-error')));
					return Promise.resolve();
				}
			}
		];
		expect(await rig.loader.load(B)).toBe('failed');
		await atRest(rig, 'a');
	});
});

describe('a swap', () => {
	test('with a gap releases the old one when the new one only needs the GPU', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		const preparing = gate();
		rig.engines.scripts = [{ prepare: preparing.step }];
		const swapping = rig.loader.load(B);
		await preparing.reached;
		expect(rig.loader.loaded?.variant.id).toBe('a');
		preparing.open();
		expect(await swapping).toBe('loaded');
		expect(rig.loader.swapGapMs).toBeGreaterThan(0);
		expect(rig.said).toEqual([
			'fetching a',
			'fetched a',
			'loaded a',
			'fetching b',
			'fetched b',
			'stop writers',
			'loaded b'
		]);
		await atRest(rig, 'b');
	});

	test('tells what the GPU held before and holds now, until the next attempt', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		expect(rig.loader.change).toBeNull();
		const beforeBytes = rig.loader.meter.liveBytes;
		for (const beside of [true, false]) {
			rig.world.beside = beside;
			const [from, to] = [rig.loader.loaded, beside ? B : A];
			const held = rig.loader.meter.liveBytes;
			await rig.loader.load(to);
			expect(rig.loader.loaded).not.toBe(from);
			await expect.poll(() => rig.engines.holding).toHaveLength(1);
			expect(rig.loader.change).toEqual({
				kind: 'swap',
				beforeBytes: held,
				afterBytes: rig.loader.meter.liveBytes
			});
		}
		expect(rig.loader.meter.liveBytes).toBe(beforeBytes);
		await rig.loader.unload();
		expect(rig.loader.change).toEqual({ kind: 'unload', beforeBytes, afterBytes: 0 });
		await rig.loader.load(A);
		expect(rig.loader.change).toBeNull();
	});

	test('that fails tells of no change', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		rig.engines.scripts = [{ load: () => Promise.reject(failure('out-of-memory')) }];
		await rig.loader.load(B);
		expect(rig.loader.change).toBeNull();
	});

	test('never has two models on the GPU where they do not fit at once', async () => {
		const rig = loaderIn();
		const freeing = gate();
		rig.engines.scripts = [{ dispose: freeing.step }];
		await rig.loader.load(A);
		const swapping = rig.loader.load(B);
		await freeing.reached;
		await new Promise((resolve) => setTimeout(resolve));
		expect(rig.engines.holding).toHaveLength(1);
		freeing.open();
		await swapping;
		await atRest(rig, 'b');
	});

	test('beside the old one lets it answer until the new one is there', async () => {
		const rig = loaderIn();
		rig.world.beside = true;
		await rig.loader.load(A);
		const loading = gate();
		rig.engines.scripts = [{ load: loading.step }];
		const swapping = rig.loader.load(B);
		await loading.reached;
		expect(rig.loader.loaded?.variant.id).toBe('a');
		expect(rig.loader.meter.liveBytes).toBe(200);
		loading.open();
		expect(await swapping).toBe('loaded');
		await atRest(rig, 'b');
	});

	test('beside an old one that is slow to go: the next load waits for its memory', async () => {
		const rig = loaderIn();
		rig.world.beside = true;
		const freeing = gate();
		rig.engines.scripts = [{ dispose: freeing.step }];
		await rig.loader.load(A);
		await rig.loader.load(B);
		expect(rig.loader.meter.liveBytes).toBe(200);
		const third = rig.loader.load(C);
		await new Promise((resolve) => setTimeout(resolve, 5));
		expect(rig.engines.holding).toHaveLength(2);
		freeing.open();
		await third;
		await vi.waitFor(() => atRest(rig, 'c'));
	});

	test('that fails brings the old one back', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		rig.engines.scripts = [{ load: failing('out-of-memory') }];
		const seen: string[] = [];
		rig.engines.scripts.push({
			load: () => {
				seen.push(rig.loader.status.kind);
				return Promise.resolve();
			}
		});
		expect(await rig.loader.load(B)).toBe('failed');
		expect(seen).toEqual(['rolling-back']);
		expect(rig.loader.problem).toMatchObject({ failure: { kind: 'out-of-memory' }, target: B });
		expect(rig.loader.problem?.kept?.variant.id).toBe('a');
		await atRest(rig, 'a');
	});

	test('beside that fails keeps the old one, which was never away', async () => {
		const rig = loaderIn();
		rig.world.beside = true;
		await rig.loader.load(A);
		const { engine } = rig.loader.loaded!;
		rig.engines.scripts = [{ load: failing('out-of-memory') }];
		expect(await rig.loader.load(B)).toBe('failed');
		expect(rig.loader.loaded?.engine).toBe(engine);
		await atRest(rig, 'a');
	});

	test('that fails, and whose old one does not come back either, explains the first failure', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		rig.engines.scripts = [{ load: failing('gpu-error') }, { load: failing('out-of-memory') }];
		expect(await rig.loader.load(B)).toBe('failed');
		expect(rig.loader.problem).toMatchObject({ failure: { kind: 'gpu-error' }, kept: null });
		await atRest(rig, null);
	});

	test('goes on when the old one is lost meanwhile', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		const preparing = gate();
		rig.engines.scripts = [{ prepare: preparing.step }];
		const swapping = rig.loader.load(B);
		await preparing.reached;
		rig.engines.made[0]?.lose(failure('device-lost'));
		expect(rig.loader.loaded).toBeNull();
		preparing.open();
		expect(await swapping).toBe('loaded');
		await atRest(rig, 'b');
	});

	test('that is superseded does not bring the old one back first, and the next one does if it fails', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		const stuck = gate();
		rig.engines.scripts = [{ load: stuck.step }, { load: failing('out-of-memory') }];
		const second = rig.loader.load(B);
		await stuck.reached;
		const third = rig.loader.load(C);
		expect([await second, await third]).toEqual(['superseded', 'failed']);
		expect(rig.engines.made.map(({ request }) => request?.record.model_id)).toEqual([
			'a',
			'b',
			'c',
			'a'
		]);
		await atRest(rig, 'a');
	});
});

describe('weights that still have to come', () => {
	test('go to an empty GPU as they come, and what fails on either side ends the other', async () => {
		const rig = loaderIn();
		rig.world.missing = true;
		const downloading = gate();
		rig.world.download = downloading.step;
		const loading = rig.loader.load(A);
		await downloading.reached;
		await vi.waitFor(() => expect(rig.engines.holding).toHaveLength(1));
		expect(rig.loader.status.kind).toBe('downloading');
		expect(rig.marks).toEqual([]);
		downloading.open();
		expect(await loading).toBe('loaded');
		await atRest(rig, 'a');
		await rig.loader.unload();

		const broken = gate();
		rig.world.download = broken.step;
		const failing = rig.loader.load(B);
		await vi.waitFor(() => expect(rig.engines.holding).toHaveLength(1));
		broken.fail(failure('network'));
		expect(await failing).toBe('failed');
		expect(rig.loader.problem?.failure.kind).toBe('network');
		await atRest(rig, null);

		let aborted = false;
		const silent = gate();
		rig.world.download = () => silent.step().finally(() => (aborted = true));
		rig.engines.scripts = [{ load: () => Promise.reject(failure('out-of-memory')) }];
		expect(await rig.loader.load(B)).toBe('failed');
		expect(rig.loader.problem?.failure.kind).toBe('out-of-memory');
		// Nobody waits for the rest of its files.
		expect(aborted).toBe(false);
		await atRest(rig, null);
	});

	test('come beside what is loaded first: that answers until all are there', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		rig.world.missing = true;
		const downloading = gate();
		rig.world.download = downloading.step;
		const swapping = rig.loader.load(B);
		await downloading.reached;
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(rig.loader.loaded?.variant.id).toBe('a');
		expect(rig.engines.holding).toHaveLength(1);
		expect(rig.said).not.toContain('stop writers');
		downloading.open();
		expect(await swapping).toBe('loaded');
		await atRest(rig, 'b');
	});

	test('a model that is lost while they come is not called loaded', async () => {
		const rig = loaderIn();
		rig.world.missing = true;
		const downloading = gate();
		rig.world.download = downloading.step;
		const loading = rig.loader.load(A);
		await vi.waitFor(() => expect(rig.engines.holding).toHaveLength(1));
		rig.engines.holding[0]?.lose(failure('gpu-error'));
		downloading.open();
		expect(await loading).toBe('failed');
		expect(rig.loader.problem?.failure.kind).toBe('gpu-error');
		await atRest(rig, null);
	});
});
