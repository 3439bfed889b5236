import { onTestFinished, expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { appIn } from '../app/app.fixture.ts';
import InApp from '../panel/InApp.fixture.svelte';
import VariantStatistics from '../panel/VariantStatistics.svelte';
import Messages from './Messages.svelte';
import { children } from './conversation.ts';

test('thumbs are pressed, turned and taken back, and count between answers to the same question', async () => {
	const world = appIn();
	onTestFinished(world.close);
	const { app } = world;
	const ten = { finish: 'stop', promptTokens: 20, completionTokens: 10 } as const;
	world.engines.scripts = [0, 1].map(() => ({
		generate: (_, say) => {
			say('Yes.');
			return Promise.resolve({
				...ten,
				prefillTokensPerSecond: 100,
				decodeTokensPerSecond: 20,
				timeToFirstTokenMs: 50
			});
		}
	}));
	await world.start();
	await app.session.send('Why?');
	const [question, first] = app.session.messages;
	const screen = await render(InApp, { app, View: Messages, given: {} });
	const good = screen.getByRole('button', { name: 'Good answer' });
	const bad = screen.getByRole('button', { name: 'Bad answer' });
	const rated = () => children(app.session.conversation, question!.id).map(({ rating }) => rating);

	await good.click();
	await expect.element(good).toHaveAttribute('aria-pressed', 'true');
	await bad.click();
	await expect.element(good).toHaveAttribute('aria-pressed', 'false');
	await expect.element(bad).toHaveAttribute('aria-pressed', 'true');
	await bad.click();
	await expect.element(bad).toHaveAttribute('aria-pressed', 'false');
	expect(rated()).toEqual([undefined]);
	await good.click();
	await expect.poll(() => app.counting.tally?.current.votes.length).toBe(1);
	// One variant alone says nothing.
	expect(app.counting.tally?.thumbs.size).toBe(0);

	const chosen = app.selection.variant;
	const other = app.selection.family.variants.find(({ id }) => id !== chosen.id)!;
	app.selection.choose(other.id);
	expect(await app.load()).toBe('loaded');
	await app.session.regenerate(first!.id);
	await bad.click();
	await expect.poll(() => app.counting.tally?.thumbs.size).toBe(2);
	expect(rated()).toEqual(['up', 'down']);
	const stored = await app.conversations.load(app.session.conversation.id);
	expect(children(stored!, question!.id).map(({ rating }) => rating)).toEqual(['up', 'down']);

	app.selection.choose(chosen.id);
	const panel = await render(InApp, {
		app,
		View: VariantStatistics,
		given: { tally: app.counting.tally! }
	});
	await panel.getByText('Statistics', { exact: true }).click();
	await expect.element(panel.getByText(/^1 of 1 rated answers liked/)).toBeVisible();
});
