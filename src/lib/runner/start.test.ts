import { describe, expect, test } from 'vitest';
import { FakeEngines, gate } from '../engine/engine.fixture.ts';
import type { LoadRequest } from '../engine/protocol.ts';
import { Failure, type FailureKind } from '../rpc/failure.ts';
import { Journal } from './journal.ts';
import { targetOf } from './loader.fixture.ts';
import { Recoveries } from './recovery.ts';
import { Starter, type Starting } from './starter.ts';
import type { Read } from './target.ts';

const A = targetOf('a');
const LAST_FILE = { url: 'https://models.example/a/last.bin', bytes: null };
const READ: Read = { facts: {}, revision: 'main' };
const failure = (kind: FailureKind, detail = {}) => new Failure(kind, `${kind}!`, detail);
const failing = (kind: FailureKind) => ({ load: () => Promise.reject(failure(kind)) });

/** A starter with every part of its world faked. */
function rig() {
	const engines = new FakeEngines();
	const said: string[] = [];
	const journal = new Journal();
	const waits: number[] = [];
	const timers: (() => void)[] = [];
	const world = {
		freed: Promise.resolve() as Promise<unknown>,
		gpuIsBack: () => Promise.resolve(true)
	};
	const starter = new Starter({
		host: {
			request: ({ variant }) => ({ record: { model_id: variant.id } }) as LoadRequest,
			gpuGone: () => void said.push('gpu gone')
		},
		slot: {
			get freed() {
				return world.freed;
			},
			measure: (_, reading) => void said.push(`holds ${reading?.liveBytes ?? 'nothing'}`)
		},
		spare: { take: () => engines.make() },
		standby: { letGo: () => Promise.resolve() },
		recoveries: new Recoveries(),
		marker: {
			write: ({ phase }) => void said.push(`mark ${phase}`),
			clear: () => void said.push('no mark')
		},
		gpuIsBack: () => world.gpuIsBack(),
		clock: {
			now: () => 0,
			after: (ms, run) => {
				waits.push(ms);
				timers.push(run);
				return () => void timers.splice(timers.indexOf(run), 1);
			}
		},
		journal
	});
	const controller = new AbortController();
	const starting: Starting = { signal: controller.signal, onPhase: () => {} };
	return { starter, engines, said, journal, waits, timers, world, controller, starting };
}
const notes = ({ journal }: ReturnType<typeof rig>) => journal.entries.map(({ text }) => text);

describe('a start', () => {
	test('marks each phase once, from before the first to the end', async () => {
		const world = rig();
		const loaded = await world.starter.start(A, READ, world.starting);
		expect(loaded).toMatchObject({ ...A, ...READ, result: { peakBytes: 100 } });
		expect(world.said).toEqual([
			'mark starting',
			'holds 100',
			'mark uploading',
			'mark warming-up',
			'no mark'
		]);
		expect(notes(world)).toEqual(['uploading', 'warming-up']);
	});

	test('writes no mark again while a phase goes on', async () => {
		const world = rig();
		const engine = world.engines.make();
		world.engines.make = () => engine;
		const load = engine.load.bind(engine);
		engine.load = (request, options) => {
			options.onPhase({ phase: 'uploading', doneRatio: 0.1 });
			options.onPhase({ phase: 'uploading', doneRatio: 0.2 });
			return load(request, options);
		};
		await world.starter.start(A, READ, world.starting);
		expect(world.said.filter((text) => text === 'mark uploading')).toHaveLength(1);
	});

	test('whose last file is still fetched is marked once that is there', async () => {
		const world = rig();
		const file = gate();
		const loading = world.starter.start(A, READ, {
			...world.starting,
			coming: { missing: [LAST_FILE], fetched: file.step() }
		});
		await expect.poll(() => notes(world)).toEqual(['uploading']);
		expect(world.said).toEqual(['holds 100']);
		file.open();
		await loading;
		expect(world.said).toEqual(['holds 100', 'mark uploading', 'mark warming-up', 'no mark']);
	});

	test('that failed is not marked by a file that comes afterwards', async () => {
		const world = rig();
		const file = gate();
		world.engines.scripts = [failing('gpu-error')];
		const coming = { missing: [LAST_FILE], fetched: file.step() };
		await expect(world.starter.start(A, READ, { ...world.starting, coming })).rejects.toMatchObject(
			{ kind: 'gpu-error' }
		);
		file.open();
		await coming.fetched;
		expect(world.said.at(-1)).toBe('holds nothing');
	});

	test('that was cancelled before makes no engine', async () => {
		const world = rig();
		world.controller.abort();
		await expect(world.starter.start(A, READ, world.starting)).rejects.toMatchObject({
			kind: 'cancelled'
		});
		expect([world.engines.made, world.said]).toEqual([[], []]);
	});

	test('brings no weights before the engine that was replaced has freed its own', async () => {
		const world = rig();
		const freeing = gate();
		world.world.freed = freeing.step();
		const order: string[] = [];
		const started = world.starter.start(A, READ, {
			...world.starting,
			makeRoom: () => {
				order.push('room');
				return Promise.resolve();
			}
		});
		await new Promise((resolve) => setTimeout(resolve));
		expect([order, world.engines.holding]).toEqual([[], []]);
		freeing.open();
		await started;
		expect([order, world.engines.holding.length]).toEqual([['room'], 1]);
	});

	test('waits until there is room', async () => {
		const world = rig();
		const room = gate();
		const started = world.starter.start(A, READ, { ...world.starting, makeRoom: room.step });
		await room.reached;
		await new Promise((resolve) => setTimeout(resolve));
		expect(world.engines.holding).toEqual([]);
		room.open();
		await started;
		expect(world.engines.holding).toHaveLength(1);
	});

	test('that fails ends its engine, and holds nothing', async () => {
		const world = rig();
		world.engines.scripts = [failing('gpu-error')];
		await expect(world.starter.start(A, READ, world.starting)).rejects.toMatchObject({
			kind: 'gpu-error'
		});
		expect(world.engines.alive).toEqual([]);
		expect(world.said.slice(-2)).toEqual(['no mark', 'holds nothing']);
	});

	test('whose device goes has a second to say what it did, and is failed if it says that all went well', async () => {
		const world = rig();
		const stuck = gate();
		world.engines.scripts = [{ load: stuck.step }];
		const started = world.starter.start(A, READ, world.starting);
		await stuck.reached;
		world.engines.made[0]?.lose(failure('device-lost'));
		world.engines.made[0]?.lose(failure('silent'));
		expect(world.waits).toEqual([1_000]);
		stuck.open();
		await expect(started).rejects.toMatchObject({ kind: 'device-lost' });
		expect([world.timers, world.engines.alive]).toEqual([[], []]);
	});

	test('whose device goes and that says nothing in time is ended with the cause', async () => {
		const world = rig();
		const stuck = gate();
		world.engines.scripts = [{ load: stuck.step }];
		const started = world.starter.start(A, READ, world.starting);
		await stuck.reached;
		world.engines.made[0]?.lose(failure('device-lost'));
		world.engines.made[0]?.lose(failure('out-of-memory'));
		world.timers[0]?.();
		await expect(started).rejects.toMatchObject({ kind: 'out-of-memory' });
	});
});

describe('a start that may be repeated', () => {
	test('is repeated once where the cause passes, and the failure noted', async () => {
		const world = rig();
		world.engines.scripts = [failing('silent')];
		await world.starter.startOrRepeat(A, READ, world.starting);
		expect([world.engines.made.length, notes(world)[1]]).toEqual([2, 'silent: silent!']);
		world.engines.scripts = [failing('silent')];
		await expect(world.starter.startOrRepeat(A, READ, world.starting)).rejects.toMatchObject({
			kind: 'silent'
		});
		expect(world.engines.made).toHaveLength(3);
	});

	test('fails with the second cause where the second try fails, too', async () => {
		const world = rig();
		world.engines.scripts = [failing('silent'), failing('gpu-error')];
		await expect(world.starter.startOrRepeat(A, READ, world.starting)).rejects.toMatchObject({
			kind: 'gpu-error'
		});
	});

	test('is not repeated once it was cancelled, and the GPU not waited for', async () => {
		const world = rig();
		let asked = 0;
		world.world.gpuIsBack = () => Promise.resolve(++asked > 0);
		const stuck = gate();
		world.engines.scripts = [{ load: stuck.step }];
		const started = world.starter.startOrRepeat(A, READ, world.starting);
		await stuck.reached;
		world.controller.abort();
		stuck.fail(failure('device-lost'));
		await expect(started).rejects.toMatchObject({ kind: 'cancelled' });
		expect([asked, world.engines.made.length]).toEqual([0, 1]);
	});

	test('waits for the GPU where it went, and only there', async () => {
		for (const [kind, asks] of [
			['device-lost', 1],
			['no-adapter', 1],
			['worker-died', 0]
		] as const) {
			const world = rig();
			let asked = 0;
			world.world.gpuIsBack = () => Promise.resolve(++asked > 0);
			await world.starter.awaitGpu(failure(kind), world.starting.signal);
			expect([kind, asked]).toEqual([kind, asks]);
		}
	});

	test('begins the second try after the GPU is back', async () => {
		const world = rig();
		const back = gate();
		world.world.gpuIsBack = () => back.step().then(() => true);
		world.engines.scripts = [failing('device-lost')];
		const started = world.starter.startOrRepeat(A, READ, world.starting);
		await back.reached;
		await new Promise((resolve) => setTimeout(resolve));
		expect(world.engines.made).toHaveLength(1);
		back.open();
		await started;
		expect(world.engines.made).toHaveLength(2);
	});

	test('says that the GPU stays away, unless it was cancelled while it waited', async () => {
		const world = rig();
		world.world.gpuIsBack = () => Promise.resolve(false);
		const cause = failure('device-lost', { reason: 'unknown' });
		await expect(world.starter.awaitGpu(cause, world.starting.signal)).rejects.toMatchObject({
			kind: 'no-adapter',
			detail: { reason: 'unknown', after: 'device-lost' }
		});
		expect(world.said).toEqual(['gpu gone']);
		world.controller.abort();
		await expect(world.starter.awaitGpu(cause, world.starting.signal)).rejects.toMatchObject({
			kind: 'cancelled'
		});
		expect(world.said).toEqual(['gpu gone']);
	});
});
