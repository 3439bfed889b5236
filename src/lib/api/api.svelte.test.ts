import * as v from 'valibot';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { appIn } from '../app/app.fixture.ts';
import { keptOwn } from '../app/own.ts';
import { OwnServers } from '../app/own-servers.svelte.ts';
import { answered, gate } from '../engine/engine.fixture.ts';
import type { GenerateRequest, GenerateResult } from '../engine/protocol.ts';
import { A_SERVER_ID, aServer, FakeServerWorkers } from '../remote/worker.fixture.ts';
import { Failure, type FailureDetail, type FailureKind } from '../rpc/failure.ts';
import { permissionsOf } from '../settings/permissions.ts';
import { CALL_NAMES } from './call-names.ts';
import { ApiError } from './error.ts';
import { Events } from './events.svelte.ts';
import { Handlers } from './handlers.ts';
import { openPageDoor } from './page-door.ts';
import { CALLS, CHUNKS, errorSchema, EVENTS, type CallName } from './schemas.ts';
import { streamed } from './stream.ts';
import { MAX_WAITING_PROGRAMS } from './turn.ts';

type Rig = Awaited<ReturnType<typeof started>>;
const opened: { close: () => void }[] = [];
afterEach(() => {
	for (const rig of opened.splice(0)) rig.close();
});

async function started({ permitted = false, loaded = false } = {}) {
	const id = crypto.randomUUID();
	const database = `app-test-settings-${id}`;
	const workers = new FakeServerWorkers();
	const servers = new OwnServers(database, workers.make);
	const rig = appIn({ id, change: { own: () => Promise.resolve(keptOwn(database, servers)) } });
	opened.push(rig);
	await rig.start();
	await vi.waitFor(() => expect(rig.app.adaptation).not.toBeNull());
	const permissions = permissionsOf(rig.app);
	await permissions.ready;
	if (permitted) await permissions.set({ page: true });
	if (loaded) await rig.app.load();
	return { ...rig, permissions, servers, workers, api: new Handlers(rig.app, 'page') };
}

const errorOf = (call: Promise<unknown>): Promise<ApiError> =>
	call.then(
		() => expect.fail('It was answered.'),
		(thrown: unknown) => {
			expect(thrown).toBeInstanceOf(ApiError);
			expect(v.is(errorSchema, JSON.parse(JSON.stringify(thrown)))).toBe(true);
			return thrown as ApiError;
		}
	);
const ask = (content: string) => ({ messages: [{ role: 'user', content }] });
/** What a call may change. */
const stateOf = ({ app, engines, files, permissions }: Rig) =>
	JSON.stringify({
		settings: app.settings.current,
		policy: app.adaptation?.policy.current,
		permissions: permissions.current,
		loaded: app.loader.loaded?.variant.id ?? null,
		engines: engines.holding.length,
		statistics: app.counting.tally?.current,
		removed: files.asked.filter((each) => each.startsWith('remove')),
		queue: app.answers.queue
	});
const writes = (says: readonly string[], then: Partial<GenerateResult> = {}) => {
	const asked: GenerateRequest[] = [];
	return {
		asked,
		generate: (request: GenerateRequest, say: (text: string) => void) => {
			asked.push(request);
			for (const each of says) say(each);
			return Promise.resolve({ ...answered, ...then });
		}
	};
};

describe('what is read', () => {
	test('status, options, prediction, settings, cache and statistics answer by their schemas, without permission', async () => {
		const { api, app } = await started({ loaded: true });
		const status = await api.call('status', {});
		expect(status).toMatchObject({
			device: { ready: true, shaderF16: true },
			loaded: [{ model: app.loader.loaded?.variant.id, family: 'pocket' }],
			queue: { running: null, waiting: 0 },
			permitted: false
		});
		expect(status.memory.usedBytes).toBe(app.loader.meter.liveBytes);
		expect(status.recommended?.sentence).toContain('best trade');
		const { options } = await api.call('options', { model: 'llama3.2:1b' });
		expect(options.map(({ quantization }) => quantization)).toEqual([
			'q0f32',
			'q0f16',
			'q4f32_1',
			'q4f16_1'
		]);
		expect((await api.call('options', {})).options.length).toBe(app.catalog.variants().length);
		expect(await api.call('settings', {})).toMatchObject({
			thresholdRatio: 0.9,
			model: 'pocket-q4f32_1'
		});
		expect(await api.call('cache', {})).toMatchObject({ models: [], totalBytes: 0 });
		expect((await api.call('statistics', {})).models).toMatchObject([
			{ model: 'pocket-q4f32_1', loads: { complete: 1 } }
		]);
		expect(await api.call('models', {})).toMatchObject({ object: 'list' });
	});

	test('a prediction says what is left of the window, or over it', async () => {
		const { api } = await started();
		const model = 'Llama-3.2-1B-Instruct-q4f16_1-MLC';
		const { contextWindow } = await api.call('prediction', {
			model,
			inputTokens: 1,
			outputTokens: 1
		});
		const over = { model, inputTokens: contextWindow, outputTokens: 5 };
		expect(await api.call('prediction', over)).toMatchObject({ fits: false, marginTokens: -5 });
	});

	test('a size is calculated in every quantization, and a wish finds a model that fits', async () => {
		const { api } = await started();
		const { sizes } = await api.call('calculate', { parametersBillion: 7, floor: 'q4f16_1' });
		expect(sizes.map(({ quantization }) => quantization)).not.toContain('q3f16_1');
		expect(sizes[0]!.bytes).toBeGreaterThan(7e9 * 4);
		const { best } = await api.call('calculate', { priority: 'quality' });
		const { options } = await api.call('options', {
			model: best!.model,
			contextWindow: best!.contextWindow
		});
		expect(options.find(({ model }) => model === best!.model)?.verdict).toBe('fits');
	});

	test('variants are compared with the first, by what was measured here', async () => {
		const { api } = await started({ loaded: true });
		const { baseline, models } = await api.call('comparison', {
			models: ['pocket-q4f32_1', 'pocket-q4f16_1']
		});
		expect(baseline).toBe('pocket-q4f32_1');
		expect(models[0]).toMatchObject({ savedBytes: 0, measured: false });
	});

	test('names are answered with what was understood, or with what comes near', async () => {
		const { api } = await started();
		expect(await api.call('exists', { model: 'llama3.2:1b-instruct-q4' })).toMatchObject({
			exists: true,
			model: 'Llama-3.2-1B-Instruct-q4f16_1-MLC',
			understood: expect.stringContaining('Llama 3.2 1B Instruct q4f16_1') as unknown
		});
		expect((await api.call('exists', { model: 'llama3.2' })).candidates.length).toBeGreaterThan(1);
		const unknown = await errorOf(api.call('options', { model: 'llama9' }));
		expect(unknown).toMatchObject({ code: 'unknown_model', param: 'model' });
	});
});

describe('permission', () => {
	const changing: [CallName, unknown][] = [
		['reload', { model: 'pocket-q4f16_1' }],
		['clearCache', { all: true }],
		['clearStatistics', {}],
		['setSettings', { idleUnloadMinutes: 5 }],
		['setPolicy', { mode: 'automatic' }],
		['chat', { ...ask('One'), model: 'pocket-q4f16_1' }],
		['generate', { prompt: 'One', model: 'pocket-q4f16_1' }]
	];

	test.each(changing)('%s is refused without it, and changes nothing', async (name, input) => {
		const rig = await started({ loaded: true });
		await vi.waitFor(() => expect(rig.app.counting.tally?.records.length).toBe(1));
		const before = stateOf(rig);
		const { code, error } = await errorOf(rig.api.call(name, input));
		expect(code).toBe('permission_denied');
		expect(error.type).toBe('permission_error');
		expect(stateOf(rig)).toBe(before);
	});

	test('with it a program loads, swaps, changes settings and deletes', async () => {
		const rig = await started({ permitted: true });
		const { api, app, files } = rig;
		expect(await api.call('reload', { model: 'pocket', bits: 16 })).toMatchObject({
			model: 'pocket-q0f16'
		});
		await api.call('reload', { quantization: 'q4f32_1' });
		expect(app.loader.loaded?.variant.id).toBe('pocket-q4f32_1');
		expect(app.selection.variant.id).toBe('pocket-q4f32_1');
		expect(await api.call('setSettings', { idleUnloadMinutes: 7 })).toMatchObject({
			idleUnloadMinutes: 7,
			thresholdRatio: 0.9
		});
		await api.call('clearCache', { all: true });
		expect(files.asked).toContain('removeAll');
		const { cleared } = await api.call('clearStatistics', {});
		expect(cleared).toBe(2);
		expect((await api.call('statistics', {})).models).toEqual([]);
	});

	test('that is taken back while a request waits is gone when its turn comes', async () => {
		const rig = await started({ permitted: true, loaded: true });
		const lease = await rig.app.answers.lease('Test', new AbortController().signal);
		const reloading = errorOf(rig.api.call('reload', { quantization: 'q4f16_1' }));
		await vi.waitFor(() => expect(rig.app.answers.queue.waiting.length).toBe(1));
		await rig.permissions.set({ page: false });
		lease.release();
		expect((await reloading).code).toBe('permission_denied');
		expect(rig.app.loader.loaded?.variant.id).toBe('pocket-q4f32_1');
	});

	test('does not load what the plan blocks, and switches no check off', async () => {
		const rig = await started({ permitted: true, loaded: true });
		await rig.app.settings.set({ budgetBytes: 2 ** 30 });
		const before = stateOf(rig);
		expect(
			await errorOf(rig.api.call('reload', { model: 'Llama-3.1-70B-Instruct' }))
		).toMatchObject({
			code: 'blocked'
		});
		const off = await errorOf(rig.api.call('setSettings', { thresholdRatio: null }));
		expect(off).toMatchObject({ code: 'invalid_input', param: 'thresholdRatio' });
		const anyway = await errorOf(rig.api.call('reload', { bits: 4, anyway: true }));
		expect(anyway.code).toBe('invalid_input');
		expect(stateOf(rig)).toBe(before);
	});
});

test('the thresholds of automatic swaps are read, and set where they make sense together', async () => {
	const rig = await started({ permitted: true });
	const { matrix, pace, mode } = await rig.api.call('policy', {});
	expect(matrix).toMatchObject({ memory: [0.4, 0.6, 0.75, 0.85], load: [2, 5, 10] });
	expect(mode).toBe('off');
	const changed = await rig.api.call('setPolicy', {
		mode: 'suggest',
		matrix: { ...matrix, memory: [0.3, 0.5, 0.7, 0.9] },
		pace: { ...pace, dwellMs: 20_000 }
	});
	expect(changed).toMatchObject({
		mode: 'suggest',
		matrix: { memory: [0.3, 0.5, 0.7, 0.9], load: [2, 5, 10] },
		pace: { dwellMs: 20_000, idleMs: pace.idleMs },
		priority: 'balanced'
	});
	expect(await rig.api.call('policy', {})).toEqual(changed);
	const before = stateOf(rig);
	const refused = await errorOf(
		rig.api.call('setPolicy', { matrix: { ...matrix, load: [5, 2, 10] } })
	);
	expect(refused).toMatchObject({ code: 'invalid_input', param: 'matrix' });
	expect(refused.message).toBe('Each load threshold must be larger than the one before it.');
	expect(stateOf(rig)).toBe(before);
});

test('each door has a permission of its own', async () => {
	const rig = await started({ permitted: true });
	const server = new Handlers(rig.app, 'server');
	expect((await server.call('status', {})).permitted).toBe(false);
	expect((await errorOf(server.call('clearStatistics', {}))).code).toBe('permission_denied');
	await rig.permissions.set({ page: false, server: true });
	expect(await server.call('clearStatistics', {})).toEqual({ cleared: 0 });
	expect((await errorOf(rig.api.call('clearStatistics', {}))).code).toBe('permission_denied');
});

describe('an answer', () => {
	test('has OpenAI’s shape, needs no permission of the loaded model, and is counted', async () => {
		const rig = await started();
		const script = writes(['Yes', ', it is.']);
		rig.engines.scripts = [script];
		await rig.app.load();
		const messages = [
			{ role: 'system', content: 'Be short.' },
			{ role: 'user', content: [{ type: 'text', text: 'Is it?' }] }
		];
		const answer = await rig.api.call('chat', {
			messages,
			temperature: 0,
			max_tokens: 9,
			stop: 'X'
		});
		expect(answer).toMatchObject({
			object: 'chat.completion',
			model: 'pocket-q4f32_1',
			choices: [{ message: { role: 'assistant', content: 'Yes, it is.' }, finish_reason: 'stop' }],
			usage: { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 }
		});
		expect(script.asked[0]).toMatchObject({
			messages: [
				{ role: 'system', content: 'Be short.' },
				{ role: 'user', content: 'Is it?' }
			],
			sampling: { temperature: 0, maxTokens: 9, stop: ['X'] }
		});
		await vi.waitFor(async () =>
			expect((await rig.api.call('statistics', {})).models[0]?.answers.complete).toBe(1)
		);
		expect(rig.app.session.messages).toEqual([]);
		expect(await rig.api.call('generate', { prompt: 'Is it?' })).toMatchObject({
			object: 'text_completion',
			choices: [{ text: 'Yes, it is.' }]
		});
	});

	test('streamed piece by piece is the same text, and thoughts are apart', async () => {
		const rig = await started();
		rig.engines.scripts = [writes(['<thi', 'nk>Hm', 'm</think>', '\n\nYes', '.'])];
		await rig.app.load();
		const chunks: unknown[] = [];
		const whole = await rig.api.call('chat', ask('One'), {
			onChunk: (one) => void chunks.push(one)
		});
		const read = v.parse(v.array(CHUNKS.chat), chunks);
		const deltas = read.map(({ choices }) => choices[0]!.delta);
		const message = whole.choices[0]!.message;
		expect(message).toMatchObject({ content: 'Yes.', reasoning_content: 'Hmm' });
		expect(deltas.map(({ content }) => content ?? '').join('')).toBe('Yes.');
		expect(deltas.map(({ reasoning_content }) => reasoning_content ?? '').join('')).toBe('Hmm');
		expect(deltas[0]?.role).toBe('assistant');
		expect(read.at(-1)).toMatchObject({ choices: [{ finish_reason: 'stop' }], usage: whole.usage });
	});

	test('waits for what a person asked, and a person’s next question waits for it alone', async () => {
		const rig = await started();
		const order: string[] = [];
		const first = gate();
		rig.engines.scripts = [
			{
				generate: async ({ messages }) => {
					const asked = messages.at(-1)?.content as string;
					order.push(asked);
					if (asked === 'Person 1') await first.step();
					return answered;
				}
			}
		];
		await rig.app.load();
		const person = rig.app.session.send('Person 1');
		await first.reached;
		const programs = ['Program 1', 'Program 2'].map((each) => rig.api.call('chat', ask(each)));
		await vi.waitFor(() => expect(rig.app.answers.queue.waiting.length).toBe(2));
		const next = rig.app.session.send('Person 2');
		first.open();
		await Promise.all([person, next, ...programs]);
		expect(order).toEqual(['Person 1', 'Person 2', 'Program 1', 'Program 2']);
	});

	test('is refused where too many wait, and one that is aborted leaves the queue', async () => {
		const rig = await started({ loaded: true });
		const lease = await rig.app.answers.lease('Test', new AbortController().signal);
		const controller = new AbortController();
		const { signal } = controller;
		const waiting = Array.from({ length: MAX_WAITING_PROGRAMS }, () =>
			errorOf(rig.api.call('chat', ask('One'), { signal }))
		);
		await vi.waitFor(() => expect(rig.app.answers.queue.waiting.length).toBe(MAX_WAITING_PROGRAMS));
		expect((await errorOf(rig.api.call('chat', ask('One')))).code).toBe('queue_full');
		controller.abort();
		expect((await Promise.all(waiting)).map(({ code }) => code)).toEqual(
			waiting.map(() => 'cancelled')
		);
		expect(rig.app.answers.queue.waiting).toEqual([]);
		lease.release();
		expect((await rig.api.call('chat', ask('One'))).choices[0]?.message.content).toBe('Yes.');
	});

	test('whose reader leaves is stopped', async () => {
		const rig = await started();
		const aborted = vi.fn();
		rig.engines.scripts = [
			{
				generate: (_, say, signal) => {
					say('Begun');
					return new Promise((resolve) =>
						signal.addEventListener('abort', () => {
							aborted();
							resolve({ ...answered, finish: 'stopped' });
						})
					);
				}
			}
		];
		await rig.app.load();
		const pieces = streamed((onChunk, signal) =>
			rig.api.call('chat', ask('One'), { onChunk, signal })
		);
		for await (const piece of pieces) {
			expect(piece).toMatchObject({ choices: [{ delta: { content: 'Begun' } }] });
			break;
		}
		await vi.waitFor(() => expect(aborted).toHaveBeenCalledOnce());
		await vi.waitFor(() => expect(rig.app.answers.queue.running).toBeNull());
	});
});

describe('a server of the person’s own', () => {
	const other = { ...aServer, id: 'b', name: 'Other', model: 'qwen3:8b', contextWindow: null };

	test('is listed with the models, and says whether it answers now, but not its key or its path', async () => {
		const rig = await started({ loaded: true });
		const { api, app, servers } = rig;
		expect((await api.call('status', {})).servers).toEqual([]);
		await servers.keep({ ...aServer, baseUrl: 'http://127.0.0.1:9/secret-path/v1' });
		await servers.keep(other);
		await servers.use('a');
		await expect.poll(() => app.running.server).not.toBeNull();
		const status = await api.call('status', {});
		expect(status.servers).toEqual([
			{ model: A_SERVER_ID, name: 'Mine', contextWindow: 2048, answering: true },
			{ model: 'server 127.0.0.1:9 qwen3:8b', name: 'Other', contextWindow: null, answering: false }
		]);
		const models = await api.call('models', {});
		const listed = { object: 'model', created: 0, owned_by: 'own server', quantization: '' };
		expect(models.data.slice(-2)).toEqual([
			{ ...listed, id: A_SERVER_ID, family: 'pocket', loaded: true },
			{ ...listed, id: 'server 127.0.0.1:9 qwen3:8b', family: 'qwen3:8b', loaded: false }
		]);
		expect(JSON.stringify([status, models])).not.toContain('secret');
		await app.settings.set({ airplane: true });
		await expect.poll(() => app.running.server?.failure?.kind).toBe('server');
		expect((await api.call('status', {})).servers[0]?.answering).toBe(false);
	});

	test.each([
		[A_SERVER_ID, A_SERVER_ID, 'Your own server “Mine” with pocket.'],
		['mINE', A_SERVER_ID, 'Your own server “Mine” with pocket.'],
		['pocket', 'pocket-q4f16_1', '“pocket” is understood as'],
		// The catalogue has a model of that name, and takes what stands before a slash for its owner.
		[
			'server hub:8000 meta-llama/Llama-3.2-1B-Instruct',
			'server hub:8000 meta-llama/Llama-3.2-1B-Instruct',
			'Your own server “pocket”'
		],
		['server gone:8000 meta-llama/Llama-3.2-1B-Instruct', null, 'None of your own servers is'],
		['server hub:8001', 'server hub:8001 ', 'Your own server “Whatever it has”.'],
		['Mi', null, 'The catalogue has no model “Mi”.'],
		['Twin', null, '“Twin” may be 2 of your own servers'],
		['server twin:1 m', null, '“server twin:1 m” may be 2 of your own servers']
	])('is what %j means, if anything is', async (model, means, sentence) => {
		const { api, servers } = await started();
		const model_ = 'meta-llama/Llama-3.2-1B-Instruct';
		const twin = { ...other, name: 'Twin', baseUrl: 'http://twin:1/v1', model: 'm' };
		for (const server of [
			aServer,
			{ ...other, id: 'c', name: 'pocket', baseUrl: 'http://hub:8000/v1', model: model_ },
			{ ...other, id: 'd', name: 'Whatever it has', baseUrl: 'http://hub:8001/v1', model: '' },
			{ ...twin, id: 'e' },
			{ ...twin, id: 'f', name: 'twin', key: 'another' }
		])
			await servers.keep(server);
		const found = await api.call('exists', { model });
		expect(found).toMatchObject({ exists: means !== null, model: means });
		expect(found.understood).toContain(sentence);
	});

	test('answers by its name and by its id, as asked, while what is loaded stays and no statistics are kept', async () => {
		const { api, app, servers, workers, engines } = await started({
			permitted: true,
			loaded: true
		});
		await servers.keep(aServer);
		const { loaded } = app.loader;
		const answer = await api.call('chat', { ...ask('One'), model: 'mine', max_tokens: 9, seed: 3 });
		expect(answer).toMatchObject({
			object: 'chat.completion',
			model: A_SERVER_ID,
			understood: 'Your own server “Mine” with pocket.',
			choices: [{ message: { content: 'From the server.' }, finish_reason: 'stop' }],
			usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 }
		});
		expect(workers.asked[0]).toMatchObject({
			messages: [{ role: 'user', content: 'One' }],
			sampling: { maxTokens: 9, seed: 3 }
		});
		expect(await api.call('generate', { prompt: 'Two', model: A_SERVER_ID })).toMatchObject({
			object: 'text_completion',
			choices: [{ text: 'From the server.' }]
		});
		expect(workers.origins).toEqual(['http://127.0.0.1:9']);
		expect(app.loader.loaded).toBe(loaded);
		expect(engines.holding).toHaveLength(1);
		const { models } = await api.call('statistics', {});
		expect(models).toMatchObject([{ model: 'pocket-q4f32_1', answers: { begun: 0 } }]);
	});

	test('needs nothing loaded, and leaves what is asked without a name to this GPU, though it answers people', async () => {
		const { api, app, servers, workers, engines } = await started({ permitted: true });
		await servers.keep(aServer);
		await servers.use('a');
		await expect.poll(() => app.running.server).not.toBeNull();
		await api.call('chat', { ...ask('One'), model: 'Mine' });
		expect(engines.holding).toEqual([]);
		const { model } = await api.call('chat', ask('Two'));
		expect(model).toBe('pocket-q4f32_1');
		expect(workers.asked).toHaveLength(1);
	});

	test('streamed piece by piece says the same, thoughts apart, also where it counts no tokens', async () => {
		const { api, servers, workers } = await started({ permitted: true });
		await servers.keep(aServer);
		workers.says = ['<think>', 'Hm', 'm', '</think>', 'Yes', '.'];
		workers.end = { promptTokens: 0, completionTokens: 6, prefillTokensPerSecond: 0 };
		const chunks: unknown[] = [];
		const whole = await api.call(
			'chat',
			{ ...ask('One'), model: 'Mine' },
			{ onChunk: (one) => void chunks.push(one) }
		);
		expect(whole.choices[0]?.message).toMatchObject({ content: 'Yes.', reasoning_content: 'Hmm' });
		expect(whole.usage).toEqual({ prompt_tokens: 0, completion_tokens: 6, total_tokens: 6 });
		const read = v.parse(v.array(CHUNKS.chat), chunks);
		expect(read.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Yes.');
		expect(read.every(({ model }) => model === A_SERVER_ID)).toBe(true);
		expect(read.at(-1)).toMatchObject({ choices: [{ finish_reason: 'stop' }], usage: whole.usage });
	});

	test('is sent nothing without permission, nor when that is taken back while the request waits', async () => {
		const { api, app, servers, workers, permissions } = await started({ loaded: true });
		await servers.keep(aServer);
		const asked = { ...ask('One'), model: 'Mine' };
		const refused = await errorOf(api.call('chat', asked));
		expect(refused.code).toBe('permission_denied');
		expect(refused.message).toContain('ask your own servers');
		await permissions.set({ page: true });
		const lease = await app.answers.lease('Test', new AbortController().signal);
		const waiting = errorOf(api.call('chat', asked));
		await vi.waitFor(() => expect(app.answers.queue.waiting.length).toBe(1));
		await permissions.set({ page: false });
		lease.release();
		expect((await waiting).code).toBe('permission_denied');
		expect(workers.origins).toEqual([]);
	});

	test('that was removed while the request waited is unknown when its turn comes', async () => {
		const { api, app, servers, workers } = await started({ permitted: true, loaded: true });
		await servers.keep(aServer);
		const lease = await app.answers.lease('Test', new AbortController().signal);
		const waiting = errorOf(api.call('chat', { ...ask('One'), model: 'Mine' }));
		await vi.waitFor(() => expect(app.answers.queue.waiting.length).toBe(1));
		await servers.remove('a');
		lease.release();
		expect((await waiting).code).toBe('unknown_model');
		expect(workers.origins).toEqual([]);
	});

	test('of two with one address and model, the one that is named is asked', async () => {
		const { api, app, servers } = await started({ permitted: true });
		await servers.keep(aServer);
		await servers.keep({ ...aServer, id: 'b', name: 'Other', key: 'k-2' });
		const engineOf = vi.spyOn(app.servers!, 'engineOf');
		await api.call('chat', { ...ask('One'), model: 'Other' });
		expect(engineOf.mock.calls).toMatchObject([[{ key: 'k-2' }]]);
	});

	test('whose answer a person stops is cancelled', async () => {
		const { api, app, servers, workers } = await started({ permitted: true });
		await servers.keep(aServer);
		workers.end = null;
		const stopped = errorOf(api.call('chat', { ...ask('One'), model: 'Mine' }));
		await vi.waitFor(() => expect(workers.asked).toHaveLength(1));
		await app.answers.stop();
		expect((await stopped).code).toBe('cancelled');
		expect(app.answers.queue.running).toBeNull();
	});

	test.each<[FailureKind, FailureDetail, string]>([
		['server', { reason: 'unreachable' }, 'own_server_failed'],
		['server', { reason: 'key', status: 401 }, 'own_server_failed'],
		['server', { reason: 'not-ready', status: 503 }, 'not_ready'],
		['context-full', {}, 'context_length_exceeded']
	])('that fails with %s %j is told as %s', async (kind, detail, code) => {
		const { api, app, servers, workers } = await started({ permitted: true });
		await servers.keep(aServer);
		workers.end = { failure: new Failure(kind, 'Why.', detail) };
		const error = await errorOf(api.call('chat', { ...ask('One'), model: 'Mine' }));
		expect(error).toMatchObject({ code, message: 'Why.' });
		expect(app.answers.queue.running).toBeNull();
	});

	test('is sent nothing in offline mode', async () => {
		const { api, app, servers, workers } = await started({ permitted: true });
		await servers.keep(aServer);
		await app.settings.set({ airplane: true });
		const error = await errorOf(api.call('chat', { ...ask('One'), model: 'Mine' }));
		expect(error.code).toBe('offline');
		expect(error.message).toContain('Offline mode is on');
		expect(error.error.type).toBe('server_error');
		expect(workers.origins).toEqual([]);
	});

	test.each<[CallName, object]>([
		['reload', {}],
		['prediction', { inputTokens: 1, outputTokens: 1 }],
		['options', {}],
		['calculate', {}],
		['clearCache', {}],
		['statistics', {}]
	])('%s of it is refused in words', async (name, input) => {
		const { api, servers } = await started({ permitted: true });
		await servers.keep(aServer);
		for (const model of ['Mine', A_SERVER_ID]) {
			const error = await errorOf(api.call(name, { ...input, model }));
			expect(error).toMatchObject({ code: 'invalid_input', param: 'model' });
			expect(error.message).toContain(
				`“${model}” is your own server: nothing of it is loaded here.`
			);
		}
	});
});

describe('input', () => {
	const odd = fc.oneof(
		fc.constant(undefined),
		fc.dictionary(
			fc.constantFrom(
				'model',
				'messages',
				'prompt',
				'inputTokens',
				'bits',
				'all',
				'anyway',
				'models'
			),
			fc.jsonValue({ maxDepth: 1 }),
			{ maxKeys: 3 }
		),
		fc.jsonValue({ maxDepth: 1 })
	);

	test('that is wrong gets a typed error and changes nothing, whichever the call', async () => {
		const rig = await started({ permitted: true, loaded: true });
		await vi.waitFor(() => expect(rig.app.counting.tally?.records.length).toBe(1));
		const before = stateOf(rig);
		await fc.assert(
			fc.asyncProperty(fc.constantFrom(...CALL_NAMES), odd, async (name, input) => {
				fc.pre(!v.is(CALLS[name].input, input ?? {}));
				const { code, message } = await errorOf(rig.api.call(name, input));
				expect(code).toBe('invalid_input');
				expect(message).toMatch(/not as expected\. .+\.$/);
				expect(stateOf(rig)).toBe(before);
			}),
			{ numRuns: 300 }
		);
	});

	test('for a call that does not exist says which there are', async () => {
		const { api } = await started();
		for (const name of ['conversations', 'constructor', '__proto__'])
			expect((await errorOf(api.call(name as CallName, {}))).message).toContain('status');
	});
});

test('no answer holds a word of a conversation', async () => {
	const rig = await started({ permitted: true, loaded: true });
	await rig.app.session.send('A secret question');
	const heard: unknown[] = [];
	const events = new Events(rig.app);
	for (const name of Object.keys(EVENTS) as (keyof typeof EVENTS)[])
		events.on(name, (detail) => heard.push(detail));
	void rig.app.answers.lease('A secret title', new AbortController().signal);
	const said = await Promise.all(
		(['status', 'settings', 'cache', 'statistics', 'models', 'options'] as const).map((name) =>
			rig.api.call(name, {})
		)
	);
	await vi.waitFor(() => expect(heard.length).toBeGreaterThan(0));
	expect(JSON.stringify([said, heard])).not.toContain('secret');
});

test('what happens is told by events of their schemas', async () => {
	const rig = await started({ permitted: true });
	const heard: string[] = [];
	const events = new Events(rig.app);
	const stops = (Object.keys(EVENTS) as (keyof typeof EVENTS)[]).map((name) =>
		events.on(name, (detail) => {
			expect(v.is(EVENTS[name], detail)).toBe(true);
			if (heard.at(-1) !== name) heard.push(name);
		})
	);
	await rig.api.call('reload', { model: 'pocket-q4f32_1' });
	await rig.api.call('reload', { model: 'pocket-q4f16_1' });
	await vi.waitFor(() => expect(heard).toEqual(expect.arrayContaining(['swapped', 'queue'])));
	expect(heard.filter((name) => name === 'loaded').length).toBeGreaterThanOrEqual(2);
	for (const stop of stops) stop();
	heard.length = 0;
	await rig.app.unload();
	expect(heard).toEqual([]);
});

test('window.headroom is frozen, stays what it is, and answers', async () => {
	const rig = await started({ loaded: true });
	const page = {} as Window;
	openPageDoor(rig.app, page);
	const { headroom } = page;
	openPageDoor(rig.app, page);
	expect(page.headroom).toBe(headroom);
	expect(Object.isFrozen(headroom)).toBe(true);
	expect(Object.values(headroom!).every((each) => Object.isFrozen(each))).toBe(true);
	expect(() => Object.assign(page, { headroom: null })).toThrow(TypeError);
	expect((await headroom!.status()).version).toBe(headroom!.version);
	const pieces = await headroom!.chat({
		messages: [{ role: 'user', content: 'One' }],
		stream: true
	});
	const texts: string[] = [];
	for await (const { choices } of pieces) texts.push(choices[0]?.delta.content ?? '');
	expect(texts.join('')).toBe('Yes.');
	await expect(headroom!.chat({ messages: [], stream: true })).rejects.toMatchObject({
		error: { code: 'invalid_input', param: 'messages' }
	});
});
