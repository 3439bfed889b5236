import { describe, expect, test, vi } from 'vitest';
import { Failure, type FailureKind } from '../rpc/failure.ts';
import { FakeTabs } from './tabs.fixture.ts';
import { gate } from '../engine/engine.fixture.ts';
import { loaderIn, targetOf } from './loader.fixture.ts';

const A = targetOf('a');
const B = targetOf('b');
const C = targetOf('c');
const failure = (kind: FailureKind, detail = {}) => new Failure(kind, `${kind}!`, detail);
const failing = (kind: FailureKind) => () => Promise.reject(failure(kind));

type Rig = ReturnType<typeof loaderIn>;
/** What is loaded, who holds GPU memory, and that nothing is left behind. */
function atRest({ loader, engines, tenancy, world, locksHeld }: Rig, id: string | null) {
	expect(loader.status).toEqual({ kind: 'idle' });
	expect(loader.loaded?.variant.id ?? null).toBe(id);
	expect(engines.holding).toHaveLength(id === null ? 0 : 1);
	expect(engines.holding[0] ?? null).toBe(loader.loaded?.engine ?? null);
	expect(tenancy.held).toBe(id !== null);
	expect(world.held).toEqual(id === null ? [] : [`https://h/${id}/`]);
	expect(loader.meter.liveBytes).toBe(id === null ? 0 : 100);
	return vi.waitFor(() => expect(locksHeld().includes('exclusive engine')).toBe(id !== null));
}

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
});

describe('what was lost', () => {
	test('is loaded again by itself', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		rig.engines.made[0]?.lose(failure('device-lost'));
		expect(rig.loader.status.kind).toBe('recovering');
		await rig.loader.settled();
		expect(rig.loader.note).toMatchObject({ kind: 'recovered' });
		await atRest(rig, 'a');
	});

	test('a second time for the same cause is not, until something was answered', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		rig.engines.made[0]?.lose(failure('device-lost'));
		await rig.loader.settled();
		rig.engines.made[1]?.lose(failure('device-lost'));
		await rig.loader.settled();
		expect(rig.loader.problem?.failure.kind).toBe('device-lost');
		await atRest(rig, null);
		await rig.loader.load(A);
		for (let i = 0; i < 2; i++) {
			rig.engines.made.at(-1).answered = true;
			rig.engines.made.at(-1).lose(failure('device-lost'));
			await rig.loader.settled();
			await atRest(rig, 'a');
		}
	});

	test('is not while a recovery is cancelled', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		const stuck = gate();
		rig.engines.scripts = [{ load: stuck.step }];
		rig.engines.made[0]?.lose(failure('device-lost'));
		await stuck.reached;
		rig.loader.cancel();
		await rig.loader.settled();
		expect(rig.loader.problem?.failure.kind).toBe('device-lost');
		await atRest(rig, null);
	});

	test('ends the answer under way with the cause', async () => {
		const rig = loaderIn();
		rig.engines.scripts = [{ generate: () => new Promise(() => {}) }];
		await rig.loader.load(A);
		const answer = rig.loader.loaded!.engine.generate(
			{ messages: [], sampling: {} as never },
			{ signal: new AbortController().signal, onText: () => {} }
		);
		rig.engines.made[0]?.lose(failure('out-of-memory'));
		await expect(answer).rejects.toMatchObject({ kind: 'out-of-memory' });
		await rig.loader.settled();
		await atRest(rig, null);
	});
});

describe('falling back', () => {
	test('goes on to the next smaller one until one loads', async () => {
		const rig = loaderIn();
		rig.world.afterFailure = 'fallback';
		rig.world.smaller = ({ variant }) => (variant.id === 'a' ? B : variant.id === 'b' ? C : null);
		rig.engines.scripts = [{ load: failing('out-of-memory') }, { load: failing('out-of-memory') }];
		expect(await rig.loader.load(A)).toBe('failed');
		expect(rig.loader.problem).toMatchObject({ target: A, kept: C, instead: true, next: null });
		expect(rig.said.filter((text) => text.startsWith('fell'))).toEqual(['fell back to c']);
		await atRest(rig, 'c');
	});

	test('is not done where the settings say stop, and nothing is offered', async () => {
		const rig = loaderIn();
		rig.world.afterFailure = 'stop';
		rig.world.smaller = () => B;
		rig.engines.scripts = [{ load: failing('out-of-memory') }];
		await rig.loader.load(A);
		expect(rig.loader.problem?.next).toBeNull();
		await atRest(rig, null);
	});

	test('ends when it is cancelled', async () => {
		const rig = loaderIn();
		rig.world.afterFailure = 'fallback';
		rig.world.smaller = ({ variant }) => (variant.id === 'a' ? B : C);
		const stuck = gate();
		rig.engines.scripts = [{ load: failing('out-of-memory') }, { load: stuck.step }];
		const loading = rig.loader.load(A);
		await stuck.reached;
		rig.loader.cancel();
		expect(await loading).toBe('cancelled');
		await atRest(rig, null);
	});

	test('offers nothing that is loaded already', async () => {
		const rig = loaderIn();
		await rig.loader.load(B);
		rig.world.smaller = () => B;
		rig.engines.scripts = [{ load: failing('out-of-memory') }];
		await rig.loader.load(A);
		expect(rig.loader.problem?.next).toBeNull();
		await atRest(rig, 'b');
	});
});

describe('another tab', () => {
	test('that has the engine is named, and no longer when it is gone', async () => {
		const tabs = new FakeTabs();
		const [first, second] = [loaderIn(tabs), loaderIn(tabs)];
		first.tenancy.describe({ model: 'pocket q4f32_1', conversation: 'What is VRAM?' });
		await first.loader.load(A);
		expect(await second.loader.load(B)).toBe('failed');
		expect(second.loader.problem?.failure).toMatchObject({
			kind: 'elsewhere',
			message: expect.stringContaining('pocket q4f32_1 runs in another tab') as string
		});
		expect(second.loader.elsewhere?.conversation).toBe('What is VRAM?');
		await first.loader.unload();
		await vi.waitFor(() => expect(second.loader.problem).toBeNull());
	});

	test('opened after the site’s data were cleared says that another one uses the GPU, and can take over', async () => {
		const tabs = new FakeTabs();
		const first = loaderIn(tabs);
		await first.loader.load(A);
		tabs.clear();
		const second = loaderIn(tabs);
		await second.loader.load(B);
		await second.loader.settled();
		expect(second.loader.problem?.failure.kind).toBe('taken-over');
		expect([first.engines.holding.length, second.engines.holding.length]).toEqual([1, 0]);
		expect(first.loader.loaded?.variant.id).toBe('a');
		expect(await second.loader.load(B, { takeOver: true })).toBe('loaded');
		await vi.waitFor(() => expect(first.loader.problem?.failure.kind).toBe('taken-over'));
		await first.loader.settled();
		expect([first.engines.holding.length, second.engines.holding.length]).toEqual([0, 1]);
	});

	test('takes over what is loaded, and gives it back', async () => {
		const tabs = new FakeTabs();
		const [first, second] = [loaderIn(tabs), loaderIn(tabs)];
		await first.loader.load(A);
		expect(await second.loader.load(B, { takeOver: true })).toBe('loaded');
		expect(first.said).toContain('stop writers');
		expect(first.loader.problem).toMatchObject({
			failure: { kind: 'taken-over' },
			target: { variant: A.variant }
		});
		await atRest(first, null);
		await atRest(second, 'b');
		expect(await first.loader.load(A, { takeOver: true })).toBe('loaded');
		await atRest(second, null);
		await atRest(first, 'a');
	});

	test.each(['inspect', 'download'] as const)('takes over during %s', async (step) => {
		const tabs = new FakeTabs();
		const [first, second] = [loaderIn(tabs), loaderIn(tabs)];
		const stuck = gate();
		first.world[step] = stuck.step;
		const loading = first.loader.load(A);
		await stuck.reached;
		expect(await second.loader.load(B, { takeOver: true })).toBe('loaded');
		expect(await loading).toBe('taken-over');
		expect(first.loader.problem).toMatchObject({ failure: { kind: 'taken-over' } });
		await atRest(first, null);
		await atRest(second, 'b');
	});

	test.each(['prepare', 'load'] as const)(
		'takes over during %s of a swap, which does not bring the old one back',
		async (step) => {
			const tabs = new FakeTabs();
			const [first, second] = [loaderIn(tabs), loaderIn(tabs)];
			await first.loader.load(A);
			const stuck = gate();
			first.engines.scripts = [{ [step]: stuck.step }];
			const swapping = first.loader.load(B);
			await stuck.reached;
			expect(await second.loader.load(C, { takeOver: true })).toBe('loaded');
			expect(await swapping).toBe('taken-over');
			expect(first.engines.made).toHaveLength(2);
			expect(first.loader.problem).toMatchObject({
				target: { variant: B.variant },
				failure: { kind: 'taken-over' }
			});
			await atRest(first, null);
			await atRest(second, 'c');
		}
	);

	test('takes over during a roll-back', async () => {
		const tabs = new FakeTabs();
		const [first, second] = [loaderIn(tabs), loaderIn(tabs)];
		await first.loader.load(A);
		const stuck = gate();
		first.engines.scripts = [{ load: failing('out-of-memory') }, { load: stuck.step }];
		const swapping = first.loader.load(B);
		await stuck.reached;
		expect(await second.loader.load(C, { takeOver: true })).toBe('loaded');
		await swapping;
		await atRest(first, null);
		await atRest(second, 'c');
	});

	test('takes it from a tab that hangs', async () => {
		const tabs = new FakeTabs();
		const [first, second] = [loaderIn(tabs), loaderIn(tabs)];
		await first.loader.load(A);
		const stopping = gate();
		first.world.stopWriters = stopping.step;
		expect(await second.loader.load(B, { takeOver: true })).toBe('loaded');
		stopping.open();
		await first.loader.settled();
		await atRest(first, null);
		await atRest(second, 'b');
	});

	test('asking while this one loads again: this one gives way first', async () => {
		const tabs = new FakeTabs();
		const [first, second] = [loaderIn(tabs), loaderIn(tabs)];
		await first.loader.load(A);
		const freeing = gate();
		first.world.stopWriters = freeing.step;
		const taking = second.loader.load(B, { takeOver: true });
		await freeing.reached;
		const loading = first.loader.load(C);
		freeing.open();
		const ends = [await taking, await loading];
		expect(ends).toContain('loaded');
		expect([...first.engines.holding, ...second.engines.holding]).toHaveLength(1);
	});
});

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
