import { describe, expect, test } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import { Failure } from '../rpc/failure.ts';
import { together } from './together.ts';

const failure = (kind: 'network' | 'engine') => new Failure(kind, `${kind}!`);

/** Two pieces of work that the test continues or fails; `ended` counts how often they were told to end. */
function rig() {
	const [one, other] = [gate(), gate()];
	const seen = { ended: 0, over: false };
	const result = together(
		one.step().then(() => 'done'),
		other.step(),
		() => seen.ended++
	);
	result.catch(() => undefined).finally(() => (seen.over = true));
	return { one, other, seen, result };
}
const turn = () => new Promise((resolve) => setTimeout(resolve));

describe('two pieces of work', () => {
	test('have the result of the first, once both are over', async () => {
		const { one, other, seen, result } = rig();
		one.open();
		await turn();
		expect(seen.over).toBe(false);
		other.open();
		expect(await result).toBe('done');
		expect(seen.ended).toBe(0);
	});

	test.each([
		['first', 'other'],
		['other', 'first']
	])('fail with what failed first, the %s, after the %s has ended too', async (which) => {
		const { one, other, seen, result } = rig();
		const [early, late] = which === 'first' ? [one, other] : [other, one];
		early.fail(failure('network'));
		await turn();
		expect(seen).toEqual({ ended: 1, over: false });
		late.fail(failure('engine'));
		await expect(result).rejects.toMatchObject({ kind: 'network' });
	});

	test('fail with what failed although the other one came to its end', async () => {
		const { one, other, result } = rig();
		one.open();
		other.fail(failure('network'));
		await expect(result).rejects.toMatchObject({ kind: 'network' });
	});
});
