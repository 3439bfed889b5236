import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { Failure, type FailureKind } from '../rpc/failure.ts';
import { FakeTabs } from './tabs.fixture.ts';
import type { Script } from '../engine/engine.fixture.ts';
import { loaderIn, targetOf } from './loader.fixture.ts';

type Rig = ReturnType<typeof loaderIn>;

const targets = ['a', 'b', 'c'].map((id) => targetOf(id));
const target = fc.constantFrom(...targets);

/** What a person, another tab, the clock or the GPU does, in one of two tabs. */
const verb = fc.oneof(
	target.map((target) => ({ name: 'load', run: ({ loader }: Rig) => void loader.load(target) })),
	target.map((target) => ({
		name: 'take over',
		run: ({ loader }: Rig) => void loader.load(target, { takeOver: true })
	})),
	target.map((target) => ({
		name: 'prepare',
		run: ({ loader }: Rig) => void loader.prepare(target)
	})),
	fc.constantFrom(
		{ name: 'cancel', run: ({ loader }: Rig) => loader.cancel() },
		{ name: 'unload', run: ({ loader }: Rig) => void loader.unload() },
		{ name: 'unload idle', run: ({ loader }: Rig) => void loader.unloadIdle(1) },
		{ name: 'spare', run: ({ loader }: Rig) => loader.prepareSpare() }
	),
	fc.constantFrom<FailureKind>('device-lost', 'out-of-memory', 'worker-died').map((kind) => ({
		name: `lose: ${kind}`,
		run: ({ engines }: Rig) => engines.made.at(-1)?.lose(new Failure(kind, `${kind}!`))
	}))
);
const command = fc.record({
	verb,
	tab: fc.constantFrom(0, 1),
	/** Turns of the event loop until the next one. */
	turns: fc.constantFrom(0, 0, 1, 2, 5)
});

/** A step of an engine lasts some turns, and may fail. */
const step = fc.record({
	turns: fc.constantFrom(0, 0, 1, 3),
	fails: fc.constantFrom<FailureKind | null>(null, null, null, 'out-of-memory', 'device-lost')
});
const script = fc.record({ prepare: step, load: step, dispose: step });

/** A turn of the event loop; a timer would be held back to 4 ms. */
const turn = () =>
	new Promise<void>((resolve) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => {
			port1.close();
			resolve();
		};
		port2.postMessage(null);
	});
const MOST_TURNS = 3_000;
async function turns(count: number) {
	for (let i = 0; i < count; i++) await turn();
}

const scriptOf = (
	steps: Record<'prepare' | 'load' | 'dispose', { turns: number; fails: FailureKind | null }>
): Script =>
	Object.fromEntries(
		Object.entries(steps).map(([name, { turns: count, fails }]) => [
			name,
			async () => {
				await turns(count);
				if (fails && name !== 'dispose') throw new Failure(fails, `${fails}!`);
			}
		])
	);

// Turns of the event loop say nothing of the time that fetching a script takes.
beforeAll(() => import('./machinery.ts'));

test('whatever is asked for in whatever hurry: one engine at most, or two where two are kept, and at the end nothing is left behind', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(command, { minLength: 1, maxLength: 14 }),
			fc.array(script, { maxLength: 8 }),
			fc.array(script, { maxLength: 8 }),
			fc.constantFrom('ask' as const, 'fallback' as const),
			fc.boolean(),
			fc.boolean(),
			async (commands, scripts, others, afterFailure, two, missing) => {
				const tabs = new FakeTabs();
				const rigs = [scripts, others].map((each) => {
					const rig = loaderIn(tabs, { letGoLimitMs: 60_000 });
					rig.engines.scripts = each.map(scriptOf);
					rig.world.afterFailure = afterFailure;
					rig.world.beside = rig.world.keepsTwo = two;
					rig.world.smaller = ({ variant }) =>
						targets[targets.findIndex((each) => each.variant === variant) + 1] ?? null;
					rig.world.download = turn;
					rig.world.missing = missing;
					rig.world.stopWriters = turn;
					return rig;
				});
				const holding = () => rigs.flatMap(({ engines }) => engines.holding).length;
				for (const { verb, tab, turns: count } of commands) {
					verb.run(rigs[tab]!);
					expect(holding()).toBeLessThanOrEqual(two ? 2 : 1);
					for (let i = 0; i < count; i++) {
						await turn();
						expect(holding()).toBeLessThanOrEqual(two ? 2 : 1);
					}
				}
				// What was let go may take some turns to free the GPU.
				for (let quiet = 0, count = 0; quiet < 6; count++) {
					await turn();
					expect(count, 'turns until nothing is under way').toBeLessThan(MOST_TURNS);
					expect(holding()).toBeLessThanOrEqual(two ? 2 : 1);
					quiet = rigs.some(({ loader }) => loader.busy) ? 0 : quiet + 1;
				}
				for (const { loader, engines, tenancy, world } of rigs) {
					const used = [loader.loaded, loader.standby].flatMap((each) => each?.engine ?? []);
					expect(loader.status).toEqual({ kind: 'idle' });
					expect(new Set(engines.holding)).toEqual(new Set(used));
					if (!loader.loaded || !two) expect(loader.standby).toBeNull();
					expect(tenancy.held).toBe(loader.loaded !== null);
					expect(new Set(world.held)).toEqual(
						new Set(
							[loader.loaded, loader.standby].flatMap((each) =>
								each ? `https://h/${each.variant.id}/` : []
							)
						)
					);
					expect(loader.meter.liveBytes).toBe(100 * used.length);
					// Besides what is loaded there may be one spare.
					expect(engines.alive.length).toBeLessThanOrEqual(used.length + 1);
				}
			}
		),
		{ numRuns: 150 }
	);
}, 60_000);
