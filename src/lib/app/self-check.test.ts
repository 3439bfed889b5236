import { expect, test, vi } from 'vitest';
import { EMPTY_QUEUE } from '../runner/requests.ts';
import { Failure } from '../rpc/failure.ts';
import { keptOf } from '../quality/quality.fixture.ts';
import { selfCheck } from './self-check.svelte.ts';

/** A fake queue with a fake engine behind it, whose positions have these probabilities. */
function check(answer: number | Failure) {
	const release = vi.fn();
	const keepAnswer = () =>
		answer instanceof Failure
			? Promise.reject(answer)
			: Promise.resolve([1, 2, 3].map(() => keptOf(answer)));
	const answers = {
		queue: EMPTY_QUEUE,
		lease: () => Promise.resolve({ stopped: new AbortController().signal, release })
	};
	return { release, said: selfCheck(answers, { engine: { keepAnswer } as never }) };
}

test('a model that finds its own text likely is well', async () => {
	const { said, release } = check(0.9);
	expect(await said).toBeNull();
	expect(release).toHaveBeenCalledOnce();
});

test('garbage is said, and what to do', async () => {
	const { said, release } = check(0.001);
	expect(await said).toMatch(
		/^Its first answer looks like garbage \(6\.9 nats a token\)\. .+ remove it/
	);
	expect(release).toHaveBeenCalledOnce();
	expect(await check(new Failure('bad-logits', 'NaN.')).said).toContain('computes wrongly');
});

test('what ended otherwise says nothing of the model', async () => {
	for (const kind of ['cancelled', 'device-lost', 'engine'] as const) {
		const { said, release } = check(new Failure(kind, 'It ended.'));
		expect(await said).toBeUndefined();
		expect(release).toHaveBeenCalledOnce();
	}
});
