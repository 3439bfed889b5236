import { expect, type CDPSession } from 'playwright/test';
import { Scene } from './scene.ts';
import type { Strike } from './strike.ts';
import { LONG } from '../long.ts';
import { test, told } from './table.ts';

/** Ends the tab as a crash does: without a word to the page. */
async function crash(scene: Scene) {
	const session: CDPSession = await scene.context.newCDPSession(scene.page);
	const gone = scene.page.waitForEvent('crash');
	void session.send('Page.crash').catch(() => undefined);
	await gone;
	await scene.page.close();
}

interface Phase {
	name: string;
	/** Left to `npm run faults`. */
	long?: boolean;
	/** Holds the load here long enough to be struck. */
	hold: Strike;
}
const phases: Phase[] = [
	{ name: 'the engine starts', long: true, hold: { at: 'requestDevice', blow: 'block' } },
	{ name: 'weights are uploaded', hold: { at: 'writeBuffer', nth: 5, blow: 'block' } },
	{
		name: 'shaders are compiled',
		long: true,
		hold: { at: 'createComputePipelineAsync', nth: 3, blow: 'block' }
	},
	{ name: 'the first token is made', long: true, hold: { at: 'submit', blow: 'block' } }
];

for (const { name, hold, long } of phases) {
	test(`the tab dies while ${name}`, { tag: long ? LONG : [] }, async ({ scene }, info) => {
		await scene.calm('nothing');
		const before = await scene.messages();
		await scene.forgetStrike();
		await scene.arm('spare', hold);
		await scene.page.getByRole('button', { name: /^Load pocket/ }).click();
		await expect.poll(() => scene.struckAt()).not.toBeNull();
		const struckAt = Date.now();
		await crash(scene);

		await scene.reopen();
		await expect(scene.alert).toContainText('last visit ended without warning');
		const recoveryMs = Date.now() - struckAt;
		await expect(scene.alert.getByRole('button', { name: /instead$/ })).toBeVisible();
		expect(await scene.isLoaded()).toBe(false);
		expect(await scene.messages()).toEqual(before);

		// It is not loaded by itself, not even for a message.
		await scene.send('What is VRAM?');
		await expect(scene.page.getByText('No answer.')).toBeVisible();
		expect(await scene.isLoaded()).toBe(false);
		await scene.alert.getByRole('button', { name: /instead$/ }).click();
		await scene.headroom.loaded();
		await scene.chats();
		expect((await scene.messages()).slice(0, before.length)).toEqual(before);
		told(info, 'told of at the next visit, smaller offered', recoveryMs);
	});
}

test('the page is reloaded while weights are uploaded', { tag: LONG }, async ({ scene }, info) => {
	await scene.calm('nothing');
	const before = await scene.messages();
	await scene.forgetStrike();
	await scene.arm('spare', { at: 'writeBuffer', nth: 5, blow: 'block' });
	await scene.page.getByRole('button', { name: /^Load pocket/ }).click();
	await expect.poll(() => scene.struckAt()).not.toBeNull();
	const struckAt = Date.now();
	await scene.page.reload();
	await scene.headroom.ready();
	await expect(scene.alert).toBeHidden();
	await scene.chats();
	const recoveryMs = Date.now() - struckAt;
	expect((await scene.messages()).slice(0, before.length)).toEqual(before);
	told(info, 'nothing to tell, loads again', recoveryMs);
});

test('the tab dies while a model is downloaded', { tag: LONG }, async ({ scene }, info) => {
	await scene.calm('nothing');
	await scene.forgetFiles();
	const before = await scene.messages();
	const asked = new Promise<void>((resolve) =>
		scene.network.break('params_shard_0.bin', () => {
			resolve();
			return new Promise(() => {});
		})
	);
	await scene.page.getByRole('button', { name: /^Load pocket/ }).click();
	await asked;
	const struckAt = Date.now();
	await crash(scene);
	scene.network.mend();
	await scene.reopen();
	// Nothing was on the GPU, so nothing stands in the way of the next load.
	await expect(scene.alert).toBeHidden();
	await scene.chats();
	const recoveryMs = Date.now() - struckAt;
	expect((await scene.messages()).slice(0, before.length)).toEqual(before);
	told(info, 'nothing to tell, loads again', recoveryMs);
});
