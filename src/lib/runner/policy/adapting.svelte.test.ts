import { afterEach, describe, expect, test } from 'vitest';
import { aQuestion, someLevels } from '#plan/adapt/adapt.fixture.ts';
import type { Level } from '#plan/adapt/levels.ts';
import { DEFAULT_POLICY, type Policy } from '#plan/adapt/policy.ts';
import { gate } from '../../engine/engine.fixture.ts';
import { Adapting } from './adapting.svelte.ts';
import { EMPTY_LOG, type DecisionLog } from './decision-log.ts';

const opened: Adapting[] = [];
afterEach(() => {
	for (const each of opened.splice(0)) each.dispose();
});

/** A page with a fake loader and a clock that only moves when it is told to. */
function page(
	change: Partial<Policy> = {},
	log: DecisionLog = EMPTY_LOG,
	startMs = 1_800_000_000_000
) {
	let now = startMs;
	const world = {
		policy: { ...DEFAULT_POLICY, mode: 'automatic', ...change } as Policy,
		current: someLevels()[0] as Level,
		waiting: 0,
		running: false,
		loads: true,
		nothingLoaded: false,
		loading: () => Promise.resolve(),
		prepared: [] as string[],
		loaded: [] as string[],
		log
	};
	const timers: (() => void)[] = [];
	const adapting = new Adapting(
		{
			policy: () => world.policy,
			situation: () => (world.nothingLoaded ? null : aQuestion({ current: world.current })),
			waiting: () => world.waiting,
			running: () => world.running,
			processor: () => null,
			prepare: ({ quantization }) => void world.prepared.push(quantization.name),
			load: async (level) => {
				world.loaded.push(level.quantization.name);
				await world.loading();
				if (world.loads) world.current = level;
				return world.loads;
			},
			write: (update) => {
				world.log = update(world.log);
			}
		},
		{
			now: () => now,
			after: (_, run) => {
				timers.push(run);
				return () => void timers.splice(timers.indexOf(run), 1);
			}
		},
		log,
		() => now
	);
	opened.push(adapting);
	return {
		world,
		adapting,
		/** Looks every second, and lets loads that are under way end. */
		pass: async (seconds: number) => {
			for (let s = 0; s < seconds; s++) {
				now += 1_000;
				timers.splice(0).forEach((run) => run());
				await Promise.resolve();
			}
			await new Promise((resolve) => setTimeout(resolve));
		},
		sentences: () => world.log.entries.map(({ sentence }) => sentence)
	};
}

describe('automatic', () => {
	test('waits for the end of an answer, prepares meanwhile, and swaps before the next one', async () => {
		const { world, adapting, pass, sentences } = page();
		Object.assign(world, { waiting: 9, running: true });
		await pass(30);
		expect(world).toMatchObject({ loaded: [], prepared: ['q4f16_1'] });
		expect(sentences().at(-1)).toMatch(/^Loads q4f16_1: 9 waiting.*After this answer\.$/);
		await adapting.between();
		expect(world.loaded).toEqual(['q4f16_1']);
		expect(world.current.quantization.name).toBe('q4f16_1');
		expect(sentences().at(-1)).toBe('q4f16_1 is loaded.');
	});

	test('what happened to a level that is not loaded any more says nothing of the one that is', async () => {
		const { world, adapting, pass, sentences } = page();
		const [finest, , , coarser] = someLevels() as [Level, Level, Level, Level];
		world.nothingLoaded = true;
		adapting.signal('out-of-memory', finest);
		await pass(2);
		// A person loaded something else, so that there is nothing to react to.
		Object.assign(world, { nothingLoaded: false, current: coarser });
		await pass(2);
		expect(world.loaded).toEqual([]);
		expect(sentences().join()).not.toContain('ran out of memory');
		// It came back by itself: what happened to it still counts.
		world.nothingLoaded = true;
		adapting.signal('out-of-memory', coarser);
		await pass(2);
		world.nothingLoaded = false;
		await pass(2);
		expect(sentences()).toContain('What is loaded ran out of memory.');
	});

	test('does not swap after an answer if by then it is not right any more', async () => {
		const { world, adapting, pass } = page();
		Object.assign(world, { waiting: 9, running: true });
		await pass(30);
		world.waiting = 0;
		await adapting.between();
		expect(world.loaded).toEqual([]);
	});

	test('the next answer waits for a swap that is under way', async () => {
		const { world, adapting, pass } = page();
		const loading = gate();
		world.loading = loading.step;
		world.current = someLevels()[3] as Level;
		await pass(121);
		expect([world.loaded, adapting.swapping]).toEqual([['q0f16'], true]);
		let answers = false;
		const between = adapting.between().then(() => (answers = true));
		await pass(5);
		expect(answers).toBe(false);
		loading.open();
		await between;
		expect([answers, adapting.swapping]).toEqual([true, false]);
	});

	test('a load that fails is said, and is not tried again for five minutes', async () => {
		const { world, pass, sentences } = page();
		world.loads = false;
		world.waiting = 9;
		await pass(299);
		expect(world.loaded).toEqual(['q4f16_1']);
		expect(sentences()).toContain('q4f16_1 could not be loaded; what was loaded before is back.');
		await pass(20);
		expect(world.loaded).toEqual(['q4f16_1', 'q4f16_1']);
	});

	test('swaps of an earlier visit count', async () => {
		const first = page();
		first.world.waiting = 9;
		await first.pass(20);
		expect(first.world.loaded).toEqual(['q4f16_1']);
		const second = page({}, first.world.log, 1_800_000_060_000);
		second.world.waiting = 9;
		await second.pass(30);
		expect(second.world.loaded).toEqual([]);
		expect(second.sentences().at(-1)).toMatch(/last swap was not long ago/);
		expect(second.world.log.entries.at(-1)?.kind).toBe('waits');
	});
});

describe('suggest', () => {
	test('never swaps, and says once what would be better', async () => {
		const { world, adapting, pass, sentences } = page({ mode: 'suggest' });
		world.waiting = 9;
		await pass(600);
		await adapting.between();
		adapting.signal('out-of-memory');
		expect(world.loaded).toEqual([]);
		expect(adapting.suggestion?.to?.quantization.name).toBe('q4f16_1');
		expect(sentences().filter((each) => each.startsWith('Suggests'))).toEqual([
			'Suggests q4f16_1: 9 waiting for long enough, 6% of memory with it.',
			'Suggests q4f16_1: q0f32 ran out of memory or lost the GPU.'
		]);
	});

	test('what was dismissed does not come back until something else is better', async () => {
		const { world, adapting, pass } = page({ mode: 'suggest' });
		world.waiting = 9;
		await pass(20);
		adapting.dismiss();
		await pass(20);
		expect(adapting.suggestion).toBeNull();
		world.waiting = 0;
		adapting.signal('slower');
		expect(adapting.suggestion?.to?.quantization.name).toBe('q0f16');
	});
});

test('off decides nothing and writes nothing', async () => {
	const { world, adapting, pass } = page({ mode: 'off' });
	world.waiting = 20;
	adapting.signal('out-of-memory');
	await pass(60);
	await adapting.between();
	expect([world.loaded, world.log.entries, adapting.outcome]).toEqual([[], [], null]);
});

test('a quiet hour is one line: nothing to do', async () => {
	const { world, pass, sentences } = page();
	await pass(3600);
	expect(sentences()).toEqual([
		'Nothing to do: q0f32 is right for 0 waiting, 30% of memory with it.'
	]);
	expect(world.log.entries[0]?.kind).toBe('nothing');
	expect(world.log.entries[0]?.inputs).toMatch(
		/^0 waiting; budget 16\.0 GiB; 30% with the level decided; matrix below 40% x below 2: not quantized; priority balanced/
	);
});
