import { afterEach, describe, expect, test, vi } from 'vitest';
import { DEFAULT_PACE } from '#plan/adapt/pace.ts';
import type { Policy } from '#plan/adapt/policy.ts';
import { adapterKey } from '#plan/memory/history.ts';
import { create } from '../chat/conversation.ts';
import { prefer } from '../chat/own-settings.ts';
import { answered, gate } from '../engine/engine.fixture.ts';
import { recordOf, summaryOf } from '../quality/quality.fixture.ts';
import { parseQuality, withResult } from '../quality/record.ts';
import { Failure } from '../rpc/failure.ts';
import { browserClock } from '../runner/clock.ts';
import { appIn } from './app.fixture.ts';
import type { AppParts } from './parts.ts';

type Rig = ReturnType<typeof appIn>;
const opened: Rig[] = [];
afterEach(() => {
	for (const rig of opened.splice(0)) rig.close();
});

const MIB = 2 ** 20;
const SIZES: Readonly<Record<string, number>> = { q0f32: 80, q0f16: 40, q4f32_1: 20, q4f16_1: 10 };
const nameIn = (id: string) => Object.keys(SIZES).find((name) => id.endsWith(name)) ?? '';

/** A started page on which each variant of pocket takes bytes of its own, and those named run out of memory. */
async function started(
	policy: Partial<Policy> = {},
	full: readonly string[] = [],
	change: Partial<AppParts> = {}
) {
	const rig = appIn({ change });
	opened.push(rig);
	rig.engines.bytesOf = ({ record }) => {
		const name = nameIn(record.model_id);
		if (full.includes(name)) throw new Failure('out-of-memory', 'Full.');
		return (SIZES[name] ?? 0) * MIB;
	};
	await rig.start();
	await vi.waitFor(() => expect(rig.app.adaptation).not.toBeNull(), { timeout: 10_000 });
	const { adaptation } = rig.app;
	if (!adaptation) throw new Error('The policy did not come.');
	await adaptation.policy.set(policy);
	return { ...rig, adaptation };
}
const loadedIn = ({ app }: Pick<Rig, 'app'>) => app.loader.loaded?.variant.quantization.name;
async function load(rig: Pick<Rig, 'app'>, quantization: string) {
	rig.app.selection.choose(`pocket-${quantization}`, 1024);
	expect(await rig.app.load()).toBe('loaded');
}

test('while many wait, a coarser level is loaded between two answers, and no answer is cut', async () => {
	const rig = await started({
		mode: 'automatic',
		pace: { ...DEFAULT_PACE, dwellMs: 1_000 }
	});
	const first = gate();
	rig.engines.scripts = [
		{
			generate: async (_, say) => {
				say('Half');
				await first.step();
				say(' and whole.');
				return answered;
			}
		}
	];
	await load(rig, 'q0f32');
	const all = Array.from({ length: 10 }, (_, i) => rig.app.session.send(`Question ${i}`));
	await first.reached;
	await vi.waitFor(
		() => expect(rig.adaptation.log.current.entries.at(-1)?.sentence).toMatch(/After this answer/),
		{ timeout: 6_000 }
	);
	expect(loadedIn(rig)).toBe('q0f32');
	first.open();
	await Promise.all(all);
	const { messages } = rig.app.session;
	const answers = messages.filter(({ role }) => role === 'assistant');
	expect(answers.map(({ answer }) => answer?.quantization)).toEqual([
		'q0f32',
		...Array<string>(9).fill('q4f16_1')
	]);
	expect(answers[0]?.text).toBe('Half and whole.');
	expect(answers.every(({ answer }) => answer?.finish === 'stop')).toBe(true);
	expect(rig.app.selection.variant.quantization.name).toBe('q4f16_1');
	expect(rig.app.loader.problem).toBeNull();
});

test('suggest loads nothing until a person takes it up', async () => {
	const rig = await started({ mode: 'suggest' });
	await load(rig, 'q0f32');
	rig.adaptation.adapting.signal('slower');
	await vi.waitFor(() =>
		expect(rig.adaptation.adapting.suggestion?.to?.quantization.name).toBe('q0f16')
	);
	expect(loadedIn(rig)).toBe('q0f32');
	const suggested = rig.adaptation.adapting.suggestion?.to;
	if (!suggested) throw new Error('Nothing was suggested.');
	expect(rig.adaptation.gainOf(suggested).savedBytes).toBeGreaterThan(0);
	await rig.adaptation.take(suggested);
	expect(loadedIn(rig)).toBe('q0f16');
	expect(rig.adaptation.adapting.suggestion).toBeNull();
});

describe('priority and floor', () => {
	const unquantized = ['q0f32', 'q0f16'];
	const tried = (rig: Rig) =>
		rig.engines.made.flatMap(({ request }) => (request ? [nameIn(request.record.model_id)] : []));

	test('the fallback after a failure loads nothing below the floor of the settings', async () => {
		const rig = await started({ floor: 'q0f16' }, unquantized);
		await rig.app.settings.set({ afterFailure: 'fallback' });
		rig.app.selection.choose('pocket-q0f32', 1024);
		await rig.app.load();
		expect(loadedIn(rig)).toBeUndefined();
		expect(unquantized).toEqual(expect.arrayContaining(tried(rig)));
	});

	test('without a floor it does', async () => {
		const rig = await started({}, unquantized);
		await rig.app.settings.set({ afterFailure: 'fallback' });
		rig.app.selection.choose('pocket-q0f32', 1024);
		await rig.app.load();
		expect(loadedIn(rig)).toMatch(/^q4/);
	});

	test('a conversation has its own, the next message has one alone, and the finest floor counts', async () => {
		const rig = await started({ floor: 'q3f16_1', priority: 'balanced' });
		const { session } = rig.app;
		session.open(create());
		expect(rig.adaptation.wishes()).toEqual({ priority: 'balanced', floor: 'q3f16_1' });
		await session.change((each) => prefer(each, { priority: 'speed', floor: 'q4f16_1' }));
		expect(rig.adaptation.wishes()).toEqual({ priority: 'speed', floor: 'q4f16_1' });
		const answering = gate();
		rig.engines.scripts = [{ generate: () => answering.step().then(() => answered) }];
		await load(rig, 'q0f32');
		session.nextWish = { priority: 'quality', floor: 'q0f16' };
		const sent = session.send('One');
		await answering.reached;
		expect(session.nextWish).toBeNull();
		const second = session.send('Two');
		expect(rig.adaptation.wishes()).toEqual({ priority: 'quality', floor: 'q0f16' });
		answering.open();
		await Promise.all([sent, second]);
		expect(rig.adaptation.wishes()).toEqual({ priority: 'speed', floor: 'q4f16_1' });
	});
});

test('a conversation needs a window for its last answer and one more, and an empty one none', async () => {
	const rig = await started();
	const needed = () => rig.adaptation.standing().neededWindow;
	expect(needed()).toBe(0);
	await load(rig, 'q0f32');
	await rig.app.session.send('One');
	expect(needed()).toBe(answered.promptTokens + answered.completionTokens + 256);
});

test('a level has the ratio of same next tokens that was measured, and what it was compared with has all', async () => {
	const rig = await started();
	const variantId = 'pocket-q4f16_1';
	const measured = recordOf({
		variantId,
		adapter: adapterKey(rig.app.hardware.device!),
		libraryUrl: rig.app.catalog.libraryUrlOf(rig.app.catalog.variant(variantId)!),
		summary: summaryOf({ sameToken: 0.97 })
	});
	const kept = rig.parts.keep('results', parseQuality, 'headroom-quality');
	await kept.update((records) => withResult(records, measured));
	kept.close();
	await vi.waitFor(() =>
		expect(rig.adaptation.levels.map(({ variantId, sameToken }) => [variantId, sameToken])).toEqual(
			[
				['pocket-q0f32', 1],
				['pocket-q0f16', null],
				['pocket-q4f16_1', 0.97]
			]
		)
	);
});

test('a family comes back with the quantization, the window and the sampling it had', async () => {
	const rig = await started();
	const { selection, catalog, answering, session } = rig.app;
	const [pocket, other] = [
		catalog.familyOf(catalog.first()),
		catalog.families.find(({ id }) => id !== 'pocket')
	];
	if (!other) throw new Error('The catalogue has one family alone.');
	selection.choose('pocket-q0f32', 512);
	await vi.waitFor(() =>
		expect(rig.adaptation.ofFamily('pocket').choice).toEqual({
			variantId: 'pocket-q0f32',
			contextWindow: 512
		})
	);
	await rig.adaptation.families.update((records) => ({
		...records,
		families: {
			...records.families,
			pocket: { ...rig.adaptation.ofFamily('pocket'), sampling: { temperature: 0.1 } }
		}
	}));
	selection.chooseFamily(other);
	await vi.waitFor(() => expect(rig.adaptation.ofFamily(other.id).choice).not.toBeNull());
	expect(answering.sampling(session.conversation).temperature).not.toBe(0.1);
	selection.chooseFamily(pocket);
	expect([selection.variant.id, selection.contextWindow]).toEqual(['pocket-q0f32', 512]);
	expect(answering.sampling(session.conversation).temperature).toBe(0.1);
	expect(
		answering.sampling({ ...session.conversation, sampling: { temperature: 1 } }).temperature
	).toBe(1);
});

test('an answer that runs out of memory bars the level and leads to a coarser one', async () => {
	const rig = await started({ mode: 'automatic' });
	// With sampling on the CPU it takes less, and may be tried again.
	await rig.app.settings.set({ leanSampling: 'never' });
	rig.engines.scripts = [{ generate: () => Promise.reject(new Failure('out-of-memory', 'Full.')) }];
	await load(rig, 'q0f32');
	await rig.app.session.send('One');
	await vi.waitFor(() => expect(loadedIn(rig)).toBe('q0f16'), { timeout: 5_000 });
	await vi.waitFor(() =>
		expect(
			rig.adaptation.levels.find(({ variantId }) => variantId === 'pocket-q0f32')?.barred
		).toBe('Loading it ran out of GPU memory here not long ago.')
	);
	expect(rig.adaptation.log.current.entries.map(({ kind }) => kind)).toContain('signal');
});

test('what is mostly loaded next is prepared ahead where that was allowed, and never loaded by it', async () => {
	const rig = await started();
	const preparedOf = () =>
		rig.app.loader.journal.entries.map(({ text }) => text).filter((text) => /^Prepared/.test(text));
	for (const name of ['q0f32', 'q4f32_1', 'q0f32', 'q4f32_1', 'q0f32']) await load(rig, name);
	await vi.waitFor(() => expect(rig.adaptation.order.current.loads).toHaveLength(5));
	expect(rig.adaptation.next?.variantId).toBe('pocket-q4f32_1');
	const before = preparedOf().length;
	await rig.adaptation.policy.set({ prepareNext: true });
	await vi.waitFor(
		() => expect(preparedOf().slice(before)).toEqual(['Prepared pocket-q4f32_1 at 1024']),
		{ timeout: 10_000 }
	);
	expect(loadedIn(rig)).toBe('q0f32');
});

describe('what is mostly loaded next', () => {
	/** A fake of the time after which it is prepared: `pass` lets it pass. */
	function later() {
		const due = new Set<() => void>();
		const clock: AppParts['clock'] = {
			...browserClock,
			after: (ms, run) => {
				if (ms !== 4_000) return browserClock.after(ms, run);
				due.add(run);
				return () => void due.delete(run);
			}
		};
		return { due, clock, pass: () => due.forEach((run) => run()) };
	}
	async function oftenSwapped() {
		const time = later();
		const rig = await started({}, [], { clock: time.clock });
		for (const name of ['q0f32', 'q4f32_1', 'q0f32', 'q4f32_1', 'q0f32']) await load(rig, name);
		await vi.waitFor(() => expect(rig.adaptation.order.current.loads).toHaveLength(5));
		const prepare = vi.spyOn(rig.app.loader, 'prepare');
		return { ...rig, ...time, prepare };
	}

	test('is not prepared where it is not whole on disk', async () => {
		const rig = await oftenSwapped();
		const onDisk = vi.fn(() => Promise.resolve(null));
		rig.files.onDisk = onDisk as never;
		await rig.adaptation.policy.set({ prepareNext: true });
		await vi.waitFor(() => expect(rig.due.size).toBe(1));
		onDisk.mockClear();
		rig.pass();
		await vi.waitFor(() => expect(onDisk).toHaveBeenCalledOnce());
		await Promise.resolve();
		expect(rig.prepare).not.toHaveBeenCalled();
	});

	test('does not take the place of what the policy prepares', async () => {
		const rig = await oftenSwapped();
		await rig.adaptation.policy.set({ prepareNext: true });
		await vi.waitFor(() => expect(rig.due.size).toBe(1));
		const level = rig.adaptation.levels.find(({ variantId }) => variantId === 'pocket-q4f16_1');
		rig.adaptation.adapting.prepared = level ?? null;
		await vi.waitFor(() => expect(rig.due.size).toBe(0));
		rig.adaptation.adapting.prepared = null;
		await vi.waitFor(() => expect(rig.due.size).toBe(1));
	});

	test('is not learned from what an earlier visit had chosen', async () => {
		const before = await started();
		await load(before, 'q0f32');
		await vi.waitFor(() => expect(before.adaptation.order.current.loads).toHaveLength(1));
		await before.adaptation.order.set({ loads: [] });
		await vi.waitFor(() => expect(before.app.settings.current.choice).not.toBeNull());
		before.close();
		const again = before.again();
		opened.push(again);
		await again.start();
		await vi.waitFor(() => expect(again.app.adaptation).not.toBeNull(), { timeout: 10_000 });
		expect(await again.app.load()).toBe('loaded');
		expect(loadedIn(again)).toBe('q0f32');
		await load(again, 'q4f32_1');
		const { order } = again.app.adaptation!;
		await vi.waitFor(() =>
			expect(order.current.loads.map(({ variantId }) => variantId)).toEqual(['pocket-q4f32_1'])
		);
	});
});
