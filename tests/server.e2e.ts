import type { Page } from 'playwright/test';
import { expectAccessible } from './axe.ts';
import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';
import { bringLlamaServer, LlamaServer } from './support/llama-server.ts';

test.describe.configure({ mode: 'serial' });

let server: LlamaServer | null = null;

test.beforeAll(async () => {
	test.setTimeout(150_000);
	const brought = await bringLlamaServer();
	const missing = 'missing' in brought ? brought.missing : null;
	if (missing !== null) console.log(`llama-server cannot be had here: ${missing}`);
	else if ('version' in brought) console.log(`llama-server ${brought.version}`);
	test.skip(missing !== null, `needs llama.cpp's server: ${missing}`);
});

test.afterEach(async () => {
	await server?.kill();
	server = null;
});

/** A red pixel. */
const DOT =
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

const form = (page: Page) => page.getByRole('form', { name: 'Server' });
const strip = (page: Page) => page.getByRole('region', { name: 'Where messages go' });

/** Opens the form of a new server and fills it in. */
async function describe(page: Page, address: string, key = '') {
	await page.getByRole('button', { name: 'Add a server' }).first().click();
	const dialog = page.getByRole('dialog', { name: 'Your own servers' });
	await dialog.getByRole('button', { name: 'Add a server' }).click();
	await form(page).getByLabel('Address').fill(address);
	await form(page).getByLabel('Name').fill('Mine');
	await form(page).getByLabel('Key').fill(key);
}

async function result(page: Page, text: string | RegExp) {
	await form(page).getByRole('button', { name: 'Test' }).click();
	await expect(form(page).getByRole('status')).toContainText(text);
}

/** `asks`: nothing of a conversation is sent before the person has said so in it. */
async function add(page: Page, address: string, { asks = false } = {}) {
	await describe(page, address);
	await result(page, 'Works: 1 model.');
	await form(page)
		.getByRole('checkbox', { name: /^Ask once/ })
		.setChecked(asks);
	await form(page).getByRole('button', { name: 'Save' }).click();
	await page.getByRole('button', { name: 'Use Mine' }).click();
	await page.getByRole('button', { name: 'Close' }).click();
	await expect(strip(page)).toContainText(address);
}

test(
	'a test of the server says in words what is wrong, and lists its models',
	{ tag: LONG },
	async ({ page }) => {
		server = await LlamaServer.start(['--api-key', 'right-key']);
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await describe(page, server.origin);
		await result(page, 'The server asks for a key.');
		await form(page).getByLabel('Key').fill('wrong-key');
		await result(page, 'The server refused the key.');
		await form(page).getByLabel('Key').fill('right-key');
		await result(page, 'Works: 1 model.');
		await expect(form(page).getByLabel('Model')).toHaveValue('pocket');
		await expect(form(page).getByLabel('Context window')).toHaveValue('2048');
		await server.kill();
		await result(page, 'Not reachable');
		server = await LlamaServer.start(['--cors-origins', 'https://elsewhere.example'], server.port);
		await result(page, 'does not let this page read its answers');
		await expect(
			form(page).getByText(`--cors-origins ${new URL(page.url()).origin}`)
		).toBeVisible();
	}
);

test(
	'a conversation goes from this GPU to the server and back, and to nowhere else',
	{ tag: LONG },
	async ({ page, context }) => {
		server = await LlamaServer.start();
		const headroom = new HeadroomPage(page);
		await headroom.open();
		const here = await headroom.ask('What is the KV cache?');
		const text = (await here.locator('.markdown, .text').first().innerText()).trim();
		await add(page, server.origin, { asks: true });
		const requests: string[] = [];
		context.on('request', (request) => requests.push(request.url()));
		await headroom.composer.fill('What is WebGPU?');
		await page.getByRole('button', { name: 'Send', exact: true }).click();
		const question = page.getByRole('alert').filter({ hasText: 'Send this conversation to Mine?' });
		await expect(question).toContainText(server.origin);
		expect(requests.filter((url) => url.startsWith(server?.origin ?? ''))).toEqual([]);
		await expectAccessible(page);
		await question.getByRole('button', { name: 'Send to Mine' }).click();
		const there = headroom.answers.last();
		await expect(there).toContainText('tokens/s');
		await expect(there).toContainText('pocket · Mine');
		expect(requests.length).toBeGreaterThan(0);
		const site = new URL(page.url()).origin;
		for (const url of requests) expect([server.origin, site]).toContain(new URL(url).origin);
		expect(requests.filter((url) => url.startsWith(server?.origin ?? ''))).toEqual([
			`${server.origin}/v1/chat/completions`
		]);
		requests.length = 0;
		await strip(page).getByRole('button', { name: 'Use this GPU' }).click();
		await expect(strip(page)).toBeHidden();
		const again = await headroom.ask('What is the KV cache?');
		await expect(again).not.toContainText('Mine');
		expect(requests.filter((url) => url.startsWith(server?.origin ?? ''))).toEqual([]);
		expect(text).not.toBe('');
	}
);

test(
	'a comparison asks the server beside a variant of this GPU, once the page has said so',
	{ tag: LONG },
	async ({ page, context }) => {
		server = await LlamaServer.start();
		const { origin } = server;
		await new HeadroomPage(page).open();
		await add(page, origin, { asks: true });
		await strip(page).getByRole('button', { name: 'Use this GPU' }).click();
		const sent: string[] = [];
		context.on('request', (request) => {
			if (request.url().startsWith(origin)) sent.push(request.url());
		});

		await page.goto('compare?variants=pocket-q4f32_1');
		await page.getByRole('textbox', { name: 'Question' }).fill('What is WebGPU?');
		await page.getByLabel('Max. output tokens').selectOption('64');
		const mine = page.getByRole('checkbox', { name: /^Mine/ });
		await expect(mine).not.toBeChecked();
		await mine.check();
		await expect(page.getByText(`The question is sent to Mine (${origin}).`)).toBeVisible();
		await expectAccessible(page);
		expect(sent).toEqual([]);
		await page.getByRole('button', { name: 'Compare 2 answers' }).click();
		const agree = page.getByRole('button', { name: 'Download and compare' });
		const column = (name: string) => page.getByRole('article', { name, exact: true });
		await expect(agree.or(column('pocket q4f32_1'))).toBeVisible();
		if (await agree.isVisible()) await agree.click();

		for (const name of ['pocket q4f32_1', 'pocket · Mine'])
			await expect(column(name)).toContainText(/Tokens\/s\s*\d/, { timeout: 60_000 });
		await expect(column('pocket q4f32_1')).toContainText(/Load.*GPU memory/s);
		await expect(column('pocket · Mine')).not.toContainText(/Load|GPU memory/);
		await expect(page.getByTestId('difference')).toHaveText(/^(?:Marked|All answers)/);
		expect(sent).toEqual([`${origin}/v1/chat/completions`]);

		// A reload finds the answers, and the server chosen again.
		await page.goto('compare');
		await expect(column('pocket · Mine')).toContainText(/Tokens\/s\s*\d/);
		await expect(mine).toBeChecked();
		await expectAccessible(page);
		await page.getByRole('button', { name: 'Use pocket · Mine' }).click();
		await expect(column('pocket · Mine')).toContainText('Answers your messages');
		await page.getByRole('link', { name: 'Chat', exact: true }).first().click();
		await expect(strip(page)).toContainText(origin);
	}
);

test(
	'stopping and a server that is killed keep what was written; a reload keeps the choice',
	{ tag: LONG },
	async ({ page }) => {
		// Pocket answers in milliseconds: it must go on to the window's end, and is held there.
		server = await LlamaServer.start(['--ignore-eos']);
		const { origin } = server;
		page.context().on('response', (response) => {
			if (response.url().endsWith('/chat/completions')) server?.pause();
		});
		const headroom = new HeadroomPage(page);
		const stop = page.getByRole('button', { name: 'Stop' });
		await headroom.open();
		await add(page, origin);
		await page.reload();
		await expect(strip(page)).toContainText(origin);

		const begun = async (question: string) => {
			const answer = headroom.answers.nth(await headroom.answers.count());
			await headroom.composer.fill(question);
			await page.getByRole('button', { name: 'Send' }).click();
			await expect(stop).toBeVisible();
			// It is held again after every few words, until some of them are on screen.
			await expect(async () => {
				server?.goOn();
				await page.waitForTimeout(20);
				server?.pause();
				await expect(answer).toContainText(/[a-z]{3}/, { timeout: 500 });
			}).toPass();
			return answer;
		};
		const stopped = await begun('What is WebGPU?');
		await stop.click();
		await expect(stop).toBeHidden();
		server.goOn();
		await expect(stopped).toContainText('Mine');
		await expect.poll(() => server?.idle()).toBe(true);

		const killed = await begun('What is the KV cache?');
		await server.kill();
		const said = page.getByRole('alert').filter({ hasText: 'No answer.' });
		await expect(said).toContainText('The connection to the server broke');
		await expect(killed).toContainText(/[a-z]{3}/);
	}
);

test(
	'a server that is not there is told in words, and answers once it runs again',
	{ tag: LONG },
	async ({ page }) => {
		server = await LlamaServer.start();
		const { origin, port } = server;
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await add(page, origin);
		await server.kill();
		await headroom.composer.fill('What is WebGPU?');
		await page.getByRole('button', { name: 'Send' }).click();
		const said = page.getByRole('alert').filter({ hasText: 'No answer.' });
		await expect(said).toContainText('The server cannot be reached.');
		server = await LlamaServer.start([], port);
		// It listens before it has read its model.
		await expect.poll(() => server?.idle().catch(() => false)).toBe(true);
		await said.getByRole('button', { name: 'Try again' }).click();
		await expect(headroom.answers.last()).toContainText('pocket · Mine');
	}
);

test(
	'a conversation that is too long for the server is told in words, with what it holds',
	{ tag: LONG },
	async ({ page }) => {
		server = await LlamaServer.start(['-c', '256']);
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await add(page, server.origin);
		await headroom.composer.fill(
			`What is a window? ${'It holds tokens, and more of them. '.repeat(60)}`
		);
		await page.getByRole('button', { name: 'Send', exact: true }).click();
		const said = page.getByRole('alert').filter({ hasText: 'No answer.' });
		await expect(said).toContainText('The conversation is too long for the server');
		await expect(said).toContainText('256');
		// A shorter one is answered by the same server.
		await page.getByRole('link', { name: 'New conversation' }).first().click();
		await headroom.ask('What is WebGPU?');
	}
);

test(
	'while another program has the server’s only slot, the answer waits for it and comes',
	{ tag: LONG },
	async ({ page }) => {
		server = await LlamaServer.start(['--ignore-eos']);
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await add(page, server.origin);
		const other = fetch(`${server.origin}/v1/chat/completions`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({
				messages: [{ role: 'user', content: 'What is VRAM?' }],
				max_tokens: 1_500,
				stream: true
			})
		});
		const program = await other;
		const programEnds = program.text().then(() => Date.now());
		await headroom.composer.fill('What is WebGPU?');
		await page.getByRole('button', { name: 'Send', exact: true }).click();
		const answer = headroom.answers.last();
		await expect(answer).toContainText(/[a-z]{3}/);
		expect(await Promise.race([programEnds, Promise.resolve(null)])).not.toBeNull();
		await page.getByRole('button', { name: 'Stop' }).click();
		await expect(answer).toContainText('Mine');
	}
);

test(
	'an image for a model without eyes is refused by the server, and said in its words',
	{ tag: LONG },
	async ({ page }) => {
		server = await LlamaServer.start();
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await describe(page, server.origin);
		await result(page, 'Works: 1 model.');
		const takes = form(page).getByRole('checkbox', { name: 'Takes images' });
		// The server has told that its model does not.
		await expect(takes).not.toBeChecked();
		await takes.check();
		await form(page)
			.getByRole('checkbox', { name: /^Ask once/ })
			.uncheck();
		await form(page).getByRole('button', { name: 'Save' }).click();
		await page.getByRole('button', { name: 'Use Mine' }).click();
		await page.getByRole('button', { name: 'Close' }).click();
		await page.getByLabel('Files to add').setInputFiles({
			name: 'dot.png',
			mimeType: 'image/png',
			buffer: Buffer.from(DOT, 'base64')
		});
		await headroom.composer.fill('What is this?');
		const [request] = await Promise.all([
			page.waitForRequest((each) => each.url().endsWith('/chat/completions')),
			page.getByRole('button', { name: 'Send', exact: true }).click()
		]);
		expect(request.postData()).toContain('data:image/');
		const said = page.getByRole('alert').filter({ hasText: 'No answer.' });
		await expect(said).toContainText(/image/i);
	}
);

test(
	'a program asks the server by window.headroom once it may, and the model on the GPU stays loaded',
	{ tag: LONG },
	async ({ page, context }) => {
		server = await LlamaServer.start();
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await headroom.ask('What is WebGPU?');
		await describe(page, server.origin);
		await result(page, 'Works: 1 model.');
		await form(page).getByRole('button', { name: 'Save' }).click();
		await page.getByRole('button', { name: 'Close' }).click();
		const requests: string[] = [];
		context.on('request', (request) => {
			if (request.url().startsWith(server?.origin ?? '')) requests.push(request.url());
		});

		const before = await page.evaluate(async () => {
			const { status, exists, chat } = window.headroom!;
			const messages = [{ role: 'user' as const, content: 'What is the KV cache?' }];
			const refused = await chat({ model: 'Mine', messages }).catch((error: unknown) =>
				JSON.stringify(error)
			);
			return { status: await status(), named: await exists({ model: 'mine' }), refused };
		});
		const id = `server ${new URL(server.origin).host} pocket`;
		expect(before.status.servers).toEqual([
			{ model: id, name: 'Mine', contextWindow: 2048, answering: false }
		]);
		expect(before.named).toMatchObject({ exists: true, model: id });
		expect(before.refused).toContain('permission_denied');
		expect(requests).toEqual([]);

		await page.getByRole('button', { name: 'Settings', exact: true }).click();
		await page.getByRole('checkbox', { name: /^Scripts and extensions/ }).check();
		await page.keyboard.press('Escape');
		const after = await page.evaluate(async (model) => {
			const { status, chat, statistics } = window.headroom!;
			const messages = [{ role: 'user' as const, content: 'What is the KV cache?' }];
			const question = { messages, temperature: 0, max_tokens: 20 };
			const whole = await chat({ ...question, model: 'Mine' });
			let streamed = '';
			for await (const { choices } of await chat({ ...question, model, stream: true }))
				streamed += choices[0]?.delta.content ?? '';
			return { whole, streamed, status: await status(), statistics: await statistics() };
		}, id);
		const text = after.whole.choices[0]?.message.content;
		expect(text).not.toBe('');
		expect(after.streamed).toBe(text);
		expect(after.whole).toMatchObject({
			model: id,
			understood: 'Your own server “Mine” with pocket.'
		});
		expect(after.whole.usage.completion_tokens).toBeGreaterThan(0);
		expect(after.whole.usage.prompt_tokens).toBeGreaterThan(0);
		expect(requests).toEqual(Array(2).fill(`${server.origin}/v1/chat/completions`));
		expect(after.status.loaded).toEqual(before.status.loaded);
		expect(after.status.loaded).toHaveLength(1);
		expect(after.statistics.models.map(({ answers }) => answers.begun)).toEqual([1]);
		await expect(headroom.answers).toHaveCount(1);

		await server.kill();
		const failed = await page.evaluate(() =>
			window
				.headroom!.generate({ model: 'Mine', prompt: 'What is WebGPU?' })
				.catch((error: unknown) => JSON.stringify(error))
		);
		expect(failed).toContain('own_server_failed');
	}
);

test(
	'a browser that keeps the page from the network is told apart, with the way to allow it',
	{ tag: LONG },
	async ({ page, context }) => {
		server = await LlamaServer.start();
		const headroom = new HeadroomPage(page);
		await headroom.open();
		const session = await context.newCDPSession(page);
		const { origin } = new URL(page.url());
		const { targetInfo } = await session.send('Target.getTargetInfo');
		const { browserContextId } = targetInfo;
		const set = (setting: 'denied' | 'prompt') =>
			session.send('Browser.setPermission', {
				permission: { name: 'loopback-network' },
				setting,
				origin,
				...(browserContextId && { browserContextId })
			});
		await describe(page, server.origin);
		try {
			await set('denied');
			await result(page, 'The browser does not let this page reach your network.');
		} finally {
			await set('prompt');
		}
		await result(page, 'Works: 1 model.');
	}
);
