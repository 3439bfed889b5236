import { afterEach, describe, expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { create } from '../chat/conversation.ts';
import NoAnswer from '../chat/NoAnswer.svelte';
import type { GenerateRequest } from '../engine/protocol.ts';
import { defaultSampling } from '../engine/sampling.ts';
import { asFailure } from '../rpc/failure.ts';
import InApp from '../panel/InApp.fixture.svelte';
import { appIn } from './app.fixture.ts';
import { keptOwn } from './own.ts';
import { OwnServers } from './own-servers.svelte.ts';
import { A_SERVER_ID, aServer as server, FakeServerWorkers } from '../remote/worker.fixture.ts';
import { exportSettings } from '../settings/settings-file.ts';

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

async function started(workers = new FakeServerWorkers(), id: string = crypto.randomUUID()) {
	const database = `app-test-settings-${id}`;
	const servers = new OwnServers(database, workers.make);
	const own = () => Promise.resolve(keptOwn(database, servers));
	const world = appIn({ id, change: { own } });
	await world.start();
	closing.push(world.close);
	const { app } = world;
	if (!app.servers) throw new Error('No servers.');
	return { ...world, workers, servers: app.servers };
}

test('a conversation goes from this GPU to the server and back, and its answers say from where', async () => {
	const { app, servers, engines, workers } = await started();
	await servers.keep(server);
	expect(workers.origins).toEqual([]);
	await app.session.send('One');
	expect(app.session.messages.at(-1)?.text).toBe('Yes.');
	await servers.use('a');
	await expect.poll(() => app.running.server?.label).toBe('pocket · Mine');
	await app.session.send('Two');
	expect(app.session.messages.at(-1)).toMatchObject({
		text: 'From the server.',
		answer: { engineId: A_SERVER_ID, label: 'pocket · Mine', finish: 'stop' }
	});
	expect(workers.origins).toEqual(['http://127.0.0.1:9']);
	await servers.use(null);
	await expect.poll(() => app.running.server).toBeNull();
	await app.session.send('Three');
	expect(app.session.messages.at(-1)?.text).toBe('Yes.');
	expect(engines.holding).toHaveLength(1);
	expect(workers.origins).toHaveLength(1);
});

test('a server that is kept again is changed in its place, and the others stay as they are', async () => {
	const { servers } = await started();
	const other = { ...server, id: 'b', name: 'Other' };
	await servers.keep(server);
	await servers.keep(other);
	const changed = { ...server, name: 'Still mine' };
	await servers.keep(changed);
	expect(servers.list).toEqual([changed, other]);
});

test('with a server chosen nothing is loaded for an answer, and the choice outlives the page', async () => {
	const first = await started();
	await first.servers.keep(server);
	await first.servers.use('a');
	const { app, engines } = await started(first.workers, first.id);
	expect(app.running.server?.id).toBe(A_SERVER_ID);
	await app.session.send('One');
	expect(app.session.messages.at(-1)?.text).toBe('From the server.');
	expect(engines.holding).toEqual([]);
});

test('in offline mode nothing is sent, and the failure says how to go on', async () => {
	const { app, servers, workers } = await started();
	await servers.keep(server);
	await servers.use('a');
	await app.settings.set({ airplane: true });
	await expect.poll(() => app.running.server?.failure?.detail.reason).toBe('offline');
	await app.session.send('One');
	expect(app.session.status).toMatchObject({ kind: 'failed', failure: { kind: 'server' } });
	expect(workers.origins).toEqual([]);
	await app.settings.set({ airplane: false });
	await expect.poll(() => app.running.server?.failure).toBeNull();
	await app.session.retry();
	expect(app.session.messages.at(-1)?.text).toBe('From the server.');
});

test('the key is in no export and not in what is kept with an answer', async () => {
	const { app, servers } = await started();
	await servers.keep(server);
	await servers.use('a');
	await expect.poll(() => app.running.server).not.toBeNull();
	await app.session.send('One');
	expect(exportSettings(app.settings.current)).not.toContain(server.key);
	expect(JSON.stringify(app.session.conversation)).not.toContain(server.key);
});

describe('before the first answer in a conversation', () => {
	async function asking() {
		const world = await started();
		const { app, servers } = world;
		await app.session.send('One');
		await servers.keep({ ...server, asks: true });
		await servers.use('a');
		await expect.poll(() => app.running.server).not.toBeNull();
		await app.session.send('Two');
		return world;
	}
	const shown = (app: Awaited<ReturnType<typeof asking>>['app']) => {
		const { status } = app.session;
		if (status.kind !== 'failed') throw new Error(`It is ${status.kind}.`);
		const onretry = () => void app.session.retry();
		return render(InApp, { app, View: NoAnswer, given: { failure: status.failure, onretry } });
	};

	test('nothing is sent until the person says so, and it is asked once', async () => {
		const { app, workers } = await asking();
		expect(workers.origins).toEqual([]);
		const screen = await shown(app);
		await expect
			.element(screen.getByRole('alert'))
			.toHaveTextContent('Send this conversation to Mine? Nothing of this conversation has been');
		await expect.element(screen.getByText('http://127.0.0.1:9')).toBeVisible();
		await screen.getByRole('button', { name: 'Send to Mine' }).click();
		await expect.poll(() => app.session.messages.at(-1)?.text).toBe('From the server.');
		await app.session.send('Three');
		expect(app.session.messages.at(-1)?.text).toBe('From the server.');

		app.session.open(create());
		await app.session.send('Another conversation');
		expect(app.session.status).toMatchObject({ failure: { detail: { reason: 'not-allowed' } } });
	});

	test('a conversation that it has answered in is not asked about again by the next page', async () => {
		const { app, servers, workers } = await asking();
		servers.allow(app.session.conversation.id);
		await app.session.retry();
		const { conversation } = app.session;
		const next = await started(workers);
		await next.servers.keep({ ...server, asks: true });
		await next.servers.use('a');
		await expect.poll(() => next.app.running.server).not.toBeNull();
		next.app.session.open(conversation);
		await next.app.session.send('On');
		expect(next.app.session.messages.at(-1)?.text).toBe('From the server.');
	});

	test('this GPU may answer in its place', async () => {
		const { app, servers, workers } = await asking();
		const screen = await shown(app);
		await screen.getByRole('button', { name: 'Answer on this GPU' }).click();
		await expect.poll(() => app.session.messages.at(-1)?.text).toBe('Yes.');
		expect(servers.active).toBeNull();
		expect(workers.origins).toEqual([]);
	});
});

test('images go to a server whose model takes them, and only their absence to another', async () => {
	const workers = new FakeServerWorkers();
	const { app, servers } = await started(workers);
	const image = { url: 'data:image/png;base64,AAAA', width: 8, height: 8 };
	for (const images of [false, true]) {
		await servers.keep({ ...server, id: String(images), images });
		await servers.use(String(images));
		await expect.poll(() => app.running.server?.can.images).toBe(images);
		await app.session.send('What is this?', [image]);
		const content = workers.asked.at(-1)?.messages.at(-1)?.content;
		expect(JSON.stringify(content).includes(image.url)).toBe(images);
	}
});

describe('a server that is asked from elsewhere than a conversation', () => {
	const request: GenerateRequest = {
		messages: [{ role: 'user', content: 'One' }],
		sampling: defaultSampling
	};
	const ask = async (servers: OwnServers) => {
		let text = '';
		const onText = (added: string) => (text += added);
		const engine = servers.engineNamed(A_SERVER_ID);
		await engine?.generate(request, { signal: new AbortController().signal, onText });
		return text;
	};

	test('answers whether it is chosen or not, with one worker each way', async () => {
		const { app, servers, workers } = await started();
		expect(servers.engineNamed(A_SERVER_ID)).toBeNull();
		await servers.keep(server);
		expect(await ask(servers)).toBe('From the server.');
		expect(await ask(servers)).toBe('From the server.');
		expect(workers.origins).toHaveLength(1);
		expect(app.running.server).toBeNull();
		await servers.use('a');
		await expect.poll(() => app.running.server).not.toBeNull();
		expect(servers.engineNamed(A_SERVER_ID)).toBe(app.running.server);
	});

	test('is asked nothing in offline mode, nor after it was removed', async () => {
		const { app, servers, workers } = await started();
		await servers.keep(server);
		const lent = servers.engineNamed(A_SERVER_ID);
		await app.settings.set({ airplane: true });
		await expect
			.poll(() => ask(servers).catch(asFailure))
			.toMatchObject({
				detail: { reason: 'offline' }
			});
		const { signal } = new AbortController();
		const late = lent?.generate(request, { signal, onText: () => {} });
		await expect(late).rejects.toMatchObject({ detail: { reason: 'offline' } });
		await app.settings.set({ airplane: false });
		await servers.remove('a');
		expect(servers.engineNamed(A_SERVER_ID)).toBeNull();
		expect(workers.origins).toEqual([]);
	});
});
