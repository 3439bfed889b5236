import { describe, expect, test } from 'vitest';
import { Failure } from '../../rpc/failure.ts';
import { targetOf } from '../loader.fixture.ts';
import type { LoadFailure, Target } from '../target.ts';
import { FallBack, type AfterFailure } from './fall-back.ts';

const [a, b, c] = [targetOf('a'), targetOf('b'), targetOf('c')];
const full = new Failure('out-of-memory', 'Full.');
const policy = (setting: AfterFailure, smaller: (failed: Target) => Target | null = () => b) =>
	new FallBack({ afterFailure: () => setting, smaller });
const problemOf = (target: Target, next: Target | null): LoadFailure => ({
	target,
	failure: full,
	kept: null,
	instead: false,
	next
});

describe('what is offered after a failure', () => {
	test('is the next smaller thing', () => {
		expect(policy('ask').offer(a, full, null)).toBe(b);
		expect(policy('fallback').offer(a, full, c)).toBe(b);
	});

	test.each([
		['that is not wanted', policy('stop'), full, null],
		['that nothing smaller escapes', policy('ask'), new Failure('script', 'Offline.'), null],
		['when nothing is smaller', policy('ask', () => null), full, null],
		['when that is loaded already', policy('ask'), full, { ...b }]
	])('is nothing %s', (_, policy, failure, loaded) => {
		expect(policy.offer(a, failure, loaded)).toBeNull();
	});
});

describe('falling back', () => {
	test('goes down until something loads', async () => {
		const tried: Target[] = [];
		const end = await policy('fallback').escape(
			problemOf(a, b),
			() => true,
			(target) => {
				tried.push(target);
				return Promise.resolve(target === b ? problemOf(b, c) : null);
			}
		);
		expect([tried, end]).toEqual([[b, c], c]);
	});

	test('ends with nothing when nothing loads', async () => {
		const load = (target: Target) => Promise.resolve(problemOf(target, target === b ? c : null));
		expect(await policy('fallback').escape(problemOf(a, b), () => true, load)).toBeNull();
	});

	test('waits for a click where the person is asked', async () => {
		const tried: Target[] = [];
		const load = (target: Target) => {
			tried.push(target);
			return Promise.resolve(null);
		};
		for (const setting of ['ask', 'stop'] as const)
			expect(await policy(setting).escape(problemOf(a, b), () => true, load)).toBeNull();
		expect(tried).toEqual([]);
	});

	test('stops when the attempt does not stand any more', async () => {
		const tried: Target[] = [];
		const end = await policy('fallback').escape(
			problemOf(a, b),
			() => tried.length === 0,
			(target) => {
				tried.push(target);
				return Promise.resolve(problemOf(target, c));
			}
		);
		expect([tried, end]).toEqual([[b], null]);
	});
});
