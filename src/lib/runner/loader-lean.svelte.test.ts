import { describe, expect, test, vi } from 'vitest';
import { Failure, toWire } from '../rpc/failure.ts';
import { loaderIn, targetOf } from './loader.fixture.ts';

const A = targetOf('a');
const B = targetOf('b');

const unavailable = new Failure('lean-unavailable', 'Not this engine.', { field: 'fargsortProbs' });

describe('an engine that cannot sample on the CPU', () => {
	test('stops the load with the verdict where its own sampling does not fit', async () => {
		const { loader, engines, world } = loaderIn();
		world.tokenSampling = 'lean';
		const withoutLean = vi.fn(() => new Failure('blocked', 'It needs 900 MiB.'));
		world.withoutLean = withoutLean;
		engines.scripts = [{ load: () => Promise.reject(unavailable) }];
		expect(await loader.load(A)).toBe('failed');
		expect(withoutLean).toHaveBeenCalledExactlyOnceWith(A, unavailable);
		expect(loader.problem).toMatchObject({ target: A, failure: { kind: 'blocked' }, kept: null });
		expect(loader.loaded).toBeNull();
	});

	test('leaves a note of why, where it samples itself', async () => {
		const { loader, engines, world } = loaderIn();
		world.tokenSampling = 'lean';
		engines.scripts = [{ leanProblem: toWire(unavailable) }];
		expect(await loader.load(A)).toBe('loaded');
		const notes = loader.journal.entries.map(({ text }) => text).join('\n');
		expect(notes).toContain('Not this engine.');
		expect(notes).not.toContain('sampling on the CPU');
	});
});

test('what a failed swap released comes back with the way of sampling that it had', async () => {
	const { loader, engines, world } = loaderIn();
	world.tokenSampling = 'lean';
	await loader.load(A);
	// Meanwhile the plan would have it otherwise.
	world.tokenSampling = 'engine';
	const full = new Failure('out-of-memory', 'The GPU ran out of memory.');
	engines.scripts = [{ load: () => Promise.reject(full) }];
	await loader.load(B);
	const asked = engines.made.map(({ request }) => [
		request?.record.model_id,
		request?.tokenSampling
	]);
	expect(asked).toEqual([
		['a', 'lean'],
		['b', 'engine'],
		['a', 'lean']
	]);
	expect(loader.loaded?.result.tokenSampling).toBe('lean');
});
