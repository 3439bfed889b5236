import { maxContextWindow } from '#plan/memory/context-limit.ts';
import type { Verdict } from '#plan/memory/verdict.ts';
import { engineRecord } from '../engine/webllm/engine-record.ts';
import type { Answers } from '../chat/answers.svelte.ts';
import type { Preflights } from '../files/preflights.svelte.ts';
import { Failure } from '../rpc/failure.ts';
import type { TargetPlan } from '../runner/loader-host.ts';
import type { Ahead } from '../runner/policy/ahead.ts';
import type { IdleTimer } from '../runner/policy/idle.ts';
import type { Target } from '../runner/target.ts';
import type { Adaptation } from './adaptation.svelte.ts';
import type { Catalog } from './catalog.svelte.ts';
import type { Experience } from './experience.svelte.ts';
import { fitsBeside } from './fits-beside.ts';
import type { Planning } from './planning.svelte.ts';

export interface TargetPlanParts {
	catalog: Pick<Catalog, 'baseUrl'>;
	preflights: Pick<Preflights, 'learn'>;
	experience: Pick<Experience, 'leanProblem'>;
	planning: Planning;
	adaptation: () => Pick<Adaptation, 'policy'> | null;
	/** What is built after the loader, because it uses it. */
	late: () => {
		answers: Pick<Answers, 'goOn'>;
		ahead: Pick<Ahead, 'spare'>;
		idle: Pick<IdleTimer, 'used'>;
	};
}

/** What the plan says to the loader of what is to be loaded. */
export const targetPlan = ({
	catalog,
	preflights,
	experience,
	planning,
	adaptation,
	late
}: TargetPlanParts): TargetPlan => ({
	request: (target, { facts, revision }) => {
		const { variant, contextWindow, tokenSampling } = target;
		return {
			record: engineRecord(variant, contextWindow, catalog.baseUrl, revision, facts.config),
			overrides: {},
			tokenSampling: tokenSampling ?? planning.planOf(variant, contextWindow).sampling,
			mayFallBack: admitted(planning.planAs('engine', target).verdict, target)
		};
	},
	withoutLean: (target, problem) => {
		experience.leanProblem = problem;
		const { verdict } = planning.planAs('engine', target);
		return admitted(verdict, target) ? problem : blocked(verdict);
	},
	within: (target, facts) => ({
		...target,
		contextWindow: Math.min(target.contextWindow, maxContextWindow(target.variant, facts))
	}),
	admit: (target, facts) => {
		const { variant, contextWindow } = target;
		preflights.learn(variant, facts);
		const { verdict } = planning.planOf(variant, contextWindow, facts);
		if (!admitted(verdict, target)) throw blocked(verdict);
	},
	keepsTwo: () => adaptation()?.policy.current.keepTwo ?? false,
	switched: () => {
		const { answers, ahead, idle } = late();
		void answers.goOn();
		idle.used();
		ahead.spare();
	},
	fitsBeside: (target, facts) => fitsBeside(planning, target, facts)
});

const admitted = (verdict: Verdict, { anyway }: Target): boolean =>
	verdict.kind !== 'blocked' || (anyway === true && verdict.overridable);

function blocked({ reasons }: Verdict): Failure {
	const [first] = reasons;
	return new Failure('blocked', reasons.map(({ sentence }) => sentence).join(' '), {
		...(first && { reason: first.code })
	});
}
