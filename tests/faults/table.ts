import { expect, test as base, type TestInfo } from 'playwright/test';
import { LONG } from '../long.ts';
import { Scene } from './scene.ts';

export interface Fault {
	name: string;
	/** What is there before. */
	given: 'nothing' | 'loaded';
	/** What the person does while it strikes. */
	during: 'load' | 'swap' | 'answer' | 'nothing';
	/** Settings for this fault alone. */
	settings?: Record<string, unknown>;
	strike: (scene: Scene) => Promise<void>;
	/** What the panel says in the end. */
	says: RegExp;
	/** What is loaded in the end. */
	leaves: 'nothing' | 'q4f32_1' | 'q0f32';
	/** A smaller thing is offered. */
	offers?: boolean;
	/** It strikes in the middle of an answer: what was written stays. */
	partial?: boolean;
	/** The same mechanism at another place of the engine, or slow: left to `npm run faults`. */
	long?: boolean;
}

/** Declared, because an assumed budget learns from loads that ran out of memory. */
const DEFAULTS = { afterFailure: 'ask', budgetBytes: 4 * 2 ** 30 };
/** So little that two variants do not fit at once. */
export const ONE_AT_A_TIME = { budgetBytes: Math.round(0.507 * 2 ** 30) };

export const test = base.extend<object, { scene: Scene; clock: boolean }>({
	clock: [false, { scope: 'worker', option: true }],
	scene: [
		async ({ browser, clock }, use, { project }) => {
			const { baseURL } = project.use;
			const context = await browser.newContext(baseURL ? { baseURL } : {});
			const scene = await Scene.open(context, { clock });
			await scene.calm('loaded');
			await scene.chats();
			await use(scene);
			await context.close();
		},
		{ scope: 'worker', timeout: 120_000 }
	]
});

/** Each row is a test: the fault strikes, the page says what happened, nothing is lost, and the next chat works. */
export function tellOf(faults: readonly Fault[]) {
	for (const fault of faults)
		test(fault.name, { tag: fault.long ? LONG : [] }, async ({ scene, clock }, info) => {
			await scene.set({ ...DEFAULTS, ...fault.settings });
			await scene.calm(fault.given);
			const before = await scene.messages();
			expect(before.length).toBeGreaterThanOrEqual(2);
			const workersBefore = scene.engines().length;
			await scene.forgetStrike();

			const startedAt = Date.now();
			await fault.strike(scene);
			if (fault.during === 'swap') await scene.swapAtOnce('q0f32');
			if (fault.during === 'load')
				await scene.page.getByRole('button', { name: /^Load pocket/ }).click();
			if (fault.during === 'answer') await scene.send('What is quantization?');

			await expect(scene.panel).toContainText(fault.says, { timeout: 40_000 });
			await expect(scene.panel.getByRole('button', { name: 'Cancel' })).toBeHidden();
			// A clock that was turned on tells no time of ours.
			const struckAt = (clock ? null : await scene.struckAt()) ?? startedAt;
			const recoveryMs = Date.now() - struckAt;

			await holds(scene, before, fault);
			if (fault.partial) await keepsPartial(scene, before.length);
			expect(scene.engines().length).toBeLessThanOrEqual(Math.max(workersBefore, 2));

			await scene.mend();
			await scene.chats();
			const after = await scene.messages();
			expect(after.slice(0, before.length)).toEqual(before);
			const outcome = fault.leaves === 'nothing' ? 'nothing loaded' : `${fault.leaves} loaded`;
			told(info, fault.offers ? `${outcome}, smaller offered` : outcome, recoveryMs);
		});
}

/** Notes what the table prints of a fault. */
export function told(info: TestInfo, outcome: string, recoveryMs: number) {
	info.annotations.push(
		{ type: 'outcome', description: outcome },
		{ type: 'recoveryMs', description: String(recoveryMs) }
	);
}

async function keepsPartial(scene: Scene, count: number) {
	const [, answer] = (await scene.messages()).slice(count);
	expect(answer?.role).toBe('assistant');
	expect(answer?.text).toMatch(/\w/);
	await expect(scene.headroom.answers.last()).toContainText(answer?.text.slice(0, 10) ?? '?');
}

async function holds(scene: Scene, before: unknown[], { leaves, offers }: Fault) {
	expect((await scene.messages()).slice(0, before.length)).toEqual(before);
	const smaller = scene.panel.getByRole('button', { name: /^Load .* instead$/ });
	if (offers) await expect(smaller).toBeVisible();
	else await expect(smaller, 'nothing smaller is offered').toBeHidden();
	if (leaves === 'nothing') {
		await expect(scene.page.getByRole('button', { name: 'Unload' })).toBeHidden();
		await expect.poll(() => scene.liveBytes()).toBe(0);
		return;
	}
	await expect(scene.page.getByText(`pocket ${leaves} answers`)).toBeVisible();
	const load = await scene.lastLoad();
	expect(load?.variantId).toBe(`pocket-${leaves}`);
	await expect
		.poll(async () => {
			const live = await scene.liveBytes();
			// What is shown is rounded.
			return live > 0.98 * (load?.afterLoadBytes ?? 0) && live < 1.02 * (load?.peakBytes ?? 0);
		})
		.toBe(true);
}
