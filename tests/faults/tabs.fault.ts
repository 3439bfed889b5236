import { expect } from 'playwright/test';
import { LONG } from '../long.ts';
import { test, told } from './table.ts';

test('a second tab says where the engine runs, takes it over and gives it back', async ({
	scene
}, info) => {
	await scene.calm('loaded');
	const before = await scene.messages();
	const second = await scene.another();
	await second.headroom.composer.fill('What is a context window?');
	await second.page.getByRole('button', { name: 'Send' }).click();
	await expect(second.alert).toContainText(/pocket q4f32_1 runs in another tab.*It answers “.+”/s);
	// Only one of them holds GPU memory.
	expect(await second.liveBytes()).toBe(0);

	const struckAt = Date.now();
	await second.page.bringToFront();
	await second.alert.getByRole('button', { name: 'Use it here' }).click();
	await second.headroom.loaded();
	const recoveryMs = Date.now() - struckAt;
	await expect(scene.alert).toContainText('Another tab uses the GPU now');
	await expect.poll(() => scene.liveBytes()).toBe(0);
	await second.chats();
	expect((await scene.messages()).slice(0, before.length)).toEqual(before);

	await scene.page.bringToFront();
	await scene.alert.getByRole('button', { name: 'Use it here' }).click();
	await scene.headroom.loaded();
	await scene.chats();
	await second.page.close();
	told(info, 'taken over and given back', recoveryMs);
});

test(
	'a tab that hangs loses the engine to one that asks for it',
	{ tag: LONG },
	async ({ scene }, info) => {
		await scene.calm('loaded');
		const second = await scene.another();
		await second.choose('q4f32_1');
		await second.page.getByRole('button', { name: /^Load pocket/ }).click();
		await expect(second.alert).toContainText('runs in another tab');
		const struckAt = Date.now();
		const hung = scene.page.evaluate(() => {
			const until = Date.now() + 12_000;
			while (Date.now() < until);
		});
		await second.alert.getByRole('button', { name: 'Use it here' }).click();
		await second.headroom.loaded();
		const recoveryMs = Date.now() - struckAt;
		await hung;
		await expect(scene.alert).toContainText('Another tab uses the GPU now');
		await second.page.close();
		await scene.chats();
		told(info, 'taken from it', recoveryMs);
	}
);

test('what is said of another tab goes with that tab', { tag: LONG }, async ({ scene }, info) => {
	await scene.calm('loaded');
	const second = await scene.another();
	await scene.page.close();
	const struckAt = Date.now();
	await second.chats();
	told(info, 'loads at once', Date.now() - struckAt);
	await scene.reopen();
	await scene.page.getByRole('button', { name: /^Load pocket/ }).click();
	await expect(scene.alert).toContainText('runs in another tab');
	await second.page.close();
	await expect(scene.alert).toBeHidden();
	await scene.chats();
});
