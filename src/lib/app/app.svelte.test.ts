import { afterEach, describe, expect, test, vi } from 'vitest';
import { appIn } from './app.fixture.ts';
import { append, create } from '../chat/conversation.ts';
import { answered, gate } from '../engine/engine.fixture.ts';
import type { GenerateResult } from '../engine/protocol.ts';
import { MODEL_HOSTS } from '../network/policy.ts';
import { Failure } from '../rpc/failure.ts';
import { FakeTabs } from '../runner/tabs.fixture.ts';

type Rig = ReturnType<typeof appIn>;
const opened: Rig[] = [];
function open(...given: Parameters<typeof appIn>): Rig {
	const rig = appIn(...given);
	opened.push(rig);
	return rig;
}
async function started(...given: Parameters<typeof appIn>): Promise<Rig> {
	const rig = open(...given);
	await rig.start();
	expect(rig.app.mishaps.last).toBeNull();
	expect(rig.app.ready).toBe(true);
	return rig;
}
afterEach(() => {
	for (const rig of opened.splice(0)) rig.close();
});

const GIB = 2 ** 30;
const texts = ({ app }: Rig) => app.session.messages.map(({ text }) => text);
const told = (...messages: string[]) =>
	messages.reduce(
		(conversation, text, i) =>
			append(conversation, { role: i % 2 === 0 ? 'user' : 'assistant', text }),
		create()
	);

const untilStopped = (signal: AbortSignal) =>
	new Promise<GenerateResult>((resolve) =>
		signal.addEventListener('abort', () => resolve({ ...answered, finish: 'stopped' }))
	);

describe('which hosts may be reached', () => {
	test('nothing is said of it before the settings are read and the workers guarded', async () => {
		const guarded = gate();
		const rig = open({ change: { guarded: () => guarded.step().then(() => true) } });
		const starting = rig.start();
		await rig.app.settings.ready;
		await new Promise((resolve) => setTimeout(resolve));
		expect(rig.files.allowed).toEqual([]);
		guarded.open();
		await starting;
		expect(rig.files.allowed).toEqual([MODEL_HOSTS]);
	});

	test('follows the settings, whoever wrote them: an import, another tab, a reset', async () => {
		const rig = await started();
		const last = () => rig.files.allowed.at(-1);
		// As the import of a file does.
		await rig.app.settings.set({ airplane: true, extraHosts: ['a.test'] });
		await vi.waitFor(() => expect(last()).toEqual([]));
		expect(rig.app.queue.held).toBe(true);
		const other = await started({ id: rig.id });
		await other.app.settings.set({ airplane: false });
		await vi.waitFor(() => expect(last()).toEqual([...MODEL_HOSTS, 'a.test']));
		expect(rig.app.queue.held).toBe(false);
		await rig.app.settings.set({ extraHosts: [] });
		await vi.waitFor(() => expect(last()).toEqual(MODEL_HOSTS));
		await rig.app.settings.set({ airplane: true });
		await vi.waitFor(() => expect(last()).toEqual([]));
		await rig.app.settings.reset();
		await vi.waitFor(() => expect(last()).toEqual(MODEL_HOSTS));
	});
});

describe('a message', () => {
	test('loads the chosen model first', async () => {
		const rig = await started();
		await rig.app.session.send('One');
		expect(texts(rig)).toEqual(['One', 'Yes.']);
		expect(rig.app.loader.loaded?.variant).toBe(rig.app.selection.variant);
	});

	test('sent while an idle unload runs is answered, and by one engine', async () => {
		const tabs = new FakeTabs();
		const rig = await started({ tabs });
		const freeing = gate();
		rig.engines.scripts = [{ dispose: freeing.step }];
		await rig.app.load();
		void rig.app.loader.unloadIdle(5);
		const sent = rig.app.session.send('One');
		await freeing.reached;
		freeing.open();
		await sent;
		expect(texts(rig)).toEqual(['One', 'Yes.']);
		const second = await started({ tabs });
		await second.app.load();
		expect(second.app.loader.problem?.failure.kind).toBe('elsewhere');
		expect(rig.engines.holding).toHaveLength(1);
	});

	test('whose answer is written when the model is unloaded keeps what there is, and nothing failed', async () => {
		const rig = await started();
		rig.engines.scripts = [
			{
				generate: (_, say, signal) => {
					say('Half');
					return untilStopped(signal);
				}
			}
		];
		void rig.app.session.send('One');
		await expect.poll(() => rig.app.session.status.kind).toBe('answering');
		await rig.app.unload();
		expect(rig.app.session.status.kind).toBe('idle');
		expect(rig.app.session.messages.at(-1)).toMatchObject({
			text: 'Half',
			answer: { finish: 'stopped' }
		});
		expect(rig.app.loader.problem).toBeNull();
		expect(rig.engines.holding).toHaveLength(0);
	});

	test('that is being read for when the model is unloaded is not answered by another one', async () => {
		const rig = await started();
		rig.engines.scripts = [{ generate: (_, __, signal) => untilStopped(signal) }];
		void rig.app.session.send('One');
		await expect.poll(() => rig.app.session.status.kind).toBe('answering');
		await rig.app.unload();
		await rig.app.load();
		expect(rig.app.answers.busy).toBe(false);
		expect(texts(rig)).toEqual(['One']);
	});

	test('that is being read for when a swap takes its engine is answered by the new one', async () => {
		const rig = await started();
		rig.engines.scripts = [{ generate: (_, __, signal) => untilStopped(signal) }];
		await rig.app.load();
		const sent = rig.app.session.send('One');
		await expect.poll(() => rig.app.session.status.kind).toBe('answering');
		const [, other] = rig.app.selection.family.variants;
		rig.app.selection.choose(other!.id);
		await rig.app.load(true);
		await sent;
		await expect.poll(() => texts(rig)).toEqual(['One', 'Yes.']);
		expect(rig.app.session.messages.at(-1)?.answer?.engineId).toBe(other!.id);
	});

	test('that waits for a load which is unloaded is not answered, and can be', async () => {
		const rig = await started();
		const loading = gate();
		rig.engines.scripts = [{ load: loading.step }];
		const sent = rig.app.session.send('One');
		await loading.reached;
		await rig.app.unload();
		await sent;
		expect(rig.app.session.status.kind).toBe('idle');
		expect(rig.app.loader.loaded).toBeNull();
		await rig.app.session.retry();
		expect(texts(rig)).toEqual(['One', 'Yes.']);
	});

	test('that is stopped while its model loads ends the load', async () => {
		const rig = await started();
		const loading = gate();
		rig.engines.scripts = [{ load: loading.step }];
		const sent = rig.app.session.send('One');
		await loading.reached;
		await rig.app.session.stop();
		await sent;
		await rig.app.loader.settled();
		expect([rig.app.loader.loaded, rig.engines.holding.length]).toEqual([null, 0]);
	});

	test('whose conversation is left while its model loads is answered there', async () => {
		const rig = await started();
		const loading = gate();
		rig.engines.scripts = [{ load: loading.step }];
		const sent = rig.app.session.send('One');
		const { id } = rig.app.session.conversation;
		await loading.reached;
		rig.app.opening.newConversation();
		loading.open();
		await sent;
		expect(rig.app.loader.loaded).not.toBeNull();
		expect(texts(rig)).toEqual([]);
		await rig.app.opening.openConversation(id);
		expect(texts(rig)).toEqual(['One', 'Yes.']);
	});

	test('sent while another load runs waits for it, and loads nothing itself when it fails', async () => {
		const rig = await started();
		const loading = gate();
		rig.engines.scripts = [{ load: loading.step }];
		void rig.app.load();
		await loading.reached;
		const sent = rig.app.session.send('One');
		await expect.poll(() => rig.app.session.status.kind).toBe('preparing');
		loading.fail(new Failure('out-of-memory', 'Full.'));
		await sent;
		expect(rig.app.session.status).toMatchObject({ failure: { kind: 'out-of-memory' } });
		expect(rig.engines.made.filter(({ request }) => request)).toHaveLength(1);
		await rig.app.session.retry();
		expect(texts(rig)).toEqual(['One', 'Yes.']);
	});

	test('sent during a swap is answered by the old model until that goes, and by the new one then', async () => {
		const rig = await started();
		await rig.app.load();
		const [preparing, freeing] = [gate(), gate()];
		const [, other] = rig.app.selection.family.variants;
		rig.app.selection.choose(other!.id);
		rig.engines.scripts = [{ prepare: preparing.step }];
		await rig.app.settings.set({ budgetBytes: 0.505 * GIB });
		const swapping = rig.app.load(true);
		await preparing.reached;
		await rig.app.session.send('One');
		expect(rig.app.session.messages.at(-1)?.answer?.engineId).toBe(
			rig.engines.made[0]?.request?.record.model_id
		);
		preparing.open();
		freeing.open();
		await swapping;
		await rig.app.session.send('Two');
		expect(rig.app.session.messages.at(-1)?.answer?.engineId).toBe(other!.id);
	});
});

describe('opening conversations', () => {
	async function withConversations(count: number) {
		const rig = open();
		const conversations = Array.from({ length: count }, (_, i) =>
			told(`Question ${i}`, `Answer ${i}`)
		);
		await rig.app.conversations.add(conversations);
		await rig.start();
		return { ...rig, conversations };
	}

	test('a hit of a search is brought into view, in the open conversation and in another one', async () => {
		const { app, conversations } = await withConversations(2);
		const [a, b] = conversations;
		await app.opening.openConversation(a!.id);
		await app.opening.openConversation(a!.id, a!.messages[0]!.id);
		expect(app.session.revealed).toBe(a!.messages[0]!.id);
		await app.opening.openConversation(b!.id, b!.messages[1]!.id);
		expect([app.session.conversation.id, app.session.revealed]).toEqual([
			b!.id,
			b!.messages[1]!.id
		]);
	});

	test('and leaves nothing behind for the next conversation', async () => {
		const { app, conversations } = await withConversations(2);
		const [a, b] = conversations;
		await app.opening.openConversation(a!.id);
		await app.opening.openConversation(a!.id, a!.messages[1]!.id);
		await app.opening.openConversation(b!.id);
		expect(app.session.revealed).toBeNull();
	});

	test('the address that changes with the click does not take the message away', async () => {
		const { app, conversations } = await withConversations(2);
		const [a, b] = conversations;
		await app.opening.openConversation(a!.id);
		await Promise.all([
			app.opening.openConversation(b!.id, b!.messages[0]!.id),
			app.opening.openAddress({ conversation: b!.id, model: null, shared: null })
		]);
		expect(app.session.revealed).toBe(b!.messages[0]!.id);
	});

	test('of several in a hurry the last one is shown', async () => {
		const { app, conversations } = await withConversations(4);
		await Promise.all(conversations.map(({ id }) => app.opening.openConversation(id)));
		expect(app.session.conversation.id).toBe(conversations[3]!.id);
	});

	test('one that is not there is said to be missing', async () => {
		const { app } = await withConversations(1);
		await app.opening.openConversation('gone');
		expect(app.list.problem).toMatch(/not in this browser/);
	});
});

describe('a failure', () => {
	test('of the GPU’s memory is recorded before something smaller is offered, which then is not blocked', async () => {
		const rig = await started();
		rig.engines.scripts = [{ load: () => Promise.reject(new Failure('out-of-memory', 'Full.')) }];
		await rig.app.load();
		const next = rig.app.loader.problem?.next;
		expect(rig.app.history.current.failures).toHaveLength(1);
		if (next)
			expect(rig.app.planning.planOf(next.variant, next.contextWindow).verdict.kind).not.toBe(
				'blocked'
			);
	});

	test.each(['out-of-memory', 'out-of-host-memory'] as const)(
		'of kind %s with the smallest model does not empty the catalogue',
		async (kind) => {
			const rig = await started();
			expect(rig.app.selection.variant.id).toBe('pocket-q4f32_1');
			rig.engines.scripts = [{ load: () => Promise.reject(new Failure(kind, 'Full.')) }];
			await rig.app.load();
			const verdicts = rig.app.catalog.families
				.flatMap(({ variants }) => variants)
				.map((variant) => rig.app.planning.planOf(variant, 512).verdict.kind);
			expect(verdicts.filter((verdict) => verdict !== 'blocked').length).toBeGreaterThan(5);
		}
	);

	test('of the computer’s memory is not taken for the GPU’s', async () => {
		const rig = await started();
		const before = rig.app.hardware.budget;
		rig.engines.scripts = [
			{ load: () => Promise.reject(new Failure('out-of-host-memory', 'Full.')) }
		];
		await rig.app.load();
		expect(rig.app.history.current.failures).toEqual([]);
		expect(rig.app.hardware.budget).toEqual(before);
	});

	test('of the engine has its files looked at, and one of the page’s script does not', async () => {
		const rig = await started();
		const distrusted = () => rig.files.asked.filter((what) => what.startsWith('distrust'));
		rig.engines.scripts = [{ prepare: () => Promise.reject(new Failure('script', 'Offline.')) }];
		await rig.app.load();
		expect(distrusted()).toEqual([]);
		rig.engines.scripts = [{ load: () => Promise.reject(new Failure('engine', 'Broken.')) }];
		await rig.app.load();
		expect(distrusted()).toHaveLength(1);
	});
});

describe('a visit', () => {
	test('whose part cannot be fetched says so', async () => {
		const rig = open({
			change: {
				askDevice: () =>
					Promise.reject(
						new TypeError('Failed to fetch dynamically imported module: https://x.test/a.js')
					)
			}
		});
		await rig.start();
		expect(rig.app.mishaps.last?.kind).toBe('script');
		expect(rig.app.loader.journal.entries.at(-1)?.text).toContain('script');
	});

	test('after one that died while it loaded offers less, and only while no tab loads', async () => {
		const marks = new Map([
			[
				'loading',
				JSON.stringify({
					variantId: 'pocket-q4f32_1',
					contextWindow: 1024,
					phase: 'uploading',
					at: 1
				})
			]
		]);
		const tabs = new FakeTabs();
		const loading = await started({ tabs });
		await loading.app.load();
		const beside = await started({ tabs, marks });
		expect(beside.app.loader.problem).toBeNull();
		await loading.app.unload();
		const after = await started({ tabs, marks });
		expect(after.app.loader.problem?.failure.kind).toBe('tab-died');
		expect(marks.size).toBe(0);
	});

	test('has the choice and the conversation of the one before', async () => {
		const rig = await started();
		const other = rig.app.catalog.families[1]!.variants[0]!;
		rig.app.selection.choose(other.id, 512);
		await rig.app.conversations.save(told('Kept'));
		await vi.waitFor(async () => {
			await rig.app.settings.ready;
			expect(rig.app.settings.current.choice?.variantId).toBe(other.id);
		});
		await new Promise((resolve) => setTimeout(resolve, 50));
		const next = rig.again();
		opened.push(next);
		await next.start();
		expect(next.app.selection.variant.id).toBe(other.id);
		expect(texts(next)).toEqual(['Kept']);
	});
});

describe('other tabs', () => {
	test('read what this one has loaded and which conversation it answers', async () => {
		const tabs = new FakeTabs();
		const rig = await started({ tabs });
		await rig.app.session.send('What is VRAM?');
		const second = await started({ tabs });
		await second.app.load();
		expect(second.app.loader.problem?.failure.message).toMatch(
			/^pocket q4f32_1 runs in another tab/
		);
		expect(second.app.loader.elsewhere?.conversation).toBe('What is VRAM?');
	});
});

test('a load of a model that is queued for later takes its download over', async () => {
	const rig = await started();
	const waiting = gate();
	rig.files.download_ = waiting.step;
	await rig.app.queue.start(rig.app.selection.variant.id);
	await vi.waitFor(() =>
		expect(rig.app.queue.status(rig.app.selection.variant.id)?.kind).toBe('running')
	);
	rig.files.download_ = () => Promise.resolve();
	expect(await rig.app.load()).toBe('loaded');
	await vi.waitFor(() =>
		expect(rig.app.queue.status(rig.app.selection.variant.id)?.kind).toBe('complete')
	);
});

describe('the statistics', () => {
	const tallyOf = async ({ app }: Rig) => {
		await vi.waitFor(() => expect(app.counting.tally?.current.filled).toBeTruthy());
		return app.counting.tally!;
	};

	test('count an answer and the load before it, under this GPU and library', async () => {
		const rig = await started();
		await rig.app.session.send('One');
		const tally = await tallyOf(rig);
		await vi.waitFor(() =>
			expect(tally.of(rig.app.selection.variant)).toMatchObject({
				libraryUrl: rig.app.catalog.sourceOf(rig.app.selection.variant).libraryUrl,
				answers: { begun: 1, complete: 1 },
				loads: { begun: 1, complete: 1 }
			})
		);
		expect(tally.current.records).toHaveLength(1);
	});

	test('remember failures with their kinds: of an answer, and of a load', async () => {
		const rig = await started();
		rig.engines.scripts = [
			{ load: () => Promise.reject(new Failure('bad-file', 'Broken.')) },
			{ generate: () => Promise.reject(new Failure('bad-logits', 'NaN.')) }
		];
		await rig.app.load();
		await rig.app.load();
		await rig.app.session.send('One');
		const tally = await tallyOf(rig);
		await vi.waitFor(() =>
			expect(tally.of(rig.app.selection.variant)).toMatchObject({
				answers: { failed: { 'bad-logits': 1 } },
				loads: { complete: 1, failed: { 'bad-file': 1 } }
			})
		);
	});

	test('begin with the answers that were kept before, and count none twice', async () => {
		const rig = open();
		const info = {
			engineId: rig.app.selection.variant.id,
			label: 'pocket',
			finish: 'stop',
			promptTokens: 10,
			completionTokens: 20,
			prefillTokensPerSecond: 100,
			decodeTokensPerSecond: 10,
			timeToFirstTokenMs: 100
		} as const;
		let kept = append(create({}, 1), { role: 'user', text: 'Earlier' }, 1);
		kept = append(kept, { role: 'assistant', text: 'Yes.', answer: info }, 2);
		kept = append(
			kept,
			{ role: 'assistant', text: 'No.', answer: { ...info, finish: 'failed' } },
			3
		);
		await rig.app.conversations.add([kept, told('Unanswered')]);
		await rig.start();
		const tally = await tallyOf(rig);
		expect(tally.current.filled?.answers).toBe(2);
		expect(tally.of(rig.app.selection.variant)).toMatchObject({
			keptAnswers: 2,
			answers: { begun: 2, complete: 1, failed: { unknown: 1 } },
			answerMs: { count: 1, mean: 2100 }
		});
		const again = rig.again();
		opened.push(again);
		await again.start();
		expect((await tallyOf(again)).of(rig.app.selection.variant)?.answers.begun).toBe(2);
	});
});

test('what is built after the page has ended does not go on by itself', async () => {
	const waiting = new Set<() => void>();
	const clock = {
		now: () => Date.now(),
		after: (_: number, run: () => void) => {
			waiting.add(run);
			return () => void waiting.delete(run);
		}
	};
	const rig = await started({ change: { clock } });
	rig.app.dispose();
	await vi.waitFor(() => expect(rig.app.adaptation).not.toBeNull());
	expect([...waiting]).toEqual([]);
});
