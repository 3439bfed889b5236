import { expect, test } from 'vitest';
import { FakeEngine, type Script } from '../engine/engine.fixture.ts';
import type { CompareRequest, KeepRequest } from '../engine/protocol.ts';
import { Failure } from '../rpc/failure.ts';
import { compareWith, takeReference } from './measure.ts';
import { ANSWER_TOKENS, PROMPTS } from './prompts.ts';
import { differenceOf, keptOf } from './quality.fixture.ts';

const prompts = PROMPTS.slice(0, 3);
const questions = prompts.map(({ text }) => text);
const engineWith = (script: Script) => new FakeEngine(script, () => 1);
const live = () => new AbortController().signal;

test('the reference answers every prompt, and another variant is compared answer by answer', async () => {
	const asked: KeepRequest[] = [];
	const compared: CompareRequest[] = [];
	const engine = engineWith({
		keepAnswer: (request) => {
			asked.push(request);
			return Promise.resolve([keptOf(0.5)]);
		},
		compareAnswer: (request) => {
			compared.push(request);
			return Promise.resolve([differenceOf({ divergence: compared.length })]);
		}
	});
	const done: number[] = [];
	const onDone = (n: number) => done.push(n);
	const reference = await takeReference(engine, prompts, { signal: live(), onDone });
	expect(asked.map(({ messages }) => messages[0]?.content)).toEqual(questions);
	expect(asked.every(({ mostTokens }) => mostTokens === ANSWER_TOKENS)).toBe(true);
	const differences = await compareWith(engine, reference, { signal: live(), onDone });
	expect(compared.map(({ messages }) => messages[0]?.content)).toEqual(questions);
	expect(compared.map(({ kept }) => kept)).toEqual(reference.map(({ kept }) => kept));
	expect(differences.flat().map(({ divergence }) => divergence)).toEqual([1, 2, 3]);
	expect(done).toEqual([1, 2, 3, 1, 2, 3]);
});

test('a failure ends it at once', async () => {
	let asked = 0;
	const engine = engineWith({
		keepAnswer: () =>
			++asked === 2
				? Promise.reject(new Failure('bad-logits', 'NaN'))
				: Promise.resolve([keptOf(0.5)])
	});
	await expect(takeReference(engine, prompts, { signal: live() })).rejects.toMatchObject({
		kind: 'bad-logits'
	});
	expect(asked).toBe(2);
});
