import { undercuts, type Priority } from '../memory/choice.ts';
import { parseQuantization } from '../models/quantization.ts';
import { sameLevel, type Level, type LevelKey } from './levels.ts';
import { cellOf, type Cell, type CellBits, type Matrix } from './matrix.ts';

/** Use a coarser level where measurements say that it is worth it. */
export interface SpeedRule {
	on: boolean;
	bits: CellBits;
	/** At least so many times as fast as the finest level that was measured. */
	speedUp: number;
	/** At least this ratio of positions with the same next token as the most precise variant. */
	sameToken: number;
}

export const DEFAULT_RULES: readonly SpeedRule[] = [
	{ on: true, bits: 4, speedUp: 1.5, sameToken: 0.95 }
];

export interface Wishes {
	priority: Priority;
	/** Name of a quantization; nothing coarser is chosen. null: anything. */
	floor: string | null;
}

/** All that a decision depends on. */
export interface Question extends Wishes {
	/** Finest to coarsest, each of fewer bytes than those before it. */
	levels: readonly Level[];
	/** null: unknown, so that no share of it can be told. */
	budgetBytes: number | null;
	/** Bytes this page holds beside the model that would go. */
	othersBytes: number;
	waiting: number;
	matrix: Matrix;
	rules: readonly SpeedRule[];
	/** Always wins; null: none. */
	pin: LevelKey | null;
	/** What is loaded. */
	current: LevelKey;
	allowWindow: boolean;
	allowFamily: boolean;
	/** Tokens that open and waiting conversations need: no smaller window is chosen. */
	neededWindow: number;
	/** Points that are added to the share of memory: what is finer must fit with this much to spare. */
	hysteresis?: number;
	/** Levels that are not on disk may be chosen, too: somebody is asked before they are downloaded. */
	mayDownload?: boolean;
}

/** Why a level was not considered. */
export type Exclusion =
	'barred' | 'below-floor' | 'not-on-disk' | 'window-too-small' | 'window-not-allowed' | 'family';

export interface Excluded {
	level: Level;
	why: Exclusion;
}

export interface Decision {
	/** null: nothing can be decided; what is loaded stays. */
	level: Level | null;
	/**
	 * - pin: a person pinned it; matrix: the finest level whose own memory asks for nothing coarser;
	 * - rule: a rule from measurements; coarsest: no level does what the matrix asks for, this one comes nearest;
	 * - kept: what is loaded has as many bits and does what the matrix asks for;
	 * - elsewhere: the pinned level is of another family; no-budget, no-level: nothing to decide from.
	 */
	cause: 'pin' | 'matrix' | 'rule' | 'coarsest' | 'kept' | 'elsewhere' | 'no-budget' | 'no-level';
	/** Share of the budget that the page would hold with it; null: unknown. */
	memoryRatio: number | null;
	/** What the matrix asks for at that share; null: it was not asked. */
	cell: Cell | null;
	excluded: readonly Excluded[];
}

export const indexOf = (levels: readonly Level[], key: LevelKey | null): number =>
	key ? levels.findIndex((level) => sameLevel(level, key)) : -1;

/**
 * The level to load. Each candidate is read in the matrix at the memory that there would be with it, so the answer does
 * not depend on how much the loaded one takes, and the level chosen never argues against itself: with it loaded, the
 * same question has the same answer. More budget never makes it coarser, more waiting requests never finer.
 */
export function decide(question: Question): Decision {
	const { levels, pin, matrix, priority, budgetBytes } = question;
	const none = (cause: Decision['cause'], excluded: readonly Excluded[] = []): Decision => ({
		level: null,
		cause,
		memoryRatio: null,
		cell: null,
		excluded
	});
	const told = (level: Level, cause: Decision['cause'], excluded: readonly Excluded[]) => ({
		level,
		cause,
		memoryRatio: ratioOf(level, question),
		cell: cellFor(level, question),
		excluded
	});

	if (pin) {
		const pinned = levels[indexOf(levels, pin)];
		return pinned ? told(pinned, 'pin', []) : none('elsewhere');
	}
	if (budgetBytes === null || !(budgetBytes > 0)) return none('no-budget');

	const excluded: Excluded[] = [];
	const candidates = levels.filter((level) => {
		const why = exclusionOf(level, question);
		if (why) excluded.push({ level, why });
		return !why;
	});
	const coarsest = candidates.at(-1);
	if (!coarsest) return none('no-level', excluded);

	const enough = candidates.filter(
		(level) =>
			level.rank <= cellOf(matrix, ratioOf(level, question) ?? 0, question.waiting, priority).bits
	);
	const [finest] = enough;
	if (!finest) return told(coarsest, 'coarsest', excluded);

	// Of as many bits: what is loaded stays; else 16-bit compute, unless quality was asked for.
	const alike = enough.filter(({ rank, by }) => rank === finest.rank && by === finest.by);
	const kept = alike[indexOf(alike, question.current)];
	const usual = priority === 'quality' ? finest : (alike.at(-1) ?? finest);
	const byMatrix = kept ?? usual;
	const ruled = levelByRule(enough, question);
	if (ruled && enough.indexOf(ruled) > enough.indexOf(byMatrix))
		return told(ruled, 'rule', excluded);
	return told(byMatrix, kept ? 'kept' : 'matrix', excluded);
}

/** The next coarser level that may be chosen, whatever the matrix says; null: there is none. */
export function nextCoarser(question: Question): Level | null {
	const at = indexOf(question.levels, question.current);
	if (at < 0 || question.pin) return null;
	return question.levels.slice(at + 1).find((level) => !exclusionOf(level, question)) ?? null;
}

/** Share of the budget the page would hold with that level; null: the budget is not known. */
export function ratioOf(
	{ peakBytes }: Pick<Level, 'peakBytes'>,
	{ budgetBytes, othersBytes, hysteresis = 0 }: Question
): number | null {
	if (budgetBytes === null || !(budgetBytes > 0)) return null;
	const others = Number.isFinite(othersBytes) ? Math.max(0, othersBytes) : 0;
	return (peakBytes + others) / budgetBytes + hysteresis;
}

function cellFor(level: Level, question: Question): Cell | null {
	const ratio = ratioOf(level, question);
	return ratio === null
		? null
		: cellOf(question.matrix, ratio, question.waiting, question.priority);
}

function exclusionOf(level: Level, question: Question): Exclusion | null {
	const { current, floor, allowFamily, allowWindow, neededWindow, mayDownload = false } = question;
	if (undercuts(level.quantization, floor === null ? null : parseQuantization(floor)))
		return 'below-floor';
	if (level.barred !== null) return 'barred';
	if (level.by === 'family' && !allowFamily) return 'family';
	if (level.by === 'window' && !allowWindow) return 'window-not-allowed';
	if (level.contextWindow < neededWindow && level.by !== 'quantization') return 'window-too-small';
	if (!level.onDisk && !mayDownload && !sameLevel(level, current)) return 'not-on-disk';
	return null;
}

/**
 * The level that a rule asks for: the loaded one if it is among them, else the coarsest. Rules are about speed, so they
 * say nothing where quality was asked for.
 */
function levelByRule(enough: readonly Level[], question: Question): Level | null {
	const { rules, priority, levels, current } = question;
	if (priority === 'quality') return null;
	const asked = enough.filter((level) => rules.some((rule) => ruleHolds(rule, level, levels)));
	const coarsest = asked.at(-1);
	const loaded = asked[indexOf(asked, current)];
	return (loaded?.rank === coarsest?.rank ? loaded : coarsest) ?? null;
}

/**
 * Compared with the finest level that was measured, and not with the one that would be chosen: that one depends on the
 * load, and more load could make the answer finer.
 */
export function ruleHolds(
	{ on, bits, speedUp, sameToken }: SpeedRule,
	level: Level,
	levels: readonly Level[]
): boolean {
	const reference = levels.find(({ tokensPerSecond }) => tokensPerSecond !== null);
	return (
		on &&
		level.by === 'quantization' &&
		level.rank === bits &&
		level.tokensPerSecond !== null &&
		reference?.tokensPerSecond != null &&
		reference !== level &&
		level.tokensPerSecond >= speedUp * reference.tokensPerSecond &&
		level.sameToken !== null &&
		level.sameToken >= sameToken
	);
}
