import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '../rpc/failure.ts';
import { AnswerStream } from './answer-stream.ts';
import * as documented from './documented.fixture.ts';

function read(pieces: readonly string[]) {
	let text = '';
	const stream = new AnswerStream((added) => (text += added));
	for (const piece of pieces) stream.feed(piece);
	return {
		text,
		finish: stream.end(),
		stream,
		get whole() {
			return text;
		}
	};
}

const { ANSWER } = documented;
const streams = [
	['llama.cpp', documented.LLAMA_CPP, ANSWER, 'stop'],
	['vLLM, thinking', documented.VLLM_THINKING, `<think>Is it so?</think>${ANSWER}`, 'stop'],
	['Ollama, thinking', documented.OLLAMA_THINKING, `<think>Is it so?</think>${ANSWER}`, 'stop'],
	['LM Studio, cut', documented.LM_STUDIO_CUT, ANSWER, 'length']
] as const;

test.each(streams)('%s: the whole stream gives the answer', (_, sent, text, finish) => {
	const whole = read([sent]);
	expect(whole.text).toBe(text);
	expect(whole.finish).toBe(finish);
});

test.each(streams)('%s: cut anywhere, the text is the same', (_, sent, text, finish) => {
	for (let at = 0; at <= sent.length; at++) {
		const cut = read([sent.slice(0, at), sent.slice(at)]);
		expect(cut.text, `cut at ${at}`).toBe(text);
		expect(cut.finish).toBe(finish);
	}
	fc.assert(
		fc.property(fc.array(fc.nat(sent.length), { maxLength: 40 }), (cuts) => {
			const at = [0, ...cuts.sort((a, b) => a - b), sent.length];
			expect(read(at.slice(1).map((end, i) => sent.slice(at[i], end))).text).toBe(text);
		}),
		{ numRuns: 50 }
	);
});

test('usage and timings are the server’s, and the true model is told', () => {
	const { stream } = read([documented.LLAMA_CPP]);
	expect(stream.usage).toEqual({ promptTokens: 21, completionTokens: 7 });
	expect(stream.timings).toEqual({ prompt: 2000.5, decode: 900.25 });
	expect(stream.model).toBe('pocket');
});

test('an error inside a stream is the answer’s failure, and what came before stays', () => {
	let text = '';
	const stream = new AnswerStream((added) => (text += added));
	expect(() => stream.feed(documented.VLLM_ERROR)).toThrow('EngineCore encountered an issue.');
	expect(text).toBe('The');
});

test('without a finish reason and without [DONE] the answer was broken off', () => {
	const sent = documented.LLAMA_CPP;
	const cut = sent.slice(0, sent.indexOf('"finish_reason":"stop"') - 200);
	let thrown: unknown;
	try {
		read([cut]);
	} catch (error) {
		thrown = error;
	}
	expect(thrown).toBeInstanceOf(Failure);
	expect((thrown as Failure).detail.reason).toBe('broken-off');
});

test('a comment is no progress', () => {
	const stream = new AnswerStream(() => {});
	stream.feed(':\n\n: ping\n\n');
	expect(stream.events).toBe(0);
});

test('hostile streams fail with a Failure or give text, nothing else', () => {
	fc.assert(
		fc.property(fc.array(fc.oneof(fc.json(), fc.string()), { maxLength: 8 }), (events) => {
			let text: unknown = '';
			const stream = new AnswerStream((added) => (text = (text as string) + added));
			try {
				for (const event of events) stream.feed(`data: ${event}\n\n`);
				stream.end();
			} catch (thrown) {
				expect(thrown).toBeInstanceOf(Failure);
			}
			expect(typeof text).toBe('string');
		})
	);
	for (const hostile of [
		'{"choices":[{"delta":{"content":{"a":1}}}]}',
		'{"choices":{"length":1e9}}',
		'{"choices":[null],"usage":{"prompt_tokens":-1}}',
		'{"usage":{"prompt_tokens":1e400}}'
	]) {
		const { text, stream } = read([`data: ${hostile}\n\n`, 'data: [DONE]\n\n']);
		expect(text, hostile).toBe('');
		expect(stream.usage).toBeNull();
	}
});
