import { expect, test } from 'vitest';
import type { Asked, World } from './ask.ts';
import { MODELS } from './documented.fixture.ts';
import { probe } from './probe.ts';
import { inWords } from './words.ts';
import { SERVER_KINDS } from './record.ts';

const server: Asked = {
	kind: 'llama.cpp',
	baseUrl: 'http://127.0.0.1:8080/v1',
	key: '',
	model: ''
};

/** A fake network: what a path answers, or that the browser shows no more than an error. */
function network(answers: Record<string, unknown>, { opaque = false } = {}) {
	const asked: [string, RequestInit][] = [];
	const answer = (url: string, init: RequestInit) => {
		const path = new URL(url).pathname;
		asked.push([path, init]);
		if (init.mode === 'no-cors') {
			if (opaque) return new Response('');
			throw new TypeError('Failed to fetch');
		}
		const body = answers[path];
		if (body instanceof Response) return body;
		if (body === undefined) throw new TypeError('Failed to fetch');
		return Response.json(body);
	};
	const fetch = ((url: string, init: RequestInit) =>
		new Promise((resolve) => resolve(answer(url, init)))) as unknown as World['fetch'];
	return { world: { fetch }, asked };
}

test('models and their windows are listed as far as each kind tells', async () => {
	const found = async (kind: Asked['kind'], answers: Record<string, unknown>) => {
		const finding = await probe({ ...server, kind }, network(answers).world);
		return finding.kind === 'works' ? finding.models : finding;
	};
	expect(await found('llama.cpp', { '/v1/models': MODELS['llama.cpp'] })).toEqual([
		{ id: 'pocket', contextWindow: 2048, memoryBytes: null, images: false }
	]);
	expect(await found('vllm', { '/v1/models': MODELS.vllm })).toEqual([
		{ id: 'Qwen/Qwen3-8B', contextWindow: 40960, memoryBytes: null, images: null }
	]);
	expect(
		await found('ollama', { '/v1/models': MODELS.ollama, '/api/ps': MODELS.ollamaLoaded })
	).toEqual([
		{ id: 'qwen3:8b', contextWindow: 4096, memoryBytes: 5e9, images: null },
		{ id: 'gemma3:4b', contextWindow: null, memoryBytes: null, images: null }
	]);
	expect(
		await found('lm-studio', {
			'/v1/models': { data: [{ id: 'granite' }, { id: 'qwen2-vl' }] },
			'/api/v0/models': MODELS.lmStudioLoaded
		})
	).toEqual([
		{ id: 'granite', contextWindow: 8192, memoryBytes: null, images: false },
		{ id: 'qwen2-vl', contextWindow: null, memoryBytes: null, images: true }
	]);
	const [model] = MODELS['llama.cpp'].models;
	const seeing = { ...MODELS['llama.cpp'], models: [{ ...model, capabilities: ['multimodal'] }] };
	expect(await found('llama.cpp', { '/v1/models': seeing })).toMatchObject([{ images: true }]);
});

test('nothing there, not readable, key refused and model missing are told apart', async () => {
	expect(await probe(server, network({}).world)).toEqual({ kind: 'unreachable' });
	expect(await probe(server, network({}, { opaque: true }).world)).toEqual({ kind: 'no-cors' });
	const refused = new Response('{"error":{"message":"Invalid API Key"}}', { status: 401 });
	expect((await probe(server, network({ '/v1/models': refused }).world)).kind).toBe('key-refused');
	expect(
		await probe({ ...server, kind: 'vllm' }, network({ '/health': {} }, { opaque: true }).world)
	).toEqual({ kind: 'key-refused', said: '' });
	const missing = await probe(
		{ ...server, model: 'other' },
		network({ '/v1/models': MODELS['llama.cpp'] }).world
	);
	expect(missing.kind).toBe('model-missing');
	for (const body of [{}, [], { data: [] }, { data: [{ id: 5 }] }, 'hello'])
		expect((await probe(server, network({ '/v1/models': body }).world)).kind).toBe('not-a-server');
});

test('the key goes with readable requests only, and none follows a redirect with it', async () => {
	const { world, asked } = network({}, { opaque: true });
	await probe({ ...server, key: 'k-1' }, world);
	for (const [, init] of asked) {
		expect(init).toMatchObject({ credentials: 'omit', referrerPolicy: 'no-referrer' });
		if (init.mode === 'no-cors') expect(init.headers).toBeUndefined();
		else expect(init.redirect).toBe('error');
	}
});

test('every kind has the exact setting for this page’s origin, to copy', () => {
	for (const kind of SERVER_KINDS) {
		const said = inWords({ kind: 'no-cors' }, { ...server, kind }, 'https://headroom.example');
		expect(said.good).toBe(false);
		expect(said.copy, kind).toMatch(
			kind === 'lm-studio' ? /--cors/ : /https:\/\/headroom\.example/
		);
	}
});
