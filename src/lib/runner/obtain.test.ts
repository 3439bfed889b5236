import { describe, expect, test } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import { Failure } from '../rpc/failure.ts';
import { Journal } from './journal.ts';
import { inspection, targetOf } from './loader.fixture.ts';
import { obtain } from './obtain.ts';
import { Preparing } from './preparing.ts';
import type { Target } from './target.ts';

const A = targetOf('a');
const B = targetOf('b');
const sourceOf = ({ id }: { id: string }) => ({
	baseUrl: `https://h/${id}/`,
	libraryUrl: '',
	packageUrl: null,
	overrides: {}
});
const resolved = () => Promise.resolve();

describe('bringing files onto the disk', () => {
	/** Each step can be made to wait; none looks at the signal, as one that has just ended does not. */
	function rig() {
		const said: string[] = [];
		const step = { hold: resolved, fetching: resolved, inspect: resolved, download: resolved };
		const world = {
			...step,
			admit: (() => undefined) as (nth: number) => void,
			/** Where the download finds the model, if not where it was read before. */
			moved: null as string | null
		};
		let admitted = 0;
		const controller = new AbortController();
		const begin = () =>
			obtain(
				{
					inUse: { hold: () => world.hold().then(() => void said.push('held')) },
					host: {
						source: sourceOf,
						fetching: async () => {
							await world.fetching();
							said.push('fetching');
							return () => void said.push('fetched');
						},
						within: (target) => ({ ...target, contextWindow: 512 }),
						admit: ({ contextWindow }) => {
							said.push(`admit ${contextWindow}`);
							world.admit(++admitted);
						}
					},
					files: {
						inspect: async ({ baseUrl }) => {
							said.push('inspect');
							await world.inspect();
							return inspection(baseUrl);
						},
						download: async ({ baseUrl }) => {
							said.push('download');
							await world.download();
							return inspection(world.moved ?? baseUrl);
						}
					}
				},
				A,
				{
					signal: controller.signal,
					onProgress: () => {},
					onWithin: ({ contextWindow }) => void said.push(`within ${contextWindow}`)
				}
			);
		const run = async () => (await begin()).whole;
		return { said, world, controller, begin, run };
	}
	const ALL = [
		'held',
		'fetching',
		'inspect',
		'within 512',
		'admit 512',
		'download',
		'admit 512',
		'fetched'
	];

	test('is one step after the other, with the plan asked before the weights and after them', async () => {
		const { said, run } = rig();
		expect(await run()).toMatchObject({ baseUrl: 'https://h/a/' });
		expect(said).toEqual(ALL);
	});

	test.each([
		['hold', 0],
		['fetching', 1],
		['inspect', 3],
		['download', 6]
	] as const)('waits for %s', async (name, done) => {
		const { said, world, run } = rig();
		const waiting = gate();
		world[name] = waiting.step;
		const running = run();
		await waiting.reached;
		await new Promise((resolve) => setTimeout(resolve));
		expect(said).toEqual(ALL.slice(0, done));
		waiting.open();
		await running;
		expect(said).toEqual(ALL);
	});

	test.each([
		['inspect', ['held', 'fetching', 'inspect', 'fetched']],
		['download', [...ALL.slice(0, 6), 'fetched']]
	] as const)('that is cancelled as %s ends goes no further', async (name, steps) => {
		const { said, world, controller, run } = rig();
		world[name] = () => {
			controller.abort();
			return Promise.resolve();
		};
		await expect(run()).rejects.toMatchObject({ kind: 'cancelled' });
		expect(said).toEqual(steps);
	});

	test('tells what was read as soon as the weights begin to come', async () => {
		const { said, world, begin } = rig();
		const downloading = gate();
		world.download = downloading.step;
		const { ahead, whole } = await begin();
		expect(ahead).toMatchObject({ baseUrl: 'https://h/a/', missing: [] });
		expect(said).toEqual(ALL.slice(0, 6));
		downloading.open();
		await whole;
		expect(said).toEqual(ALL);
	});

	test('fails where the model was changed between the two readings', async () => {
		const { said, world, run } = rig();
		world.moved = 'https://h/other/';
		await expect(run()).rejects.toMatchObject({ kind: 'network', detail: { cause: 'changed' } });
		expect(said.at(-1)).toBe('fetched');
	});

	test.each([1, 2])('that is refused at the %d. time gives the files free', async (nth) => {
		const { said, world, run } = rig();
		world.admit = (each) => {
			if (each === nth) throw new Failure('blocked', 'Too large.');
		};
		await expect(run()).rejects.toMatchObject({ kind: 'blocked' });
		expect(said.at(-1)).toBe('fetched');
		expect(said.filter((text) => text === 'download')).toHaveLength(nth - 1);
	});
});

describe('preparing', () => {
	function rig() {
		const said: string[] = [];
		const journal = new Journal();
		const world = {
			wanted: true,
			whole: true,
			reading: resolved,
			admit: () => undefined as unknown,
			works: true
		};
		const preparing = new Preparing({
			files: {
				onDisk: async ({ baseUrl }) => {
					said.push(`read ${baseUrl}`);
					await world.reading();
					return world.whole ? inspection(baseUrl) : null;
				}
			},
			host: {
				source: sourceOf,
				request: ({ variant }) => ({ record: { model_id: variant.id } }) as never,
				within: (target: Target) => target,
				admit: () => void world.admit()
			},
			standby: { suits: () => false },
			spare: {
				prepare: ({ record }) => {
					said.push(`prepare ${record.model_id}`);
					return Promise.resolve(world.works);
				},
				forgetPrepared: () => void said.push('forget')
			},
			journal,
			wanted: () => world.wanted
		});
		return { preparing, said, world, journal };
	}

	test('is done of what lies whole on disk, and noted', async () => {
		const { preparing, said, journal } = rig();
		await preparing.prepare(A);
		expect(said).toEqual(['read https://h/a/', 'prepare a']);
		expect(journal.entries.map(({ text }) => text)).toEqual(['Prepared a at 1024']);
	});

	test('that fails is not noted', async () => {
		const { preparing, world, journal } = rig();
		world.works = false;
		await preparing.prepare(A);
		expect(journal.entries).toEqual([]);
	});

	test('reads nothing where nothing is loaded', async () => {
		const { preparing, said, world } = rig();
		world.wanted = false;
		await preparing.prepare(A);
		expect(said).toEqual([]);
	});

	test('forgets what was prepared before where this is not whole, or cannot be read', async () => {
		const { preparing, said, world } = rig();
		world.whole = false;
		await preparing.prepare(A);
		world.reading = () => Promise.reject(new Error('No disk.'));
		await preparing.prepare(A);
		expect(said.filter((text) => !text.startsWith('read'))).toEqual(['forget', 'forget']);
	});

	test('goes no further for what cannot run here', async () => {
		const { preparing, said, world } = rig();
		world.admit = () => {
			throw new Failure('blocked', 'Too large.');
		};
		await preparing.prepare(A);
		expect(said).toEqual(['read https://h/a/']);
	});

	test('goes no further for what is not wanted any more once it was read', async () => {
		const { preparing, said, world } = rig();
		const reading = gate();
		world.reading = reading.step;
		const first = preparing.prepare(A);
		await reading.reached;
		const second = preparing.prepare(B);
		reading.open();
		await Promise.all([first, second]);
		expect(said).toEqual(['read https://h/a/', 'read https://h/b/', 'prepare b']);
		const again = gate();
		world.reading = again.step;
		const third = preparing.prepare(A);
		await again.reached;
		world.wanted = false;
		again.open();
		await third;
		expect(said.at(-1)).toBe('read https://h/a/');
	});
});
