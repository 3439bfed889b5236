import { expect, test } from 'vitest';
import type { App } from '../app/app.svelte.ts';
import { ApiError } from './error.ts';
import { Handlers } from './handlers.ts';
import type { CallName } from './schemas.ts';

/** Input is checked before the page is asked anything: none is there. */
const handlers = new Handlers(null as unknown as App, 'server');

function errorOf(name: CallName, input: unknown): ApiError | null {
	try {
		handlers.check(name, input);
		return null;
	} catch (thrown) {
		if (!(thrown instanceof ApiError)) throw thrown;
		return thrown;
	}
}

test.each([
	['chat', 'tools', [{ type: 'function', function: { name: 'f' } }], []],
	['chat', 'tool_choice', 'required', 'auto'],
	['chat', 'functions', [{ name: 'f' }], []],
	['chat', 'n', 2, 1],
	['chat', 'logprobs', true, false],
	['chat', 'top_logprobs', 3, 0],
	['chat', 'logit_bias', { 50256: -100 }, {}],
	['chat', 'modalities', ['text', 'audio'], ['text']],
	['chat', 'web_search_options', {}, null],
	['generate', 'n', 2, 1],
	['generate', 'best_of', 2, 1],
	['generate', 'echo', true, false],
	['generate', 'suffix', 'end', ''],
	['generate', 'logprobs', 5, null]
] as const)('%s refuses %s by name, unless it asks for nothing', (name, field, asks, harmless) => {
	const input =
		name === 'chat' ? { messages: [{ role: 'user', content: 'One' }] } : { prompt: 'One' };
	const error = errorOf(name, { ...input, [field]: asks });
	expect(error).toMatchObject({ code: 'invalid_input', param: field });
	expect(error?.message).toContain(`“${field}”`);
	expect(error?.error.type).toBe('invalid_request_error');
	for (const value of [harmless, null, undefined])
		expect(errorOf(name, { ...input, [field]: value, user: 'somebody' })).toBeNull();
});

test('a call refuses it before anything else, too', async () => {
	const input = { messages: [{ role: 'user', content: 'One' }], tools: [{}] };
	await expect(handlers.call('chat', input)).rejects.toMatchObject({ param: 'tools' });
});
