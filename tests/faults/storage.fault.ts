import { expect } from 'playwright/test';
import { LONG } from '../long.ts';
import { tellOf, test, told } from './table.ts';

/** What the browser keeps for the page is cleared while the page is open. */
tellOf([
	{
		name: 'storage: the model’s files are cleared while it is loaded',
		long: true,
		given: 'loaded',
		during: 'nothing',
		strike: (scene) => scene.forgetFiles(),
		says: /Loaded\./,
		leaves: 'q4f32_1'
	},
	{
		name: 'storage: the files are cleared between the download and the engine',
		given: 'nothing',
		during: 'load',
		strike: (scene) => scene.arm('spare', { at: 'readCache', nth: 2, blow: 'forget-files' }),
		says: /Loaded\./,
		leaves: 'q4f32_1'
	},
	{
		name: 'storage: the browser’s caches are cleared, and another model is asked for',
		long: true,
		given: 'loaded',
		during: 'swap',
		strike: (scene) => scene.clear('cache_storage'),
		says: /Loaded\./,
		leaves: 'q0f32'
	}
]);

test(
	'storage: everything is cleared while a conversation is open',
	{ tag: LONG },
	async ({ scene }, info) => {
		await scene.calm('loaded');
		const before = await scene.messages();
		const startedAt = Date.now();
		await scene.clear('all');
		// What is on the screen is still known, and kept again with the next message.
		await expect(scene.headroom.answers.first()).toBeVisible();
		await scene.chats();
		await expect.poll(async () => (await scene.messages()).slice(0, before.length)).toEqual(before);
		told(info, 'kept again with the next message', Date.now() - startedAt);

		// A tab opened since sees no lock of this one, and still leaves the engine to it.
		const second = await scene.another();
		await second.page.getByRole('button', { name: /^Load pocket/ }).click();
		await expect(second.alert).toContainText('Another tab uses the GPU now');
		await expect.poll(() => second.liveBytes()).toBe(0);
		await scene.page.bringToFront();
		await scene.chats();
		await second.alert.getByRole('button', { name: 'Use it here' }).click();
		await second.headroom.loaded();
		await expect(scene.alert).toContainText('Another tab uses the GPU now');
		await expect.poll(() => scene.liveBytes()).toBe(0);
		await second.chats();
		await second.page.close();
		// What strikes next must not depend on it.
		await scene.page.close();
		await scene.reopen();
	}
);
