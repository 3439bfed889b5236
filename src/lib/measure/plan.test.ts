import { expect, test } from 'vitest';
import type { Verdict } from '#plan/memory/verdict.ts';
import { planRun, type Candidate } from './plan.ts';

const fits: Verdict = { kind: 'fits', reasons: [], warnings: [], overridable: false };
const blocked: Verdict = {
	kind: 'blocked',
	reasons: [{ code: 'over-budget', sentence: 'It needs 9 GiB.' }],
	warnings: [],
	overridable: true
};
const candidate = (variantId: string, change: Partial<Candidate> = {}): Candidate => ({
	variantId,
	contextWindow: 4096,
	verdict: fits,
	missingBytes: 0,
	wantedAnyway: false,
	problem: null,
	...change
});
const asked = (baselineId: string | null = null) => ({
	variantIds: [],
	set: 'quick' as const,
	contextWindow: 4096,
	baselineId
});

test('what is blocked is left out with its reason, although it could be loaded anyway', () => {
	const plan = planRun(asked(), [candidate('a', { verdict: blocked }), candidate('b')]);
	expect(plan.variantIds).toEqual(['b']);
	expect(plan.leftOut).toEqual([{ variantId: 'a', reason: 'It needs 9 GiB.' }]);
});

test('so is what cannot be read, and what holds none of the tests', () => {
	const plan = planRun(asked(), [
		candidate('a', { problem: 'The host does not answer.' }),
		candidate('b', { contextWindow: 100 })
	]);
	expect(plan.variantIds).toEqual([]);
	expect(plan.leftOut.map(({ reason }) => reason)).toEqual([
		'The host does not answer.',
		expect.stringContaining('100 tokens')
	]);
	expect(plan.baselineId).toBeNull();
});

test('a tight one is measured, and a window that holds one of the tests is enough', () => {
	const plan = planRun(asked(), [
		candidate('a', { verdict: { ...fits, kind: 'tight' } }),
		candidate('b', { contextWindow: 128 })
	]);
	expect(plan.variantIds).toEqual(['a', 'b']);
});

test('the bytes of all that are measured are asked for together', () => {
	const plan = planRun(asked(), [
		candidate('a', { missingBytes: 10 }),
		candidate('b', { missingBytes: 5 }),
		candidate('c', { missingBytes: null }),
		candidate('d', { missingBytes: 100, verdict: blocked })
	]);
	expect([plan.downloadBytes, plan.unknownSizes]).toEqual([15, 1]);
});

test('what was fetched for the run alone is told from what is on the disk, or wanted for later', () => {
	const { fetchedIds } = planRun(asked(), [
		candidate('a', { missingBytes: 10 }),
		candidate('b'),
		candidate('c', { missingBytes: null }),
		candidate('d', { missingBytes: 10, wantedAnyway: true })
	]);
	expect(fetchedIds).toEqual(['a', 'c']);
});

test('the baseline is the asked one, or the first where that is left out', () => {
	const all = [candidate('a'), candidate('b'), candidate('c', { verdict: blocked })];
	expect(planRun(asked('b'), all).baselineId).toBe('b');
	expect(planRun(asked('c'), all).baselineId).toBe('a');
	expect(planRun(asked(), all).baselineId).toBe('a');
});
