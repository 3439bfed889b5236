import { expect } from 'playwright/test';
import type { Scene } from './scene.ts';
import type { Strike } from './strike.ts';
import { tellOf, test, told } from './table.ts';

test.use({ clock: true });

/** Longer than any worker may be silent. */
const TOO_LONG_MS = 70_000;

const silenceAt = (which: 'loaded' | 'spare', strike: Strike) => async (scene: Scene) => {
	await scene.arm(which, strike);
	void scene.struck().then(() => scene.page.clock.runFor(TOO_LONG_MS));
};

/** The clock of the page is turned on, so that nobody waits for the watchdog. */
tellOf([
	{
		name: 'watchdog: the worker ends without a word while an answer is written',
		given: 'loaded',
		during: 'answer',
		strike: silenceAt('loaded', { at: 'submit', nth: 12, blow: 'close' }),
		says: /stopped answering.*was loaded again by itself/s,
		leaves: 'q4f32_1',
		partial: true
	},
	{
		name: 'watchdog: the worker computes on and hears nothing',
		given: 'loaded',
		during: 'answer',
		strike: silenceAt('loaded', { at: 'submit', nth: 12, blow: 'block' }),
		says: /stopped answering.*was loaded again by itself/s,
		leaves: 'q4f32_1'
	},
	{
		name: 'watchdog: the worker ends without a word while nothing is done',
		long: true,
		given: 'loaded',
		during: 'nothing',
		strike: silenceAt('loaded', { at: 'now', blow: 'close' }),
		says: /stopped answering.*was loaded again by itself/s,
		leaves: 'q4f32_1'
	},
	{
		name: 'sleep: the computer sleeps for an hour while an answer is written',
		given: 'loaded',
		during: 'answer',
		strike: async (scene) => {
			await scene.arm('loaded', { at: 'submit', nth: 12, blow: 'tell' });
			void scene.struck().then(() => scene.page.clock.fastForward(3_600_000));
		},
		says: /Loaded\./,
		leaves: 'q4f32_1'
	}
]);

test('background: an answer is written to its end in a tab that is not seen', async ({
	scene
}, info) => {
	await scene.calm('loaded');
	const before = await scene.messages();
	const startedAt = Date.now();
	await scene.send('What is quantization?');
	const other = await scene.context.newPage();
	await other.bringToFront();
	await expect
		.poll(async () => (await scene.messages()).length, { timeout: 30_000 })
		.toBe(before.length + 2);
	await expect(scene.headroom.answers.last()).toContainText('tokens/s', { timeout: 30_000 });
	await other.close();
	await scene.chats();
	told(info, 'written and kept', Date.now() - startedAt);
});
