import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { appIn } from '../app/app.fixture.ts';
import { OwnServers } from '../app/own-servers.svelte.ts';
import { keptOwn } from '../app/own.ts';
import { append, create, type AnswerInfo } from '../chat/conversation.ts';
import { ANSWERED } from '../measure/world.fixture.ts';
import InApp from '../panel/InApp.fixture.svelte';
import { ServerEngine } from '../remote/client.ts';
import type { Server } from '../remote/record.ts';
import { A_SERVER_ID, aServer } from '../remote/worker.fixture.ts';
import Ask from './Ask.svelte';
import { aComparison, anAsked, anAnswer } from './compare.fixture.ts';
import { makeCompare } from './compare.ts';
import { nameOfAnswerer } from './servers.ts';
import { startOf } from './start.ts';

const server: Server = { ...aServer, contextWindow: null, asks: true };
const MINE = A_SERVER_ID;
const POCKET = ['pocket-q4f32_1', 'pocket-q0f32'];

/** An app with one server, which answers in no time. */
async function withServer() {
	const id = crypto.randomUUID();
	const database = `app-test-settings-${id}`;
	const generate: ServerEngine['generate'] = (_, { onText }) => {
		onText('From the server.');
		return Promise.resolve(ANSWERED);
	};
	const make = (one: Server) => Object.assign(new ServerEngine(one), { generate });
	const own = () => Promise.resolve(keptOwn(database, new OwnServers(database, make)));
	const world = appIn({ id, change: { own } });
	onTestFinished(world.close);
	await world.start();
	const { servers } = world.app;
	if (!servers) throw new Error('No servers.');
	await servers.keep(server);
	const baseUrl = new URL(`/compare-test-${id}/`, location.href).href;
	return { ...world, servers, runner: makeCompare(world.app, baseUrl).runner };
}

describe('in the page', () => {
	test('a server answers beside a variant, and what was loaded is loaded after it', async () => {
		const { app, engines, runner } = await withServer();
		app.selection.choose('pocket-q4f32_1', 1024);
		await app.load();
		await runner.ask(anAsked(['pocket-q4f32_1', MINE]));
		expect(runner.run?.rows).toMatchObject([
			{ kind: 'answered', label: 'pocket', quantization: 'q4f32_1' },
			{ kind: 'answered', label: 'pocket · Mine', quantization: '', text: 'From the server.' }
		]);
		expect(JSON.stringify(runner.run)).not.toContain(server.key);
		expect(app.running.server).toBeNull();
		expect(app.loader.loaded?.contextWindow).toBe(1024);
		expect(engines.holding).toHaveLength(1);
	});

	test('for servers alone, what is loaded stays as it is', async () => {
		const { app, servers, engines, runner } = await withServer();
		await servers.keep({ ...server, id: 'b', model: 'other' });
		await app.load();
		const [before] = engines.holding;
		await runner.ask(anAsked([MINE, 'server 127.0.0.1:9 other']));
		expect(runner.run?.rows).toMatchObject([{ kind: 'answered' }, { kind: 'answered' }]);
		expect(engines.holding).toEqual([before]);
	});

	test('in offline mode, or once it was removed, it is left out with the reason', async () => {
		const { app, servers, runner } = await withServer();
		await app.settings.set({ airplane: true });
		await vi.waitFor(() => expect(servers.engineNamed(MINE)?.failure).not.toBeNull());
		await runner.ask(anAsked([MINE, 'pocket-q4f32_1']));
		expect(runner.run?.leftOut).toEqual([
			{ variantId: MINE, reason: 'Offline mode is on: nothing is sent to your server.' }
		]);
		await servers.remove('a');
		await runner.ask(anAsked([MINE, 'pocket-q4f32_1']));
		expect(runner.run?.leftOut).toEqual([{ variantId: MINE, reason: 'This server was removed.' }]);
	});

	test('one that is removed before its turn fails, and keeps the name of its row', async () => {
		const { app, servers, engines, runner } = await withServer();
		engines.scripts = [{ generate: () => servers.remove('a').then(() => ANSWERED) }];
		await runner.ask(anAsked(['pocket-q4f32_1', MINE]));
		expect(runner.run?.rows[1]).toMatchObject({ failure: { message: 'This server was removed.' } });
		const rows = [anAnswer(MINE, { label: 'pocket · Mine' })];
		expect(nameOfAnswerer(app, MINE, rows)).toBe('pocket · Mine');
	});
});

describe('what is chosen at first', () => {
	test('is what the last run asked, servers as well, as far as they are there', async () => {
		const { app, servers } = await withServer();
		const last = aComparison([anAnswer('pocket-q0f32'), anAnswer(MINE), anAnswer('server gone x')]);
		const chosen = async () => (await startOf(app, '', last)).variantIds;
		expect(await chosen()).toEqual(['pocket-q0f32', MINE]);
		await servers.remove('a');
		expect(await chosen()).toEqual(['pocket-q0f32']);
	});

	test('is the server that answered a message, beside the chosen family', async () => {
		const { app } = await withServer();
		let talk = append(create(), { id: 'q', role: 'user', text: 'One?' });
		const answer: AnswerInfo = {
			...{ engineId: MINE, label: 'pocket · Mine', finish: 'stop', timeToFirstTokenMs: 1 },
			...{ promptTokens: 1, completionTokens: 1 },
			...{ prefillTokensPerSecond: 1, decodeTokensPerSecond: 1 }
		};
		talk = append(talk, { id: 'a', role: 'assistant', text: 'One.', answer });
		app.session.open(talk);
		const asked = await startOf(app, `?conversation=${talk.id}&message=a`, null);
		expect(asked.variantIds).toEqual(expect.arrayContaining([...POCKET, MINE]));
		expect(asked.question.turns).toEqual([{ role: 'user', text: 'One?' }]);
	});

	test('is never a server because a link says so', async () => {
		const { app } = await withServer();
		const link = async (ids: string) =>
			(await startOf(app, `?variants=${encodeURIComponent(ids)}`, null)).variantIds;
		expect(await link(`pocket-q0f32,${MINE}`)).toEqual(['pocket-q0f32']);
		expect(await link(MINE)).not.toContain(MINE);
		const last = aComparison([anAnswer('pocket-q4f32_1'), anAnswer(MINE)]);
		expect((await startOf(app, '?variants=pocket-q0f32', last)).variantIds).toEqual([
			'pocket-q0f32'
		]);
	});
});

describe('the form', () => {
	async function shown(start = anAsked(['pocket-q4f32_1'])) {
		const world = await withServer();
		const onask = vi.fn();
		const given = { start, busy: false, onask };
		return { ...world, onask, screen: await render(InApp, { app: world.app, View: Ask, given }) };
	}

	test('says where the question goes before a server is asked, and asks it with the variants', async () => {
		const { screen, onask } = await shown();
		await expect.element(screen.getByRole('button', { name: 'Choose two' })).toBeDisabled();
		expect(screen.container.textContent).not.toContain('sent to');
		const mine = screen.getByRole('group', { name: 'Your own servers' }).getByRole('checkbox');
		await expect.element(mine).toHaveAccessibleName('Mine pocket · http://127.0.0.1:9');
		await mine.click();
		await expect
			.element(screen.getByText('The question is sent to Mine (http://127.0.0.1:9).'))
			.toBeVisible();
		await expect.element(screen.getByTestId('chosen')).toHaveTextContent('pocket · Mine');
		await screen.getByRole('button', { name: 'Compare 2 answers' }).click();
		expect(onask).toHaveBeenCalledWith(anAsked(['pocket-q4f32_1', MINE]));
	});

	test('a server stays chosen while variants are chosen, and is taken out by its own box', async () => {
		const { screen, onask } = await shown(anAsked(['pocket-q4f32_1', MINE]));
		await screen.getByRole('button', { name: 'All of pocket' }).click();
		await screen
			.getByRole('checkbox', { name: /^q0f32/ })
			.first()
			.click();
		const compare = screen.getByRole('button', { name: /^Compare/ });
		await compare.click();
		const ids = (onask.mock.lastCall as [{ variantIds: string[] }])[0].variantIds;
		expect([ids.at(-1), ids.includes('pocket-q0f32')]).toEqual([MINE, false]);
		await screen.getByRole('checkbox', { name: /^Mine/ }).click();
		await compare.click();
		expect(onask).toHaveBeenLastCalledWith(anAsked(ids.slice(0, -1)));
		expect(screen.container.textContent).not.toContain('sent to');
	});

	test('without servers has no group for them, and in offline mode sends them nothing', async () => {
		const { app, servers, screen } = await shown(anAsked(['pocket-q4f32_1', MINE]));
		await app.settings.set({ airplane: true });
		await expect
			.element(screen.getByText('Offline mode is on: nothing is sent to Mine.'))
			.toBeVisible();
		await servers.remove('a');
		await expect
			.element(screen.getByRole('group', { name: 'Your own servers' }))
			.not.toBeInTheDocument();
	});
});
