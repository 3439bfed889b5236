import { describe, expect, test } from 'vitest';
import type { Verdict } from '#plan/memory/verdict.ts';
import { Failure } from '../rpc/failure.ts';
import { variantById } from '#plan/models/catalog-data.ts';
import { targetPlan, type TargetPlanParts } from './target-plan.ts';

const A = { variant: variantById.get('pocket-q4f32_1')!, contextWindow: 1024 };
const FITS = { kind: 'fits' } as Verdict;
const TIGHT = { kind: 'tight' } as unknown as Verdict;
const blocked = (overridable: boolean) =>
	({
		kind: 'blocked',
		overridable,
		reasons: [
			{ code: 'memory', sentence: 'Too large.' },
			{ code: 'binding', sentence: 'In two ways.' }
		]
	}) as unknown as Verdict;

/** A plan that says what it is told to say. */
function planOf(verdict: Verdict, sampling = 'lean') {
	const learned: unknown[] = [];
	const asked: unknown[] = [];
	const experience = { leanProblem: null as Failure | null };
	const world = { adaptation: null as ReturnType<TargetPlanParts['adaptation']> };
	const plan = targetPlan({
		catalog: { baseUrl: 'https://site.test/' },
		preflights: { learn: (_, facts) => void learned.push(facts) },
		experience,
		planning: {
			situationNow: { usedBytes: 7 },
			planOf: () => ({ verdict, sampling }),
			planAs: (...question: unknown[]) => {
				asked.push(question);
				return { verdict };
			}
		} as unknown as TargetPlanParts['planning'],
		adaptation: () => world.adaptation,
		late: () => ({
			answers: { goOn: () => Promise.resolve(void learned.push('goes on')) },
			ahead: { spare: () => void learned.push('spare') },
			idle: { used: () => void learned.push('used') }
		})
	});
	return { plan, learned, asked, experience, world };
}

describe('what is admitted', () => {
	test.each<[string, Verdict, boolean, boolean]>([
		['what fits', FITS, false, true],
		['what fits, anyway', FITS, true, true],
		['what is blocked', blocked(true), false, false],
		['what is blocked, anyway', blocked(true), true, true],
		['what cannot be, anyway', blocked(false), true, false],
		['what cannot be', blocked(false), false, false]
	])('%s', (_, verdict, anyway, admitted) => {
		const { plan, learned } = planOf(verdict);
		const target = { ...A, anyway };
		const refusal = { kind: 'blocked', detail: { reason: 'memory' } };
		if (admitted) expect(() => plan.admit(target, {})).not.toThrow();
		else expect(() => plan.admit(target, {})).toThrow(expect.objectContaining(refusal));
		expect(learned).toEqual([{}]);
		const read = { facts: {}, revision: 'main' };
		expect(plan.request(target, read)).toMatchObject({ mayFallBack: admitted });
		const problem = new Failure('lean-unavailable', 'No.');
		const told = plan.withoutLean(target, problem);
		expect(told === problem).toBe(admitted);
		if (!admitted) expect(told.message).toBe('Too large. In two ways.');
	});
});

test('tokens are chosen as they were before, or else as the plan says', () => {
	const { plan } = planOf(FITS);
	const read = { facts: {}, revision: 'main' };
	expect(plan.request(A, read)).toMatchObject({
		record: { model_id: 'pocket-q4f32_1', overrides: { context_window_size: 1024 } },
		tokenSampling: 'lean'
	});
	expect(plan.request({ ...A, tokenSampling: 'engine' }, read).tokenSampling).toBe('engine');
});

test('beside what is loaded fits what fits while nothing goes', () => {
	const { plan, asked } = planOf(FITS);
	expect(plan.fitsBeside(A, {})).toBe(true);
	expect(asked.at(-1)).toEqual(['lean', A, { situation: { usedBytes: 7 }, facts: {} }]);
	expect(planOf(TIGHT).plan.fitsBeside(A, {})).toBe(false);
	expect(planOf(blocked(true)).plan.fitsBeside(A, {})).toBe(false);
});

test('an engine that cannot sample on the CPU is remembered', () => {
	const { plan, experience } = planOf(FITS);
	const problem = new Failure('lean-unavailable', 'No.');
	plan.withoutLean(A, problem);
	expect(experience.leanProblem).toBe(problem);
});

test('two are kept where the policy says so, and what stood by is used without being loaded', () => {
	const { plan, world, learned } = planOf(FITS);
	expect(plan.keepsTwo()).toBe(false);
	for (const keepTwo of [true, false]) {
		world.adaptation = { policy: { current: { keepTwo } } } as unknown as typeof world.adaptation;
		expect(plan.keepsTwo()).toBe(keepTwo);
	}
	plan.switched();
	expect(learned).toEqual(['goes on', 'used', 'spare']);
});
