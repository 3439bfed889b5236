import type { ChatConfig } from '../models/config.ts';
import type { Variant } from '../models/catalog.ts';
import { count, tokens } from '../words.ts';
import { windowsUpTo } from './context.ts';
import { maxContextWindow } from './context-limit.ts';
import { judge, type Judgement, type Knowledge } from './judge.ts';
import type { Situation } from './verdict.ts';

/** What a request will take of the window. Tokens. */
export interface Prediction {
	promptTokens: number;
	answerTokens: number;
	totalTokens: number;
	/** 0 when it fits. */
	overTokens: number;
	/** Seconds, where the speeds are known. */
	seconds: number | null;
}

export interface Speeds {
	prefillTokensPerSecond: number;
	decodeTokensPerSecond: number;
}

/** "N tokens in, M out" compared with a window. A sliding window has no limit: pass Infinity. */
export function predict(
	promptTokens: number,
	answerTokens: number,
	contextWindow: number,
	speeds: Speeds | null = null
): Prediction {
	const totalTokens = promptTokens + answerTokens;
	const seconds = speeds
		? promptTokens / speeds.prefillTokensPerSecond + answerTokens / speeds.decodeTokensPerSecond
		: NaN;
	return {
		promptTokens,
		answerTokens,
		totalTokens,
		overTokens: Math.max(0, totalTokens - contextWindow),
		seconds: Number.isFinite(seconds) ? seconds : null
	};
}

/** Tokens counted by the engine against tokens guessed from the same texts, with the older ones fading. */
export interface TokenRatio {
	counted: number;
	guessed: number;
}

export const NO_RATIO: TokenRatio = { counted: 0, guessed: 0 };

/** Weighs as much as the guess itself until the engine has counted more. */
const PRIOR_TOKENS = 50;
const MEMORY_TOKENS = 20_000;

/** Learns from one prompt the engine has counted. Figures that cannot be are left out. */
export function learn(ratio: TokenRatio, guessed: number, counted: number): TokenRatio {
	if (!(guessed > 0 && counted > 0 && guessed < Infinity && counted < Infinity)) return ratio;
	const fade = Math.min(1, MEMORY_TOKENS / (ratio.guessed + guessed));
	return { counted: ratio.counted * fade + counted, guessed: ratio.guessed * fade + guessed };
}

export const factorOf = ({ counted, guessed }: TokenRatio): number =>
	Math.min(8, Math.max(0.125, (counted + PRIOR_TOKENS) / (guessed + PRIOR_TOKENS)));

/** Tokens a text is guessed to take without a tokenizer: four letters of Latin script, two of others, one ideograph. */
export function guessTokens(text: string): number {
	let guess = 0;
	for (const char of text) {
		const code = char.codePointAt(0) ?? 0;
		guess += code < 0x250 ? 0.25 : code < 0x2e80 ? 0.5 : 1;
	}
	return Math.ceil(guess);
}

/** Roles, separators and markers that a template puts around a turn. */
export const TEMPLATE_TOKENS = 5;

export interface Image {
	width?: number;
	height?: number;
}

/** Tokens an image takes: as WebLLM 0.2.86 computes them; where it cannot be known, the most of its models. */
export function imageTokens(config: ChatConfig | null, { width, height }: Image): number {
	const tiled = config?.modelType === 'phi3_v';
	if (config?.imageTokens && !tiled) return config.imageTokens;
	if (tiled && width && height) {
		// Tiles of 336 pixels, at most 16 of them, each 12 x 12 with a line break, and a small view of the whole.
		const ratio = width / height;
		let scale = 1;
		while (scale * Math.ceil(scale / ratio) <= MOST_TILES) scale++;
		scale -= 1;
		const across = scale;
		const down = Math.ceil(Math.floor((scale * 336) / ratio) / 336);
		return tileTokens(across, down);
	}
	return tileTokens(1, MOST_TILES);
}

const MOST_TILES = 16;

const tileTokens = (across: number, down: number): number =>
	down * 12 * (across * 12 + 1) + 1 + 12 * 13;

export interface Turn {
	id: string;
	text: string;
	images?: readonly Image[];
	/** As the engine counted it, where it did. */
	tokens?: number;
}

export interface RequestQuestion {
	system: string;
	/** Oldest first; the last is the message about to be sent and is never left out. */
	turns: readonly Turn[];
	/** Tokens the answer may take; null: what is left of the window. */
	answerLimit: number | null;
	contextWindow: number;
	config: ChatConfig | null;
	ratio: TokenRatio;
}

/** An answer that must break off sooner is none. */
const LEAST_ANSWER = 128;

export type RequestOffer =
	| {
			kind: 'larger-window';
			contextWindow: number;
			/** What loading it with that window would mean here. */
			judged: Judgement;
			sentence: string;
	  }
	| { kind: 'shorter-answer'; answerTokens: number; sentence: string }
	| { kind: 'leave-out'; turnIds: readonly string[]; tokens: number; sentence: string }
	| { kind: 'shorten-message'; tokens: number; sentence: string };

export type RequestVerdict =
	| { kind: 'fits'; prediction: Prediction }
	| {
			kind: 'too-long';
			prediction: Prediction;
			sentence: string;
			offers: readonly RequestOffer[];
	  };

/** The model that would answer, for the offer of a larger window. */
export interface Answerer {
	variant: Variant;
	known: Knowledge;
	situation: Situation;
}

const tokensOf = (turn: Turn, { config, ratio }: RequestQuestion): number => {
	const images = (turn.images ?? []).reduce((sum, image) => sum + imageTokens(config, image), 0);
	if (turn.tokens !== undefined && turn.tokens > 0) return turn.tokens + images;
	return Math.ceil((guessTokens(turn.text) + TEMPLATE_TOKENS) * factorOf(ratio)) + images;
};

/** Tokens of the whole prompt, guessed where the engine has not counted. */
export function promptTokensOf(question: RequestQuestion): number {
	const system = question.system
		? Math.ceil((guessTokens(question.system) + TEMPLATE_TOKENS) * factorOf(question.ratio))
		: 0;
	return question.turns.reduce((sum, turn) => sum + tokensOf(turn, question), system);
}

/**
 * Holds a request against the window before the engine sees it. A sliding window takes any length. Where it is
 * too long, every offer alone makes it fit. `speeds`: of the model that would answer; null: not measured.
 */
export function checkRequest(
	question: RequestQuestion,
	answerer: Answerer | null = null,
	speeds: Speeds | null = null
): RequestVerdict {
	const { contextWindow, answerLimit, config } = question;
	const window = config?.slidingWindowSize && !config.contextWindowSize ? Infinity : contextWindow;
	const prompt = promptTokensOf(question);
	// The whole window may be asked for as an answer: the engine ends it when the window is full.
	const wanted = answerLimit === null ? LEAST_ANSWER : Math.max(1, answerLimit);
	const prediction = predict(prompt, wanted, window, speeds);
	if (prediction.overTokens === 0) return { kind: 'fits', prediction };
	const offers = [
		...leaveOut(question, prediction),
		...shorterAnswer(prompt, window),
		...largerWindow(prediction, answerer)
	];
	if (offers.length === 0) offers.push(shortenMessage(prediction));
	return {
		kind: 'too-long',
		prediction,
		sentence:
			answerLimit === null || prompt > window
				? `The conversation takes about ${tokens(prompt)}, and the window holds ${tokens(window)}.`
				: `The conversation takes about ${tokens(prompt)} and the answer may take ${count(wanted)}, but the window holds ${tokens(window)}.`,
		offers
	};
}

/** The oldest turns, in pairs of question and answer, until the rest fits. */
function leaveOut(question: RequestQuestion, { overTokens }: Prediction): RequestOffer[] {
	const turnIds: string[] = [];
	let freed = 0;
	const removable = question.turns.slice(0, -1);
	for (let i = 0; i < removable.length && freed < overTokens; i += 2)
		for (const turn of removable.slice(i, i + 2)) {
			turnIds.push(turn.id);
			freed += tokensOf(turn, question);
		}
	if (freed < overTokens) return [];
	const which = turnIds.length === 1 ? 'oldest message' : `${turnIds.length} oldest messages`;
	return [
		{
			kind: 'leave-out',
			turnIds,
			tokens: freed,
			sentence: `Leave out the ${which}: about ${tokens(freed)}.`
		}
	];
}

function shorterAnswer(prompt: number, window: number): RequestOffer[] {
	const left = window - prompt;
	if (left < LEAST_ANSWER) return [];
	return [
		{
			kind: 'shorter-answer',
			answerTokens: left,
			sentence: `Limit the answer to ${tokens(left)}.`
		}
	];
}

function largerWindow({ totalTokens }: Prediction, answerer: Answerer | null): RequestOffer[] {
	if (!answerer) return [];
	const { variant, known, situation } = answerer;
	const window = windowsUpTo(maxContextWindow(variant, known.facts)).find((n) => n >= totalTokens);
	if (window === undefined) return [];
	const judged = judge(variant, window, known, situation);
	if (judged.verdict.kind === 'blocked' && !judged.verdict.overridable) return [];
	const how = { fits: 'it fits', tight: 'it is tight', blocked: 'it is above the budget' };
	return [
		{
			kind: 'larger-window',
			contextWindow: window,
			judged,
			sentence: `Load it again with a window of ${tokens(window)}: ${how[judged.verdict.kind]}.`
		}
	];
}

const shortenMessage = ({ overTokens }: Prediction): RequestOffer => ({
	kind: 'shorten-message',
	tokens: overTokens,
	sentence: `Shorten the message by about ${tokens(overTokens)}.`
});
