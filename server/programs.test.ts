import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import OpenAI from 'openai';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ROUTES } from '../src/lib/api/routes.ts';
import { chunk, completion, type FakePage } from './fake-page.fixture.ts';
import { served, TOKEN, until } from './rig.fixture.ts';

const open: { end: () => void }[] = [];
afterEach(() => {
	for (const each of open.splice(0)) each.end();
});
async function rig(answer?: FakePage['answer'], origins: readonly string[] = []) {
	const made = await served({}, origins);
	open.push(made);
	return { ...made, fake: await made.page(answer) };
}

/** As `node --expose-gc` has it. */
function collectGarbage() {
	setFlagsFromString('--expose-gc');
	(runInNewContext('gc') as () => void)();
}

const messages = [{ role: 'user' as const, content: 'A secret question' }];
const question = { model: 'pocket', messages };
const codeOf = async (response: Response) =>
	((await response.json()) as { error: { code: string } }).error.code;

describe('the package openai', () => {
	test('lists models, and gets an answer with everything it asked for', async () => {
		const { client, fake } = await rig(({ id, name }, page) =>
			page.done(
				id,
				name === 'models'
					? { object: 'list', data: [{ id: 'pocket-q4f32_1', object: 'model' }] }
					: completion('Yes.')
			)
		);
		const listed = await client.models.list();
		expect(listed.data.map(({ id }) => id)).toEqual(['pocket-q4f32_1']);
		const format = {
			type: 'json_schema' as const,
			json_schema: { name: 'answer', schema: { type: 'object' } }
		};
		const answer = await client.chat.completions.create({ ...question, response_format: format });
		expect(answer.choices[0]?.message.content).toBe('Yes.');
		expect(fake.calls.at(-1)).toMatchObject({
			name: 'chat',
			input: { model: 'pocket', messages, response_format: format }
		});
	});

	test('looks one model up by its name, and is told of one that is not there', async () => {
		const data = ['pocket-q4f32_1', 'mine/a model'].map((id) => ({ id, object: 'model' }));
		const { client, get } = await rig(({ id }, page) => page.done(id, { object: 'list', data }));
		expect(await client.models.retrieve('pocket-q4f32_1')).toMatchObject(data[0]!);
		expect(await client.models.retrieve('mine/a model')).toMatchObject(data[1]!);
		await expect(client.models.retrieve('none')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
		expect(await codeOf(await get('/v1/models/none'))).toBe('unknown_model');
		expect(await codeOf(await get('/v1/models/%E0%A4%A'))).toBe('unknown_path');
	});

	test('reads a stream to its end', async () => {
		const { client } = await rig(({ id }, page) => {
			for (const word of ['One', ' two', ' three – ✓']) page.piece(id, chunk(word));
			page.piece(id, chunk('', 'stop'));
			page.done(id, completion(''));
		});
		let text = '';
		for await (const { choices } of await client.chat.completions.create({
			...question,
			stream: true
		}))
			text += choices[0]?.delta.content ?? '';
		expect(text).toBe('One two three – ✓');
	});

	test('that aborts ends its request in the page, waiting or begun', async () => {
		const { client, fake } = await rig(({ id, input }, page) => {
			if ((input as { stream?: boolean }).stream) page.piece(id, chunk('Begun'));
		});
		const controller = new AbortController();
		const { signal } = controller;
		const waiting = client.chat.completions.create(question, { signal });
		const stream = await client.chat.completions.create({ ...question, stream: true }, { signal });
		await until(() => fake.calls.length === 2);
		controller.abort();
		await expect(waiting).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
		for await (const piece of stream) expect(piece.choices[0]?.delta.content).toBe('Begun');
		await until(() => fake.aborted.length === 2);
		expect([...fake.aborted].sort()).toEqual(fake.calls.map(({ id }) => id).sort());
	});

	test.each([
		['invalid_input', 400, 1],
		['unknown_model', 404, 1],
		['permission_denied', 403, 1],
		['blocked', 422, 1],
		['out_of_memory', 500, 1],
		['own_server_failed', 502, 1],
		['nothing_loaded', 503, 1],
		['offline', 503, 1],
		['queue_full', 429, 2],
		['not_ready', 503, 2]
	])(
		'gets %s as a typed error, and asks again only where that helps',
		async (code, status, tries) => {
			const { url, fake } = await rig(({ id }, page) => page.fail(id, code));
			const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: TOKEN, maxRetries: 1 });
			const thrown: unknown = await client.chat.completions
				.create(question)
				.catch((e: unknown) => e);
			expect(thrown).toBeInstanceOf(OpenAI.APIError);
			expect(thrown).toMatchObject({ status, code, error: { message: 'No.' } });
			expect(fake.calls).toHaveLength(tries);
		},
		20_000
	);

	test('with a wrong token gets an authentication error', async () => {
		const { url } = await rig();
		const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'wrong' });
		await expect(client.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
	});

	test('is told of a page that closes in the middle: the answer does not look whole', async () => {
		const { client, post, fake } = await rig(({ id }, page) => page.piece(id, chunk('Half')));
		const stream = await client.chat.completions.create({ ...question, stream: true });
		const plain = await post('/v1/chat/completions', { ...question, stream: true });
		const whole = client.chat.completions.create(question);
		const refused = expect(whole).rejects.toMatchObject({ status: 503, code: 'page_gone' });
		await until(() => fake.calls.length === 3);
		const read = async () => {
			for await (const piece of stream) expect(piece.choices[0]?.delta.content).toBe('Half');
		};
		const reading = expect(read()).rejects.toThrow('closed or reloaded');
		await fake.close();
		await Promise.all([reading, refused]);
		const text = await plain.text();
		expect(text).toContain('page_gone');
		expect(text).not.toContain('[DONE]');
	});
});

describe('a request', () => {
	test('without a page gets 503 with the address to open', async () => {
		const made = await served();
		open.push(made);
		const refused = await made.post('/v1/chat/completions', question);
		expect(refused.status).toBe(503);
		const { error } = (await refused.json()) as { error: { code: string; message: string } };
		expect(error.code).toBe('no_page');
		expect(error.message).toContain(made.addressToOpen());
	});

	test.each(ROUTES)('$method $path reaches the call “$call”', async ({ method, path, call }) => {
		const { get, post, fake } = await rig(({ id }, page) => page.done(id, { done: true }));
		const answered = method === 'GET' ? await get(path) : await post(path, {});
		expect(await answered.json()).toEqual({ done: true });
		expect(fake.calls).toMatchObject([{ name: call, input: {} }]);
	});

	test('of a query has numbers and names as the call takes them', async () => {
		const { get, fake } = await rig(({ id }, page) => page.done(id, {}));
		await get('/vram_prediction?input_tokens=100&output_tokens=50&model=7');
		expect(fake.calls[0]?.input).toEqual({ inputTokens: 100, outputTokens: 50, model: '7' });
	});

	test('to a path or by a method that does not exist says which there are', async () => {
		const { get, post } = await rig();
		expect(await codeOf(await get('/v1/embeddings'))).toBe('unknown_path');
		const wrong = await post('/v1/models', {});
		expect([wrong.status, await codeOf(wrong)]).toEqual([405, 'method_not_allowed']);
	});

	test('whose body is no JSON is refused before the page hears of it', async () => {
		const { post, fake } = await rig();
		const refused = await post('/v1/chat/completions', null, { body: '{"model":' });
		expect([refused.status, await codeOf(refused)]).toEqual([400, 'invalid_input']);
		expect(fake.calls).toEqual([]);
	});

	test('of 100 MB is refused, announced or not, and the server answers on', async () => {
		const { url, post, get, fake } = await rig(({ id }, page) => page.done(id, {}));
		const piece = new Uint8Array(2 ** 20).fill(32);
		const announced = await post('/v1/chat/completions', null, {
			body: new Uint8Array(100 * 2 ** 20).fill(32)
		});
		expect([announced.status, await codeOf(announced)]).toEqual([413, 'too_large']);
		let pieces = 0;
		const body = new ReadableStream({
			pull(controller) {
				if (pieces++ < 100) controller.enqueue(piece);
				else controller.close();
			}
		});
		const init = { body, duplex: 'half' } as RequestInit;
		const chunked = await post('/v1/chat/completions', null, init);
		expect(chunked.status).toBe(413);
		const headers = ['-H', `Authorization: Bearer ${TOKEN}`];
		const curl = execFile('curl', ['-s', ...headers, '--data-binary', '@-', `${url}/api/chat`]);
		curl.stdin?.on('error', () => undefined);
		curl.stdin?.end(Buffer.alloc(100 * 2 ** 20, 32));
		let said = '';
		curl.stdout?.on('data', (text: string) => (said += text));
		await new Promise((resolve) => curl.on('close', resolve));
		expect(said).toContain('too_large');
		expect(fake.calls).toEqual([]);
		expect((await get('/v1/models')).status).toBe(200);
	}, 60_000);

	test('leave nothing in memory, answered or given up, however many there were', async () => {
		const { post, fake } = await rig(({ id, input }, page) => {
			// A stream is never ended here: the program gives it up.
			if ((input as { stream?: boolean }).stream) page.piece(id, chunk('Half'));
			else page.done(id, completion('Yes.'));
		});
		// What is kept of a request shows in megabytes.
		const long = { ...question, messages: [{ role: 'user', content: 'word '.repeat(4_000) }] };
		const round = () =>
			Promise.all(
				Array.from({ length: 50 }, async (_, i) => {
					if (i % 2 === 0) {
						await (await post('/v1/chat/completions', long)).text();
						return;
					}
					const given = new AbortController();
					const { signal } = given;
					const answer = await post('/v1/chat/completions', { ...long, stream: true }, { signal });
					await answer.body?.getReader().read();
					given.abort();
				})
			);
		const heapAfter = async (rounds: number) => {
			for (let i = 0; i < rounds; i++) {
				await round();
				fake.calls.length = 0;
			}
			await new Promise((resolve) => setTimeout(resolve, 50));
			collectGarbage();
			return process.memoryUsage().heapUsed;
		};
		const before = await heapAfter(4);
		const after = await heapAfter(20);
		console.log(
			`heap after 200 requests ${(before / 2 ** 20).toFixed(1)} MiB, after 1,200 ${(after / 2 ** 20).toFixed(1)} MiB; their bodies had ${((1_000 * 20_000) / 2 ** 20).toFixed(0)} MiB`
		);
		expect(after - before).toBeLessThan(4 * 2 ** 20);
	}, 60_000);

	test('of 100 at once is answered in order or refused clearly, time after time', async () => {
		// A fake of the page's own queue: one at a time, and so many may wait.
		const MOST_WAITING = 16;
		const waiting: number[] = [];
		const answered: number[] = [];
		let running = false;
		const next = (page: FakePage) => {
			const id = waiting.shift();
			running = id !== undefined;
			if (id === undefined) return;
			setTimeout(() => {
				answered.push(id);
				page.done(id, completion('Yes.'));
				next(page);
			}, 2);
		};
		const { post, fake } = await rig(({ id }, page) => {
			if (waiting.length >= MOST_WAITING) return page.fail(id, 'queue_full');
			waiting.push(id);
			if (!running) next(page);
		});
		for (let round = 1; round <= 3; round++) {
			const responses = await Promise.all(
				Array.from({ length: 100 }, () => post('/v1/chat/completions', question))
			);
			const statuses = responses.map(({ status }) => status);
			expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(MOST_WAITING);
			expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([]);
			for (const response of responses)
				if (response.status === 429) expect(await codeOf(response)).toBe('queue_full');
				else expect(await response.json()).toEqual(completion('Yes.'));
			expect(fake.calls).toHaveLength(100 * round);
		}
		expect(answered).toEqual([...answered].sort((a, b) => a - b));
		expect(fake.aborted).toEqual([]);
	});

	test('whose client vanishes or reads too slowly ends in the page', async () => {
		const { port, fake } = await rig(({ id, input }, page) => {
			if ((input as { slow?: boolean }).slow !== true) return;
			const big = 'x'.repeat(2 ** 16);
			const more = setInterval(() => {
				if (page.aborted.includes(id)) clearInterval(more);
				else page.piece(id, chunk(big));
			});
		});
		const ask = (body: object) => {
			const text = JSON.stringify(body);
			const socket = connect(port, '127.0.0.1');
			socket.on('error', () => undefined);
			// What is never read fills the socket, as a program that hangs does.
			socket.pause();
			socket.write(
				`POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${TOKEN}\r\ncontent-length: ${text.length}\r\n\r\n${text}`
			);
			return socket;
		};
		const vanishing = ask({ ...question, stream: true });
		const slow = ask({ ...question, stream: true, slow: true });
		await until(() => fake.calls.length === 2);
		vanishing.destroy();
		await until(() => fake.aborted.length === 2);
		slow.destroy();
		expect(fake.aborted).toHaveLength(2);
	});

	test('is written into no log', async () => {
		const written: unknown[] = [];
		const methods = ['log', 'info', 'warn', 'error', 'debug'] as const;
		const spies = methods.map((method) =>
			vi.spyOn(console, method).mockImplementation((...args) => void written.push(args))
		);
		try {
			const { post } = await rig(({ id, input }, page) => {
				if ((input as { stream?: boolean }).stream) page.fail(id, 'engine', 'A secret answer');
				else page.done(id, completion('A secret answer'));
			});
			await (await post('/v1/chat/completions', question)).text();
			await (await post('/v1/chat/completions', { ...question, stream: true })).text();
			await (await post('/v1/chat/completions', null, { body: '{"A secret' })).text();
			expect(written).toEqual([]);
		} finally {
			for (const spy of spies) spy.mockRestore();
		}
	});
});

test('events are told as server-sent events, until the program leaves', async () => {
	const { url, fake } = await rig();
	const controller = new AbortController();
	const response = await fetch(`${url}/api/v1/events`, {
		headers: { authorization: `Bearer ${TOKEN}` },
		signal: controller.signal
	});
	expect(response.headers.get('content-type')).toContain('text/event-stream');
	await until(() => fake.listening.length === 1);
	const [id = 0] = fake.listening;
	fake.say({ type: 'event', id, name: 'loaded', value: { model: 'pocket-q4f32_1' } });
	const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
	expect((await reader?.read())?.value).toBe('event: loaded\ndata: {"model":"pocket-q4f32_1"}\n\n');
	controller.abort();
	await until(() => fake.aborted.includes(id));
	expect(fake.aborted).toEqual([id]);
});
