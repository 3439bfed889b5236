import { flushSync } from 'svelte';
import { afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { aDevice } from '#plan/device/a-device.fixture.ts';
import type { DeviceReading } from '#plan/device/adapter.ts';
import type { Facts } from '#plan/models/facts.ts';
import { variantById } from '#plan/models/catalog-data.ts';
import { parseChatConfig } from '#plan/models/config.ts';
import { readLibraryMetadata } from '#plan/models/library.ts';
import { parseManifest } from '#plan/models/manifest.ts';
import { absoluteUrls, modelBaseUrl } from '../engine/webllm/catalog-record.ts';
import { appIn } from '../app/app.fixture.ts';
import { answered, gate, type Script } from '../engine/engine.fixture.ts';
import { engineFailure } from '../engine/webllm/errors.ts';
import { Failure } from '../rpc/failure.ts';
import { FakeTabs } from '../runner/tabs.fixture.ts';
import InApp from './InApp.fixture.svelte';
import ModelPanel from './ModelPanel.svelte';

/** What a fault of a browser becomes on its way to the page is shown by tests/faults; from there on it is told here. */
const quiet = { gpuError: null, deviceLost: null };
const lostFor = (reason: string) =>
	engineFailure(new Error('It went.'), { ...quiet, deviceLost: { reason, message: 'It went.' } });
const failures = {
	/** By the engine itself, over a limit. */
	'the device is destroyed': () => lostFor('destroyed'),
	/** By the driver, or with the process that talks to the GPU. */
	'the device goes': () => lostFor('unknown'),
	'the GPU runs out of memory': () =>
		engineFailure(new Error(), { ...quiet, gpuError: { outOfMemory: true, message: 'Full.' } }),
	'an invalid command': () =>
		engineFailure(new Error(), { ...quiet, gpuError: { outOfMemory: false, message: 'Bad.' } }),
	'the computer’s memory is full': () =>
		engineFailure(new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded'), quiet),
	'the engine’s code breaks down': () =>
		engineFailure(new WebAssembly.RuntimeError('unreachable'), quiet),
	'the engine has loaded nothing': () =>
		engineFailure(Object.assign(new Error(), { name: 'ModelNotLoadedError' }), quiet),
	'the worker throws': () => new Failure('worker-died', 'The engine’s worker failed.'),
	'the worker says nothing any more': () => new Failure('silent', 'The engine stopped answering.')
};
type Cause = keyof typeof failures;

/** `npm run test:all` tries each cause at each moment; `npm test` each cause once, and each moment in turn. */
function tried<T>(moments: readonly T[], cause: Cause): T[] {
	const turn = Object.keys(failures).indexOf(cause) % moments.length;
	return moments.filter((_, i) => import.meta.env.LONG === 'too' || i === turn);
}

/** What hangs fails; what is slow on a busy machine does not. */
const PATIENT = { timeout: 20_000 };

const A = 'pocket-q4f32_1';
const B = 'pocket-q0f32';
const GIB = 2 ** 30;
/** So little that two variants do not fit at once. */
const ONE_AT_A_TIME = { budgetBytes: Math.round(0.507 * GIB) };

/** What pocket's own files say of its size. */
const facts = new Map<string, Facts>();
beforeAll(async () => {
	for (const id of [A, B]) {
		const variant = variantById.get(id);
		if (!variant) throw new Error(`The catalogue has no ${id}.`);
		const absolute = absoluteUrls(variant, new URL('/', location.href).href);
		const read = (path: string) => fetch(new URL(path, modelBaseUrl(absolute)));
		const text = async (path: string) => (await read(path)).text();
		const library = await read(absolute.libraryUrl);
		facts.set(variant.quantization.name, {
			config: parseChatConfig(JSON.parse(await text('mlc-chat-config.json')), variant.overrides),
			manifest: parseManifest(JSON.parse(await text('tensor-cache.json'))),
			library: readLibraryMetadata(new Uint8Array(await library.arrayBuffer()))
		});
	}
});
const factsAt = (baseUrl: string) =>
	[...facts].find(([name]) => baseUrl.includes(`/${name}/`))?.[1] ?? {};

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of opened.splice(0)) await close();
});

type World = ReturnType<typeof appIn>;

async function pageOf(world: World) {
	const { inspection } = world.files;
	world.files.inspection = (source) => ({ ...inspection(source), facts: factsAt(source.baseUrl) });
	await world.start();
	const { signal } = new AbortController();
	for (const variant of world.app.selection.family.variants)
		await world.app.preflights.read(variant, { library: true, signal });
	// A model takes what was planned.
	const planned = new Map(
		world.app.selection.family.variants.map((variant) => [
			variant.id,
			world.app.planning.planOf(variant, 1024).estimate?.peakBytes ?? 0
		])
	);
	const bytesOf = (id: string) => planned.get(id) ?? 0;
	world.engines.bytesOf = ({ record }) => bytesOf(record.model_id);
	const screen = await render(InApp, { app: world.app, View: ModelPanel, given: {} });
	const panel = screen.getByRole('region', { name: 'Model' });
	const press = (name: RegExp | string) => panel.getByRole('button', { name }).click();
	let closed = false;
	const close = async () => {
		if (closed) return;
		closed = true;
		await screen.unmount();
		world.close();
	};
	opened.push(close);
	return { ...world, bytesOf, close, panel, press };
}
type Page = Awaited<ReturnType<typeof pageOf>>;

/** A page with a conversation in it. */
async function aPage({ loaded = false, settings = {} } = {}): Promise<Page> {
	const page = await pageOf(appIn({ device: aDevice({ features: [] }) }));
	await page.app.settings.set({ afterFailure: 'ask', budgetBytes: 4 * GIB, ...settings });
	page.app.selection.choose(A, 1024);
	await page.app.session.send('What is VRAM?');
	if (!loaded) await page.app.unload();
	await page.app.loader.settled();
	page.engines.scripts = [];
	return page;
}

const failing = (cause: Cause) => () => Promise.reject(failures[cause]());
const texts = ({ app }: Pick<World, 'app'>) => app.session.messages.map(({ text }) => text);

interface Fault {
	/** What is there before. */
	given: 'nothing' | 'loaded';
	/** What the person does while it strikes. */
	during: 'load' | 'swap' | 'answer' | 'nothing';
	settings?: object;
	strike: (page: Page) => void | Promise<void>;
	/** What the panel says in the end. */
	says: RegExp;
	leaves: typeof A | typeof B | null;
	/** A smaller thing is offered. */
	offers?: boolean;
	/** It strikes in the middle of an answer: what was written stays. */
	partial?: boolean;
}

/** The fault strikes, the page says what happened, nothing is lost, and the next chat works. */
async function tell({ given, during, settings, strike, says, leaves, offers, partial }: Fault) {
	const page = await aPage({ loaded: given === 'loaded', ...(settings && { settings }) });
	const { app, bytesOf, engines, panel, press } = page;
	const before = texts(page);
	expect(before).toEqual(['What is VRAM?', 'Yes.']);
	expect(app.loader.loaded?.variant.id ?? null).toBe(given === 'loaded' ? A : null);

	await strike(page);
	if (during === 'load') await press(/^Load pocket/);
	if (during === 'swap') {
		// In one go: what is chosen for a while is prepared.
		app.selection.choose(B);
		flushSync();
		(panel.getByRole('button', { name: /^Swap pocket/ }).element() as HTMLElement).click();
	}
	if (during === 'answer') void app.session.send('What is quantization?');

	await expect.poll(() => panel.element().textContent.replace(/\s+/g, ' '), PATIENT).toMatch(says);
	await app.loader.settled();
	await expect.element(panel.getByRole('button', { name: 'Cancel' })).not.toBeInTheDocument();
	expect(texts(page).slice(0, before.length)).toEqual(before);

	const smaller = panel.getByRole('button', { name: /^Load .* instead$/ });
	if (offers) await expect.element(smaller).toBeVisible();
	else await expect.element(smaller).not.toBeInTheDocument();
	expect(app.loader.loaded?.variant.id ?? null).toBe(leaves);
	expect(engines.holding).toHaveLength(leaves === null ? 0 : 1);
	expect(app.loader.meter.liveBytes).toBe(leaves === null ? 0 : bytesOf(leaves));
	if (leaves) expect(bytesOf(leaves)).toBeGreaterThan(0);
	const unload = panel.getByRole('button', { name: /^Unload/ });
	if (leaves === null) await expect.element(unload).not.toBeInTheDocument();
	else {
		await expect.element(unload).toBeVisible();
		expect(app.running.answeringVariant.id).toBe(leaves);
	}
	// Besides what is loaded there may be one ahead.
	expect(engines.alive.length).toBeLessThanOrEqual(2);
	if (partial) {
		await expect.poll(() => app.answers.busy, PATIENT).toBe(false);
		const [question, answer] = app.session.messages.slice(before.length);
		expect([question?.text, answer?.role, answer?.text]).toEqual([
			'What is quantization?',
			'assistant',
			'Half'
		]);
		const kept = await app.conversations.load(app.session.conversation.id);
		expect(kept?.messages.map(({ text }) => text)).toContain('Half');
	}

	// What strikes by itself strikes no more.
	engines.scripts = [];
	page.files.download_ = () => Promise.resolve();
	await app.session.send('What is a token?');
	expect(texts(page).slice(-2)).toEqual(['What is a token?', 'Yes.']);
	expect(texts(page).slice(0, before.length)).toEqual(before);
}

const recovered = { says: /was loaded again by itself/, leaves: A } as const;
const nothing = (cause: RegExp) =>
	({
		says: new RegExp(`${cause.source}.*No model is loaded now`, 's'),
		leaves: null,
		offers: true
	}) as const;

/** How each cause ends for what was loaded. */
const ends: [Cause, Pick<Fault, 'says' | 'leaves' | 'offers'>][] = [
	['the device is destroyed', recovered],
	['the device goes', recovered],
	['the engine’s code breaks down', recovered],
	['the worker throws', recovered],
	[
		'the worker says nothing any more',
		{ ...recovered, says: /stopped answering.*again by itself/s }
	],
	['the GPU runs out of memory', nothing(/ran out of memory/)],
	['the computer’s memory is full', nothing(/computer’s memory/)],
	['an invalid command', nothing(/answers would be wrong/)]
];

/** What is loaded is lost while it writes an answer, after `said`. */
function answering(page: Page, said: string, cause: Cause) {
	const engine = page.engines.holding[0];
	if (!engine) throw new Error('Nothing is loaded.');
	vi.spyOn(engine, 'generate').mockImplementationOnce((_, { onText }) => {
		if (said) onText(said);
		// What was said reaches the page first.
		setTimeout(() => engine.lose(failures[cause]()));
		return new Promise((_, reject) => {
			const end = engine.end.bind(engine);
			engine.end = (reason) => {
				end(reason);
				reject(engine.failure ?? new Error('It was ended.'));
			};
		});
	});
}

const moments: Record<string, (cause: Cause) => Pick<Fault, 'during' | 'partial' | 'strike'>> = {
	'while the question is read': (cause) => ({
		during: 'answer',
		strike: (page) => answering(page, '', cause)
	}),
	'while the answer is written': (cause) => ({
		during: 'answer',
		partial: true,
		strike: (page) => answering(page, 'Half', cause)
	}),
	'while nothing is done': (cause) => ({
		during: 'nothing',
		strike: ({ engines }) => engines.holding[0]?.lose(failures[cause]())
	})
};

describe.each(ends)('%s', (cause, end) => {
	test.each(tried(Object.entries(moments), cause))('%s', (_, moment) =>
		tell({ given: 'loaded', ...end, ...moment(cause) })
	);
});

describe('what is loaded goes', () => {
	test('out of memory, and something smaller is loaded by itself', () =>
		tell({
			given: 'loaded',
			during: 'answer',
			settings: { afterFailure: 'fallback' },
			strike: (page) => answering(page, 'Half', 'the GPU runs out of memory'),
			says: /pocket q4f32_1.*is loaded instead/s,
			leaves: A,
			partial: true
		}));

	test('and every engine after it breaks down', () =>
		tell({
			given: 'loaded',
			during: 'nothing',
			strike: ({ engines }) => {
				engines.scripts = [{ load: failing('the engine’s code breaks down') }];
				engines.holding[0]?.lose(failures['the device goes']());
			},
			...nothing(/engine crashed/)
		}));

	test('when nobody has used it for the time that was set', async () => {
		vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
		onTestFinished(() => void vi.useRealTimers());
		await tell({
			given: 'loaded',
			during: 'nothing',
			settings: { idleUnloadMinutes: 5 },
			strike: async ({ app }) => {
				vi.advanceTimersByTime(4 * 60_000);
				await app.loader.settled();
				expect(app.loader.loaded?.variant.id).toBe(A);
				vi.advanceTimersByTime(2 * 60_000);
			},
			says: /was unloaded after 5 min without use/,
			leaves: null
		});
	});
});

/** Where a load can be struck. */
const steps = { 'before its weights': 'prepare', 'after its weights': 'load' } as const;
/** How each cause ends for a first load that it strikes once; where it is repeated, the second one succeeds. */
const overcome = { says: /Loaded\./, leaves: A } as const;
const firstLoad: [Cause, Pick<Fault, 'says' | 'leaves' | 'offers'>][] = [
	['the device is destroyed', nothing(/lost its connection to the GPU/)],
	['the device goes', overcome],
	['the engine’s code breaks down', overcome],
	['the worker throws', overcome],
	['the worker says nothing any more', overcome],
	['the engine has loaded nothing', overcome],
	['the GPU runs out of memory', nothing(/ran out of memory/)],
	['the computer’s memory is full', nothing(/ran out of the computer’s memory/)],
	['an invalid command', nothing(/reported an error, so answers would be wrong/)]
];

describe.each(firstLoad)('loading: %s', (cause, end) => {
	test.each(tried(Object.keys(steps) as (keyof typeof steps)[], cause))('%s', (when) =>
		tell({
			given: 'nothing',
			during: 'load',
			...end,
			strike: ({ engines }) => void (engines.scripts = [{ [steps[when]]: failing(cause) }])
		})
	);
});

describe('loading', () => {
	test.each([
		[
			'a shard is not what it should be',
			new Failure('bad-file', 'The file has another length than it should.', {
				file: 'params_shard_0.bin',
				expected: '16 B',
				found: '8 B'
			}),
			/params_shard_0\.bin.*No model is loaded now/s
		],
		[
			'the connection breaks again and again',
			new Failure('network', 'The connection broke.', { file: 'params_shard_0.bin' }),
			/params_shard_0\.bin.*No model is loaded now/s
		],
		[
			'the disk is full',
			new Failure('quota', 'The browser’s storage for this site is full.'),
			/storage for this site is full.*No model is loaded now/s
		]
	])('fetches its files, and %s', (_, failure, says) =>
		tell({
			given: 'nothing',
			during: 'load',
			strike: ({ files }) => void (files.download_ = () => Promise.reject(failure)),
			says,
			leaves: null
		})
	);

	test('runs out of memory, and nothing is to be done about it', () =>
		tell({
			given: 'nothing',
			during: 'load',
			settings: { afterFailure: 'stop' },
			strike: ({ engines }) =>
				void (engines.scripts = [{ load: failing('the GPU runs out of memory') }]),
			...nothing(/ran out of memory/),
			offers: false
		}));

	test('breaks down in every engine, and is tried no more than twice', () =>
		tell({
			given: 'nothing',
			during: 'load',
			strike: ({ engines }) => {
				const broken: Script = { load: failing('the engine’s code breaks down') };
				engines.scripts = [broken, broken];
			},
			...nothing(/engine crashed/)
		}));
});

const kept = { says: /q4f32_1 is loaded as before/, leaves: A, offers: true } as const;
const swapped = { says: /Loaded\./, leaves: B } as const;

describe.each([
	['beside the old one', { budgetBytes: 4 * GIB }],
	['one at a time', ONE_AT_A_TIME]
] as const)('swapping %s', (_, settings) => {
	const swap = { given: 'loaded', during: 'swap', settings } as const;

	test.each(Object.keys(steps) as (keyof typeof steps)[])('the new device goes %s', (when) =>
		tell({
			...swap,
			...kept,
			strike: ({ engines }) =>
				void (engines.scripts = [{ [steps[when]]: failing('the device is destroyed') }])
		})
	);

	test('the GPU runs out of memory, and the old one comes back', () =>
		tell({
			...swap,
			...kept,
			strike: ({ engines }) =>
				void (engines.scripts = [{ load: failing('the GPU runs out of memory') }])
		}));

	test.each(['the worker throws', 'the worker says nothing any more', 'the device goes'] as const)(
		'%s, and a second one does it',
		(cause) =>
			tell({
				...swap,
				...swapped,
				strike: ({ engines }) => void (engines.scripts = [{ load: failing(cause) }])
			})
	);
});

describe('swapping', () => {
	const swap = { given: 'loaded', during: 'swap' } as const;

	test('one at a time, every engine breaks down, so that the old one does not come back either', () =>
		tell({
			...swap,
			settings: ONE_AT_A_TIME,
			strike: ({ engines }) => {
				const broken: Script = { load: failing('the engine’s code breaks down') };
				engines.scripts = [broken, broken, broken];
			},
			...nothing(/engine crashed/)
		}));

	test.each([
		['a shard of the new one is missing', new Failure('bad-file', 'It is not there.')],
		['the disk is full', new Failure('quota', 'The browser’s storage for this site is full.')]
	])('%s', (_, failure) =>
		tell({
			...swap,
			...kept,
			offers: false,
			strike: ({ files }) => void (files.download_ = () => Promise.reject(failure))
		})
	);

	/** The old device goes while the new one is downloaded. */
	const losingTheOld =
		(then: () => Promise<void>) =>
		({ app, engines, files }: Page) => {
			files.download_ = async () => {
				files.download_ = () => Promise.resolve();
				engines.holding[0]?.lose(failures['the device is destroyed']());
				expect(app.loader.meter.liveBytes).toBe(0);
				await then();
			};
		};

	test('the old device goes while the new one is downloaded', () =>
		tell({ ...swap, ...swapped, strike: losingTheOld(() => Promise.resolve()) }));

	test('the old device goes, and the new one cannot be downloaded', () =>
		tell({
			...swap,
			...kept,
			offers: false,
			strike: losingTheOld(() => Promise.reject(new Failure('bad-file', 'It is not there.')))
		}));
});

describe('preparing what is chosen', () => {
	test.each(['the device is destroyed', 'the device goes', 'the worker throws'] as const)(
		'%s, and the swap starts over',
		(cause) =>
			tell({
				given: 'loaded',
				during: 'nothing',
				settings: ONE_AT_A_TIME,
				...swapped,
				strike: async ({ app, engines, press }) => {
					app.selection.choose(B);
					const prepared = () => engines.alive.find(({ prepared, holds }) => prepared && !holds);
					await vi.waitFor(() => expect(prepared()).toBeDefined(), PATIENT);
					prepared()?.lose(failures[cause]());
					expect(app.loader.loaded?.variant.id).toBe(A);
					expect(app.loader.problem).toBeNull();
					await press(/^Swap pocket/);
				}
			})
	);

	test('and the GPU process dies: what is loaded goes too, and comes back', () =>
		tell({
			given: 'loaded',
			during: 'nothing',
			...recovered,
			strike: async ({ app, engines }) => {
				app.selection.choose(B);
				const prepared = () => engines.alive.find(({ prepared, holds }) => prepared && !holds);
				await vi.waitFor(() => expect(prepared()).toBeDefined(), PATIENT);
				for (const engine of [prepared(), engines.holding[0]])
					engine?.lose(failures['the device goes']());
			}
		}));
});

describe('the next visit', () => {
	test.each(['starting', 'uploading', 'compiling', 'warming-up'])(
		'after a tab that died while it loaded (%s) tells of it, loads nothing by itself, and offers less',
		async (phase) => {
			const first = await aPage();
			const before = texts(first);
			await first.close();
			const at = Date.now();
			first.marks.set('loading', JSON.stringify({ variantId: A, contextWindow: 1024, phase, at }));
			const page = await pageOf(first.again());
			const { app, panel, press } = page;
			await expect.element(panel.getByRole('alert')).toHaveTextContent('last visit ended without');
			expect(app.loader.loaded).toBeNull();
			expect(texts(page)).toEqual(before);
			// It is not loaded by itself, not even for a message.
			await app.session.send('What is VRAM?');
			expect(app.session.status).toMatchObject({ kind: 'failed', failure: { kind: 'tab-died' } });
			expect([app.loader.loaded, page.engines.holding.length]).toEqual([null, 0]);
			await press(/instead$/);
			await app.loader.settled();
			expect(app.loader.loaded?.contextWindow).toBeLessThan(1024);
			await expect.poll(() => texts(page), PATIENT).toEqual([...before, 'What is VRAM?', 'Yes.']);
		}
	);

	test('after a tab that died in the middle of a swap offers what was loaded before', async () => {
		const first = await aPage({ loaded: true, settings: ONE_AT_A_TIME });
		const before = texts(first);
		const loading = gate();
		first.engines.scripts = [{ load: loading.step }];
		first.app.selection.choose(B);
		void first.app.load();
		await loading.reached;
		expect(first.engines.holding).toHaveLength(1);
		// As it is when the tab dies there.
		const marks = new Map(first.marks);
		loading.fail(failures['the GPU runs out of memory']());
		await first.app.loader.settled();
		await first.close();
		for (const [key, value] of marks) first.marks.set(key, value);
		const page = await pageOf(first.again());
		await expect.element(page.panel.getByRole('alert')).toHaveTextContent('q0f32');
		await page.press(/q4f32_1.* instead$/);
		await page.app.loader.settled();
		expect(page.app.loader.loaded?.variant.id).toBe(A);
		expect(texts(page)).toEqual(before);
	});

	test('after a tab that died while a model was downloaded has nothing to tell', async () => {
		const first = await aPage();
		const downloading = gate();
		first.files.download_ = downloading.step;
		const { inspection } = first.files;
		first.files.inspection = (source) => ({
			...inspection(source),
			missing: [{ url: `${source.baseUrl}params_shard_0.bin`, bytes: null }]
		});
		void first.app.load();
		await downloading.reached;
		// Although its first weights are on the GPU by now.
		await expect.poll(() => first.engines.holding).toHaveLength(1);
		expect(first.marks.size).toBe(0);
		downloading.open();
		await first.app.loader.settled();
		expect(first.app.loader.loaded).not.toBeNull();
	});

	test('after a tab that died while an answer was written has nothing to tell, and the question', async () => {
		const first = await aPage({ loaded: true });
		const before = texts(first);
		const writing = gate();
		const engine = first.engines.holding[0];
		vi.spyOn(engine!, 'generate').mockImplementationOnce(async () => {
			await writing.step();
			return answered;
		});
		void first.app.session.send('What is quantization?');
		await writing.reached;
		expect(first.marks.size).toBe(0);
		// The tab that died says nothing any more, and its locks are gone.
		await first.close();
		const page = await pageOf(first.again());
		await expect.element(page.panel.getByRole('alert')).not.toBeInTheDocument();
		expect(texts(page)).toEqual([...before, 'What is quantization?']);
		await page.app.session.send('What is VRAM?');
		expect(texts(page).slice(-2)).toEqual(['What is VRAM?', 'Yes.']);
	});
});

describe('two tabs', () => {
	test('that write to one conversation lose nothing of each other', async () => {
		const tabs = new FakeTabs();
		const first = await pageOf(appIn({ tabs }));
		const second = await pageOf(appIn({ tabs, id: first.id }));
		await first.app.session.send('What is VRAM?');
		await second.app.opening.openConversation(first.app.session.conversation.id);
		const writing = gate();
		first.engines.scripts = [];
		const engine = first.engines.holding[0];
		vi.spyOn(engine!, 'generate').mockImplementationOnce(async (_, { onText }) => {
			onText('Keys');
			await writing.step();
			onText(' and values.');
			return answered;
		});
		// The first writes an answer while the second adds a question that it cannot answer.
		const answer = first.app.session.send('What is the KV cache?');
		await writing.reached;
		await second.app.session.send('A question from the second tab');
		await expect
			.element(second.panel.getByRole('alert'))
			.toHaveTextContent(/runs in another tab.*It answers “.+”/s);
		expect([second.engines.holding.length, second.app.loader.meter.liveBytes]).toEqual([0, 0]);
		writing.open();
		await answer;
		const kept = async () => {
			const conversation = await first.app.conversations.load(first.app.session.conversation.id);
			return conversation?.messages.map(({ text }) => text);
		};
		await expect
			.poll(kept, PATIENT)
			.toEqual(
				expect.arrayContaining([
					'What is VRAM?',
					'Yes.',
					'What is the KV cache?',
					'Keys and values.',
					'A question from the second tab'
				])
			);
	});
});

describe('without', () => {
	const says = async (reading: DeviceReading, words: RegExp, remedy: RegExp) => {
		const page = await pageOf(appIn({ change: { askDevice: () => Promise.resolve(reading) } }));
		const { panel, app } = page;
		await expect.poll(() => panel.element().textContent, PATIENT).toMatch(words);
		expect(panel.element().textContent).toMatch(remedy);
		return { panel, app };
	};

	test('limits that the engine needs', async () => {
		const { limits } = aDevice();
		const low = {
			...limits,
			maxBufferSize: 64 * 2 ** 20,
			maxStorageBufferBindingSize: 64 * 2 ** 20
		};
		const { panel } = await says(
			{ kind: 'ready', device: aDevice({ limits: low }) },
			/buffers of at least|bindings of at least/,
			/64\.0? MiB|64 MiB/
		);
		await expect.element(panel.getByRole('button', { name: /^Load pocket/ })).toBeDisabled();
	});

	test('a GPU: rendering is in software, and everything is allowed', async () => {
		const { panel, app } = await says(
			{ kind: 'ready', device: aDevice({ software: true }) },
			/Software rendering: no GPU in use/,
			/Load\s+pocket/
		);
		await expect.element(panel.getByRole('button', { name: /^Load pocket/ })).toBeEnabled();
		await app.session.send('What is VRAM?');
		expect(texts({ app })).toEqual(['What is VRAM?', 'Yes.']);
	});
});
