import { spawn, type ChildProcess } from 'node:child_process';
import OpenAI from 'openai';
import { BASE } from '../playwright.config.ts';
import { expectAccessible } from './axe.ts';
import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';

interface Started {
	child: ChildProcess;
	/** Where the server is, without a path. */
	origin: string;
	token: string;
	/** The address that opens the page, once. */
	address: string;
}

/** `npm start -- --api`, on the build that the stories run against. */
async function start(): Promise<Started> {
	const child = spawn(
		process.execPath,
		['scripts/start.mjs', '--api', '--base', BASE, '--host', '127.0.0.1'],
		{ env: { ...process.env, PORT: '', HEADROOM_TOKEN: '' } }
	);
	let said = '';
	for (const stream of [child.stdout, child.stderr])
		stream.on('data', (chunk) => (said += String(chunk)));
	const found = () =>
		/OPENAI_BASE_URL=(\S+)\/v1\s+OPENAI_API_KEY=(\S+)[^]*?(http\S+#relay=\S+)/.exec(said);
	await expect.poll(found, { timeout: 60_000 }).toBeTruthy();
	const [, origin = '', token = '', address = ''] = found() ?? [];
	return { child, origin, token, address };
}

let server: Started | null = null;
test.afterEach(() => {
	server?.child.kill('SIGTERM');
	server = null;
});

// A clock that was taken over stays so for every later page of the profile.
test.use({ ownProfile: true });

test(
	'programs plan, load, chat, swap, measure and clear by the local server alone, also while the tab is hidden',
	{ tag: LONG },
	async ({ page, context }) => {
		test.setTimeout(180_000);
		server = await start();
		const { origin, token, address } = server;
		const client = new OpenAI({ baseURL: `${origin}/v1`, apiKey: token });
		const ask = async (path: string, body?: object): Promise<{ status: number; said: unknown }> => {
			const response = await fetch(origin + path, {
				headers: { authorization: `Bearer ${token}` },
				...(body && { method: 'POST', body: JSON.stringify(body) })
			});
			return { status: response.status, said: await response.json() };
		};
		const refused = await ask('/v1/models');
		expect(refused.status).toBe(503);
		expect(JSON.stringify(refused.said)).toContain(address);

		// A page that was opened in another way tries nothing.
		const plain = await context.newPage();
		const sockets: string[] = [];
		plain.on('websocket', (socket) => sockets.push(socket.url()));
		await plain.goto(`${origin}${BASE}/api`);
		await expect(plain.getByText('was not opened by a local server')).toBeVisible();
		await expectAccessible(plain);
		await new HeadroomPage(plain).open(`${origin}${BASE}/`);
		await plain.waitForFunction(() => window.headroom !== undefined);
		expect(sockets).toEqual([]);
		await plain.close();

		await page.clock.install();
		await page.goto(address);
		await expect(page.getByText('Connected to the local server.').first()).toBeVisible();
		expect(page.url()).not.toContain('relay');
		// Of sockets, the page’s policy lets through those to the site’s own host and port.
		const violated = await page.evaluate(
			() =>
				new Promise<string>((resolve) => {
					addEventListener('securitypolicyviolation', ({ blockedURI }) => resolve(blockedURI));
					try {
						new WebSocket('ws://127.0.0.1:9/');
					} catch {
						// Some versions throw as well.
					}
				})
		);
		expect(violated).toContain('ws://127.0.0.1:9');

		expect((await client.models.list()).data.map(({ id }) => id)).toContain('pocket-q4f32_1');
		expect(
			await ask('/vram_prediction?input_tokens=100&output_tokens=50&model=pocket')
		).toMatchObject({ status: 200, said: { totalTokens: 150, fits: true } });
		expect(await ask('/reload_model', { model: 'pocket-q4f32_1' })).toMatchObject({
			status: 403,
			said: { error: { code: 'permission_denied' } }
		});

		await page.getByRole('link', { name: 'Chat', exact: true }).click();
		await page.getByRole('button', { name: 'Settings', exact: true }).click();
		const leave = page.getByRole('checkbox', {
			name: /^Programs that ask through the local server/
		});
		await expect(leave).not.toBeChecked();
		await leave.check();
		await page.keyboard.press('Escape');
		expect(await ask('/reload_model', { model: 'pocket-q4f32_1' })).toMatchObject({
			status: 200,
			said: { model: 'pocket-q4f32_1' }
		});

		const question = {
			model: 'pocket',
			messages: [{ role: 'user' as const, content: 'What is memory?' }],
			temperature: 0
		};
		const whole = await client.chat.completions.create(question);
		const text = whole.choices[0]?.message.content ?? '';
		expect(text).not.toBe('');
		const streamed = async (more: object = {}) => {
			const deltas: string[] = [];
			let tokens = 0;
			const stream = await client.chat.completions.create({ ...question, ...more, stream: true });
			for await (const { choices, usage } of stream) {
				deltas.push(choices[0]?.delta.content ?? '');
				tokens = usage?.completion_tokens ?? tokens;
			}
			return { text: deltas.join(''), tokens, deltas: deltas.length };
		};
		expect((await streamed()).text).toBe(text);
		// Pocket knows no JSON; choices and penalties keep it from writing spaces until the window is full.
		const schema = {
			type: 'object',
			properties: { topic: { enum: ['memory', 'speed'] }, known: { type: 'boolean' } },
			required: ['topic', 'known']
		};
		const held = await client.chat.completions.create({
			...question,
			temperature: 1,
			seed: 2,
			presence_penalty: 2,
			frequency_penalty: 2,
			response_format: { type: 'json_schema', json_schema: { name: 'held', schema } }
		});
		expect(JSON.parse(held.choices[0]?.message.content ?? '')).toEqual({
			topic: expect.stringMatching(/^(memory|speed)$/) as unknown,
			known: expect.any(Boolean) as unknown
		});

		// Neither frames nor timers come any more, as in a tab that has been hidden for long.
		await page.clock.pauseAt(Date.now() + 60_000);
		await page.clock.fastForward(6 * 60_000);
		const long = await streamed({
			max_tokens: 400,
			response_format: {
				type: 'json_schema',
				json_schema: {
					name: 'long',
					schema: { type: 'array', items: { type: 'string', enum: ['memory'] }, minItems: 400 }
				}
			}
		});
		expect(long.tokens).toBe(400);
		expect(long.deltas).toBeGreaterThan(100);
		await page.clock.resume();

		const events = await fetch(`${origin}/api/v1/events`, {
			headers: { authorization: `Bearer ${token}` }
		});
		const told = events.body!.pipeThrough(new TextDecoderStream()).getReader();
		expect(await ask('/reload_model', { quantization: 'q0f32' })).toMatchObject({
			said: { model: 'pocket-q0f32' }
		});
		let heard = '';
		while (!heard.includes('event: swapped')) heard += (await told.read()).value ?? '';
		expect(heard).toContain('"from":"pocket-q4f32_1"');
		await told.cancel();
		expect(await ask('/api/v1/statistics?model=pocket-q4f32_1')).toMatchObject({
			said: { models: [{ answers: { complete: 4, failed: 0 } }] }
		});
		expect(await ask('/api/v1/statistics/clear', {})).toMatchObject({ status: 200 });
		expect(await ask('/api/v1/statistics')).toMatchObject({ said: { models: [] } });
		await expect(page.getByRole('article')).toHaveCount(0);

		// A reload of the tab comes back by its key, a server that was started again is not taken for the old one.
		await page.reload();
		await expect.poll(async () => (await ask('/v1/models')).status).toBe(200);
	}
);
