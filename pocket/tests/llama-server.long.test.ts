import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { bringLlamaServer, LlamaServer } from '../../tests/support/llama-server.ts';
import { type Engine, startEngine } from './engine.ts';
import * as sets from './quality/sets.ts';

const { held, offtopic, fresh, freshOfftopic, final, finalOfftopic } = sets;
const questions = [held, offtopic, fresh, freshOfftopic, final, finalOfftopic].flat();

let engine: Engine | undefined;
let server: LlamaServer | undefined;
let missing: string | null = null;

beforeAll(async () => {
	const brought = await bringLlamaServer();
	missing = 'missing' in brought ? brought.missing : null;
	if ('version' in brought) console.log(`llama-server ${brought.version}`);
	if (missing !== null) return;
	server = await LlamaServer.start();
	const { path } = inject('chromium');
	if (path === undefined) throw new Error('There is no browser.');
	engine = await startEngine(path);
	await engine.load({ variant: 'q0f32' });
}, 300_000);
afterAll(async () => {
	await engine?.close();
	await server?.kill();
});

async function askServer(text: string): Promise<string> {
	const response = await fetch(`${server?.origin}/v1/chat/completions`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ messages: [{ role: 'user', content: text }], temperature: 0 })
	});
	const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
	return choices[0]?.message.content ?? '';
}

test('a real llama-server with pocket in f32 answers every test question as the engine does', async ({
	skip
}) => {
	if (missing !== null) skip(`needs llama.cpp's server: ${missing}`);
	const different: string[] = [];
	for (const { text } of questions) {
		const here = await engine?.chat({
			messages: [{ role: 'user', content: text }],
			temperature: 0,
			max_tokens: 600
		});
		if (here?.text.trim() !== (await askServer(text)).trim()) different.push(text);
	}
	console.log(`${questions.length - different.length} of ${questions.length} answers agree`);
	expect(different).toEqual([]);
}, 1_500_000);
