import { describe, expect, test } from 'vitest';
import { FakeWorld, ANSWERED } from '../measure/world.fixture.ts';
import type { RunRecord } from '../measure/world.ts';
import { Failure } from '../rpc/failure.ts';
import { aComparison, anAsked } from './compare.fixture.ts';
import { answeredRows, NO_COMPARISONS, parseComparisons, type Comparison } from './record.ts';
import { CompareRunner } from './runner.svelte.ts';
import { figuresOf, notesOf } from './words.ts';
import type { CompareWorld } from './world.ts';

/** A fake of the page around a comparison. */
function inWorld(disk: unknown = NO_COMPARISONS) {
	const fake = new FakeWorld();
	fake.disk = disk;
	const read = () => parseComparisons(JSON.parse(JSON.stringify(fake.disk)));
	const record: RunRecord<Comparison> = {
		get run() {
			return read().run;
		},
		ready: Promise.resolve(),
		problem: null,
		change: (change) => {
			const before = read();
			fake.disk = { ...before, run: change(before.run) };
			return Promise.resolve();
		}
	};
	const servers: Pick<CompareWorld, 'isServer' | 'server'> = {
		isServer: (id) => id.startsWith('server '),
		server(id) {
			if (id.endsWith('removed')) throw new Failure('server', 'This server was removed.');
			return {
				...{ contextWindow: null, loadMs: null, peakBytes: null, config: null },
				can: { images: id.endsWith('vision'), thinking: false, schema: true, seed: true },
				stands: () => true,
				generate: (request, options) => {
					fake.said.push(`${id} writes`);
					return fake.generate(id, request, options);
				}
			};
		}
	};
	const world: CompareWorld = Object.assign(Object.create(fake) as FakeWorld, {
		record,
		...servers
	});
	return { world: fake, runner: new CompareRunner(world, () => 0) };
}
const kinds = ({ run }: CompareRunner) =>
	run?.rows.map(({ variantId, kind }) => `${variantId} ${kind}`);

describe('a comparison', () => {
	test('loads each variant alone, asks it once, and leaves the page as it was', async () => {
		const { world, runner } = inWorld();
		world.loaded_ = { variantId: 'z', contextWindow: 2048 };
		await runner.ask(anAsked(['a', 'b']));
		expect(world.said).toEqual([
			...['inspect a', 'inspect b', 'load a', 'a writes', 'load b', 'b writes'],
			'restore z'
		]);
		expect(runner.run?.rows).toMatchObject([
			{ variantId: 'a', text: 'Answer of a.', loadMs: 500, firstTokenMs: 70, tokensPerSecond: 30 },
			{ variantId: 'b', text: 'Answer of b.' }
		]);
		expect([runner.status.kind, runner.writing.size, world.held]).toEqual(['done', 0, false]);
	});

	test('asks all with the same words, seed and settings', async () => {
		const { world, runner } = inWorld();
		const asked: unknown[] = [];
		world.generate = (_, request) => {
			asked.push(request);
			return Promise.resolve(ANSWERED);
		};
		await runner.ask(anAsked(['a', 'b']));
		expect(asked[0]).toMatchObject({ sampling: { seed: 1, maxTokens: 64 } });
		expect(asked[1]).toEqual(asked[0]);
	});

	test('sends images to those that take them, and says who did not see them', async () => {
		const { world, runner } = inWorld();
		const contents: unknown[] = [];
		world.generate = (_, { messages }) => {
			contents.push(typeof messages[0]?.content);
			return Promise.resolve(ANSWERED);
		};
		const turns = [
			{ role: 'user' as const, text: 'What?', images: [{ url: 'data:image/png;base64,AAAA' }] }
		];
		await runner.ask(anAsked(['a', 'b-vision'], { question: { system: '', turns } }));
		expect(contents).toEqual(['string', 'object']);
		expect(runner.run?.rows).toMatchObject([{ sawImages: false }, { sawImages: true }]);
	});

	test('shows the answer as it is written, without thoughts', async () => {
		const { world, runner } = inWorld();
		const seen: unknown[] = [];
		world.generate = (_id, _request, { onText }) => {
			for (const text of ['<think>Hm.', '</think>', 'Yes', ', it is.']) {
				onText(text);
				seen.push(runner.writing.get('a'));
			}
			return Promise.resolve(ANSWERED);
		};
		await runner.ask(anAsked(['a']));
		expect(seen).toEqual(['', '', 'Yes', 'Yes, it is.']);
		expect(runner.run?.rows).toMatchObject([{ text: 'Yes, it is.', thinking: 'Hm.' }]);
	});

	test('blocked variants are left out with their reason', async () => {
		const { world, runner } = inWorld();
		world.candidates.a = {
			verdict: {
				kind: 'blocked',
				reasons: [{ code: 'over-budget', sentence: 'It needs 9 GiB.' }],
				warnings: [],
				overridable: true
			}
		};
		await runner.ask(anAsked(['a', 'b']));
		expect(kinds(runner)).toEqual(['b answered']);
		expect(runner.run?.leftOut).toEqual([{ variantId: 'a', reason: 'It needs 9 GiB.' }]);
	});

	test('one that fails gets a row that says how, and the others answer', async () => {
		const { world, runner } = inWorld();
		world.generate = (id) =>
			id === 'a'
				? Promise.reject(new Failure('device-lost', 'The GPU is gone.'))
				: Promise.resolve(ANSWERED);
		await runner.ask(anAsked(['a', 'b']));
		expect(kinds(runner)).toEqual(['a failed', 'b answered']);
		expect(runner.run?.rows[0]).toMatchObject({ failure: { message: 'The GPU is gone.' } });
	});

	test('that the tab was hidden while an answer was written is noted', async () => {
		const { world, runner } = inWorld();
		world.generate = (id) => {
			if (id === 'b') world.hide();
			return Promise.resolve(ANSWERED);
		};
		await runner.ask(anAsked(['a', 'b']));
		expect(runner.run?.rows).toMatchObject([{ hidden: false }, { hidden: true }]);
	});

	test('pausing lets the answer under way end, and the rest waits', async () => {
		const { world, runner } = inWorld();
		world.generate = () => {
			runner.pause();
			return Promise.resolve(ANSWERED);
		};
		await runner.ask(anAsked(['a', 'b']));
		expect([runner.status.kind, kinds(runner)]).toEqual(['paused', ['a answered']]);
		world.generate = () => Promise.resolve(ANSWERED);
		await runner.resume();
		expect(kinds(runner)).toEqual(['a answered', 'b answered']);
	});

	test('stopped in the middle of an answer, it keeps those that are whole', async () => {
		const { world, runner } = inWorld();
		world.generate = async (id, _request, { onText, signal }) => {
			onText('Half');
			if (id === 'b') void runner.stop();
			await Promise.resolve();
			return { ...ANSWERED, finish: signal.aborted ? 'stopped' : 'stop' };
		};
		await runner.ask(anAsked(['a', 'b', 'c']));
		expect([runner.status.kind, runner.run?.state]).toEqual(['done', 'stopped']);
		expect(kinds(runner)).toEqual(['a answered']);
	});

	test('goes on after its page was closed, with what was answered', async () => {
		const { world, runner } = inWorld();
		let reached = () => {};
		const there = new Promise<void>((resolve) => (reached = resolve));
		world.generate = (id) => {
			if (id === 'a') return Promise.resolve(ANSWERED);
			reached();
			return new Promise(() => {});
		};
		void runner.ask(anAsked(['a', 'b']));
		await there;
		const next = inWorld(world.disk);
		expect([next.runner.resumable, kinds(next.runner)]).toEqual([true, ['a answered']]);
		await next.runner.resume();
		expect(kinds(next.runner)).toEqual(['a answered', 'b answered']);
		expect(next.world.said).not.toContain('load a');
	});
});

describe('a blind comparison', () => {
	test('answers in a random order, which is that of the letters', async () => {
		const { world, runner } = inWorld();
		await runner.ask(anAsked(['a', 'b', 'c'], { blind: true }));
		expect(runner.run).toMatchObject({ variantIds: ['b', 'c', 'a'], revealed: false, pick: null });
		expect(world.said.filter((each) => each.startsWith('load'))).toEqual([
			'load b',
			'load c',
			'load a'
		]);
	});
});

describe('two at once', () => {
	const both = (ids: string[]) => anAsked(ids, { together: true });

	test('where both fit they are loaded beside each other and write at the same time, without figures to show', async () => {
		const { world, runner } = inWorld();
		world.loaded_ = { variantId: 'z', contextWindow: 2048 };
		const seen: string[] = [];
		world.generate = async (id, _, { onText }) => {
			onText(`Begun by ${id}.`);
			await Promise.resolve();
			seen.push([...runner.writing].join());
			return ANSWERED;
		};
		await runner.ask(both(['a', 'b', 'c']));
		expect(world.said.slice(3)).toEqual([
			...['load a', 'load b beside a', 'a writes', 'b writes'],
			...['load c', 'c writes', 'restore z']
		]);
		expect(seen[0]).toBe('a,Begun by a.,b,Begun by b.');
		expect(runner.run?.rows).toMatchObject([
			{ variantId: 'a', text: 'Begun by a.', together: true },
			{ variantId: 'b', text: 'Begun by b.', together: true },
			{ variantId: 'c', text: 'Begun by c.', together: false }
		]);
		const [a, , c] = answeredRows(runner.run ?? aComparison([]));
		expect(a && figuresOf(a)).toEqual([]);
		expect(c && figuresOf(c)).not.toEqual([]);
		expect(a && notesOf(a)).toContain(
			'Written at the same time as another answer, so there are no figures.'
		);
		expect(runner.writing.size).toBe(0);
	});

	test('where both do not fit each answers alone, with its figures', async () => {
		const { world, runner } = inWorld();
		world.bothFit = false;
		await runner.ask(both(['a', 'b']));
		expect(world.said.slice(2)).toEqual([
			...['load a', 'a writes', 'load b', 'b writes'],
			'restore nothing'
		]);
		expect(runner.run?.rows).toMatchObject([{ together: false }, { together: false }]);
	});

	test('a second one that cannot be loaded leaves the first to answer alone, loaded again where it went', async () => {
		for (const goes of [false, true]) {
			const { world, runner } = inWorld();
			let tries = 0;
			world.loadStep = (id) => {
				if (id !== 'b' || tries++ > 0) return Promise.resolve();
				if (goes) world.lose();
				return Promise.reject(new Failure('out-of-memory', 'Too much.'));
			};
			await runner.ask(both(['a', 'b']));
			expect(world.said.slice(2)).toEqual([
				...['load a', 'load b beside a', ...(goes ? ['load a'] : []), 'a writes'],
				...['load b', 'b writes', 'restore nothing']
			]);
			expect(kinds(runner)).toEqual(['a answered', 'b answered']);
		}
	});

	/** Both are begun; then one fails, and the other with it where `both` says how. */
	const failing = (which: string, failure: Failure, other: Failure | null = null) => {
		const { world, runner } = inWorld();
		let left = 2;
		world.generate = (id, _, { onText }) => {
			const why = left-- > 0 ? (id === which ? failure : other) : null;
			if (why) return Promise.reject(why);
			onText(`By ${id}.`);
			return Promise.resolve(ANSWERED);
		};
		return { world, runner };
	};
	const lost = new Failure('device-lost', 'The GPU was reset.');
	const ended = new Failure('cancelled', 'The variant was unloaded meanwhile.');

	test.each([
		['a', null, ['load a', 'a writes'], [false, true]],
		['b', null, ['load b', 'b writes'], [true, false]],
		['b', ended, ['load a', 'a writes', 'load b', 'b writes'], [false, false]]
	])(
		'where %s fails, and with it %s, what failed is asked again, alone',
		async (which, other, said, together) => {
			const { world, runner } = failing(which, lost, other);
			await runner.ask(both(['a', 'b']));
			expect(world.said.slice(6)).toEqual([...said, 'restore nothing']);
			expect(kinds(runner)).toEqual(['a answered', 'b answered']);
			expect(runner.run?.rows).toMatchObject(together.map((each) => ({ together: each })));
		}
	);

	test('what fails alone, too, gets a row that says how', async () => {
		const { world, runner } = inWorld();
		world.generate = (id, _, { onText }) => {
			if (id === 'a') return Promise.reject(lost);
			onText(`By ${id}.`);
			return Promise.resolve(ANSWERED);
		};
		await runner.ask(both(['a', 'b']));
		expect(kinds(runner)).toEqual(['a failed', 'b answered']);
	});

	test('where both are ended by something that would end all others, the run waits', async () => {
		const { runner } = failing('a', ended, new Failure('taken-over', 'Another tab uses the GPU.'));
		await runner.ask(both(['a', 'b']));
		expect([runner.status.kind, kinds(runner)]).toEqual(['paused', []]);
	});

	test('paused while both write, it keeps both answers and goes on with the third', async () => {
		const { world, runner } = inWorld();
		world.generate = async (id, _, { onText }) => {
			onText(`By ${id}.`);
			if (id === 'a') runner.pause();
			await Promise.resolve();
			return ANSWERED;
		};
		await runner.ask(both(['a', 'b', 'c']));
		expect([runner.status.kind, kinds(runner)]).toEqual(['paused', ['a answered']]);
		world.said.length = 0;
		await runner.resume();
		expect(world.said).toEqual(['load c', 'c writes', 'restore nothing']);
		expect(runner.run?.rows).toMatchObject([
			{ text: 'By a.' },
			{ text: 'By b.' },
			{ text: 'By c.' }
		]);
	});

	test('stopped while both write, neither is kept', async () => {
		const { world, runner } = inWorld();
		const signals: AbortSignal[] = [];
		world.generate = async (id, _, { signal }) => {
			signals.push(signal);
			if (id === 'b') await runner.stop();
			return { ...ANSWERED, finish: 'stopped' };
		};
		await runner.ask(both(['a', 'b']));
		expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
		expect([runner.run?.state, kinds(runner)]).toEqual(['stopped', []]);
	});

	test('another tab takes the engine while the second is loaded: the run waits', async () => {
		const { world, runner } = inWorld();
		world.loadStep = (id) =>
			id === 'b'
				? Promise.reject(new Failure('taken-over', 'Another tab uses the GPU now.'))
				: Promise.resolve();
		await runner.ask(both(['a', 'b']));
		expect([runner.status.kind, kinds(runner)]).toEqual(['paused', []]);
	});
});

describe('own servers', () => {
	const MINE = 'server mine';

	test('answer in their turn: nothing is loaded or unloaded for them', async () => {
		const { world, runner } = inWorld();
		world.loaded_ = { variantId: 'z', contextWindow: 2048 };
		await runner.ask(anAsked(['a', MINE, 'b']));
		expect(world.said.slice(3)).toEqual([
			...['load a', 'a writes', `${MINE} writes`, 'load b', 'b writes'],
			'restore z'
		]);
		const unknown = { contextWindow: null, loadMs: null, peakBytes: null };
		expect(runner.run?.rows[1]).toMatchObject({ text: `Answer of ${MINE}.`, ...unknown });
		const [, mine] = answeredRows(runner.run ?? aComparison([]));
		expect(mine && figuresOf(mine).map(([name]) => name)).toEqual([
			...['Tokens/s', 'First token', 'Tokens']
		]);
	});

	test('alone are compared without a model', async () => {
		const { world, runner } = inWorld();
		await runner.ask(anAsked([MINE, 'server other']));
		expect(world.said.filter((each) => /load/.test(each))).toEqual([]);
		expect(kinds(runner)).toEqual([`${MINE} answered`, 'server other answered']);
	});

	test('without figures of their own have none', async () => {
		const { world, runner } = inWorld();
		world.generate = (_, __, { onText }) => {
			onText('Yes.');
			return Promise.resolve({ ...ANSWERED, decodeTokensPerSecond: NaN, promptTokens: NaN });
		};
		await runner.ask(anAsked([MINE, 'a']));
		expect(runner.run?.rows[0]).toMatchObject({ tokensPerSecond: null, promptTokens: null });
	});

	test('are sent images where they take them', async () => {
		const { world, runner } = inWorld();
		const contents: unknown[] = [];
		world.generate = (_, { messages }) => {
			contents.push(typeof messages[0]?.content);
			return Promise.resolve(ANSWERED);
		};
		const images = [{ url: 'data:image/png;base64,AAAA' }];
		const turns = [{ role: 'user' as const, text: 'What?', images }];
		await runner.ask(anAsked([MINE, 'server vision'], { question: { system: '', turns } }));
		expect(contents).toEqual(['string', 'object']);
		expect(runner.run?.rows).toMatchObject([{ sawImages: false }, { sawImages: true }]);
	});

	test.each([
		['does not answer', MINE, 'The server cannot be reached.'],
		['was removed', 'server removed', 'This server was removed.']
	])('one that %s gets a row that says so, and the run goes on', async (_, id, message) => {
		const { world, runner } = inWorld();
		const { generate } = world;
		world.generate = (each, ...rest) =>
			each === id ? Promise.reject(new Failure('server', message)) : generate(each, ...rest);
		await runner.ask(anAsked([id, 'a']));
		expect([runner.status.kind, kinds(runner)]).toEqual(['done', [`${id} failed`, 'a answered']]);
		expect(runner.run?.rows[0]).toMatchObject({ failure: { kind: 'server', message } });
	});

	test('are never asked together with a variant, and no variant is asked twice for them', async () => {
		for (const fails of [false, true]) {
			const { world, runner } = inWorld();
			const { generate } = world;
			world.generate = (id, ...rest) =>
				fails && id === MINE
					? Promise.reject(new Failure('server', 'The server cannot be reached.'))
					: generate(id, ...rest);
			await runner.ask(anAsked(['a', MINE, 'b', 'c'], { together: true }));
			expect(world.said.slice(4)).toEqual([
				...['load a', 'load b beside a', 'a writes', 'b writes', `${MINE} writes`],
				...['load c', 'c writes', 'restore nothing']
			]);
			expect(runner.run?.rows).toMatchObject([
				{ variantId: 'a', together: true },
				fails ? { kind: 'failed' } : { variantId: MINE, together: false },
				{ variantId: 'b', together: true },
				{ variantId: 'c', together: false }
			]);
		}
	});

	test('pausing lets their answer end, and the rest waits', async () => {
		const { world, runner } = inWorld();
		const { generate } = world;
		world.generate = (...asked) => {
			runner.pause();
			return generate(...asked);
		};
		await runner.ask(anAsked([MINE, 'a']));
		expect([runner.status.kind, kinds(runner)]).toEqual(['paused', [`${MINE} answered`]]);
		world.generate = generate;
		await runner.resume();
		expect(kinds(runner)).toEqual([`${MINE} answered`, 'a answered']);
	});

	test('stopped in the middle of their answer, nothing of it is kept', async () => {
		const { world, runner } = inWorld();
		let ended = false;
		world.generate = async (_, __, { onText, signal }) => {
			onText('Half');
			await runner.stop();
			ended = signal.aborted;
			return { ...ANSWERED, finish: 'stopped' };
		};
		await runner.ask(anAsked([MINE, 'a']));
		expect([ended, runner.run?.state, kinds(runner)]).toEqual([true, 'stopped', []]);
	});

	test('are asked by the next page, where this one was closed in the middle', async () => {
		const { world, runner } = inWorld();
		const reached = new Promise<void>((resolve) => {
			world.generate = () => {
				resolve();
				return new Promise(() => {});
			};
		});
		void runner.ask(anAsked([MINE, 'a']));
		await reached;
		const next = inWorld(world.disk);
		expect([next.runner.resumable, next.runner.run?.currentId]).toEqual([true, null]);
		await next.runner.resume();
		expect(kinds(next.runner)).toEqual([`${MINE} answered`, 'a answered']);
	});
});

test('two at once: where one fails alone, too, the other keeps what it wrote', async () => {
	const { world, runner } = inWorld();
	const { generate } = world;
	world.generate = (id, ...rest) =>
		id === 'a' ? Promise.reject(new Failure('device-lost', 'Gone.')) : generate(id, ...rest);
	await runner.ask(anAsked(['a', 'b'], { together: true }));
	expect(kinds(runner)).toEqual(['a failed', 'b answered']);
	expect(world.said.filter((each) => each === 'b writes')).toHaveLength(1);
});
