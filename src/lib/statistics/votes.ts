import * as v from 'valibot';

export type Rating = 'up' | 'down';

/** Stored questions; the oldest are dropped first. */
export const MOST_QUESTIONS = 1000;
const MOST_VOTES = 100;

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(300));

export const questionSchema = v.object({
	/** Id of the question's message. */
	questionId: id,
	votes: v.pipe(
		v.array(v.object({ engineId: id, rating: v.picklist(['up', 'down']) })),
		v.minLength(1),
		v.maxLength(MOST_VOTES)
	)
});

export interface Vote {
	engineId: string;
	rating: Rating;
}

/** Ratings of the answers to one question. */
export interface QuestionVotes {
	questionId: string;
	votes: readonly Vote[];
}

export interface Thumbs {
	up: number;
	down: number;
}

/** Replaces the votes on a question; no votes remove it. */
export function vote(
	all: readonly QuestionVotes[],
	questionId: string,
	votes: readonly Vote[]
): QuestionVotes[] {
	const others = all.filter((each) => each.questionId !== questionId);
	return votes.length === 0
		? others
		: [...others, { questionId, votes: votes.slice(0, MOST_VOTES) }].slice(-MOST_QUESTIONS);
}

/** For a question in both, the votes in `b` are newer and replace those in `a`. */
export const mergeVotes = (
	a: readonly QuestionVotes[],
	b: readonly QuestionVotes[]
): QuestionVotes[] => b.reduce((all, each) => vote(all, each.questionId, each.votes), [...a]);

/**
 * Thumbs by variant, for questions with rated answers of several variants only: a variant that is asked easy questions
 * would look better than it is.
 */
export function thumbsByVariant(all: readonly QuestionVotes[]): Map<string, Thumbs> {
	const thumbs = new Map<string, Thumbs>();
	for (const { votes } of all) {
		if (new Set(votes.map(({ engineId }) => engineId)).size < 2) continue;
		for (const { engineId, rating } of votes) {
			const { up, down } = thumbs.get(engineId) ?? { up: 0, down: 0 };
			thumbs.set(engineId, rating === 'up' ? { up: up + 1, down } : { up, down: down + 1 });
		}
	}
	return thumbs;
}
