import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChatConfig, type ChatConfig } from '../models/config.ts';
import { PHI_VISION } from '../own/phi-vision.fixture.ts';
import {
	checkRequest,
	factorOf,
	guessTokens,
	imageTokens,
	learn,
	NO_RATIO,
	predict,
	promptTokensOf,
	type RequestOffer,
	type RequestQuestion,
	type Turn
} from './request.ts';
import { GiB, knownOf, MiB, qwenFamily, ready, situation } from './samples.fixture.ts';

const config = (overrides: Partial<ChatConfig> = {}): ChatConfig => ({
	vocabSize: 512,
	contextWindowSize: 1024,
	slidingWindowSize: null,
	maxContextWindow: 1024,
	tokenizerFiles: ['tokenizer.json'],
	modelType: 'llama',
	attention: null,
	hiddenSize: null,
	intermediateSize: null,
	recurrent: null,
	imageTokens: null,
	replyHeader: '',
	template: null,
	...overrides
});

const turn = (id: string, tokens: number): Turn => ({ id, text: '', tokens });

const question = (overrides: Partial<RequestQuestion> = {}): RequestQuestion => ({
	system: '',
	turns: [turn('a', 400), turn('b', 300), turn('c', 200), turn('d', 100), turn('e', 50)],
	answerLimit: 200,
	contextWindow: 2000,
	config: null,
	ratio: NO_RATIO,
	...overrides
});

const variant = qwenFamily.variants[3];
if (!variant) throw new Error('the sample is empty');
const answerer = { variant, known: knownOf(variant), situation: situation(8 * GiB) };

function offered<K extends RequestOffer['kind']>(
	kind: K,
	...args: Parameters<typeof checkRequest>
): Extract<RequestOffer, { kind: K }> | undefined {
	const judged = checkRequest(...args);
	const offers = judged.kind === 'too-long' ? judged.offers : [];
	return offers.find((o): o is Extract<RequestOffer, { kind: K }> => o.kind === kind);
}

describe('N tokens in, M out', () => {
	it('says what the window lacks', () => {
		expect(predict(900, 200, 1000)).toEqual({
			promptTokens: 900,
			answerTokens: 200,
			totalTokens: 1100,
			overTokens: 100,
			seconds: null
		});
		expect(predict(800, 200, 1000).overTokens).toBe(0);
		expect(predict(1e6, 1e6, Infinity).overTokens).toBe(0);
	});

	it('says how long it takes where the speeds are known', () => {
		const speeds = { prefillTokensPerSecond: 400, decodeTokensPerSecond: 20 };
		expect(predict(800, 200, 4096, speeds).seconds).toBe(12);
		expect(predict(1, 1, 10, { prefillTokensPerSecond: 0, decodeTokensPerSecond: 0 }).seconds).toBe(
			null
		);
	});

	it('needs no less for more', () => {
		fc.assert(
			fc.property(fc.nat(1e5), fc.nat(1e5), fc.nat(1e5), fc.nat(1e5), (n, m, more, window) => {
				const { overTokens } = predict(n, m, window);
				expect(predict(n + more, m, window).overTokens).toBeGreaterThanOrEqual(overTokens);
				expect(predict(n, m + more, window).overTokens).toBeGreaterThanOrEqual(overTokens);
				expect(predict(n, m, window + more).overTokens).toBeLessThanOrEqual(overTokens);
			})
		);
	});
});

describe('the guess of tokens', () => {
	it('knows that scripts differ', () => {
		expect(guessTokens('')).toBe(0);
		expect(guessTokens('The quick brown fox.')).toBe(5);
		expect(guessTokens('Привет, мир')).toBeGreaterThan(guessTokens('Hello, word'));
		expect(guessTokens('你好世界')).toBe(4);
	});

	it('comes to agree with an engine that counts otherwise', () => {
		let ratio = NO_RATIO;
		expect(factorOf(ratio)).toBe(1);
		for (let i = 0; i < 20; i++) ratio = learn(ratio, 100, 180);
		expect(factorOf(ratio)).toBeGreaterThan(1.75);
		expect(factorOf(ratio)).toBeLessThan(1.8);
		// Another model: the old counts fade.
		for (let i = 0; i < 1000; i++) ratio = learn(ratio, 100, 90);
		expect(factorOf(ratio)).toBeLessThan(0.95);
	});

	it('is four letters of Latin script, two of another, or one ideograph, rounded up', () => {
		const guesses = ['\u024f', '\u0250', '\u2e7f', '\u2e80', '\u{20000}'].map((char) =>
			guessTokens(char.repeat(8))
		);
		expect(guesses).toEqual([2, 4, 4, 8, 8]);
		expect(guessTokens('abcde')).toBe(2);
	});

	it('adds five tokens for the template to each text', () => {
		const eight = { id: 'a', text: 'x'.repeat(8) };
		expect(promptTokensOf(question({ turns: [eight] }))).toBe(2 + 5);
		expect(promptTokensOf(question({ turns: [eight, eight], system: 'x'.repeat(8) }))).toBe(21);
		// A count of none is none.
		expect(promptTokensOf(question({ turns: [{ ...eight, tokens: 0 }] }))).toBe(7);
		expect(promptTokensOf(question({ turns: [{ ...eight, tokens: 1 }] }))).toBe(1);
	});

	it('weighs as much as fifty counted tokens, and what was counted long ago fades', () => {
		expect(factorOf({ counted: 50, guessed: 0 })).toBe(2);
		expect(factorOf({ counted: 1e9, guessed: 1 })).toBe(8);
		expect(factorOf({ counted: 1, guessed: 1e9 })).toBe(0.125);
		expect(learn(NO_RATIO, 1, 1)).toEqual({ counted: 1, guessed: 1 });
		const before = { counted: 40_000, guessed: 20_000 };
		expect(learn(before, 20_000, 20_000)).toEqual({ counted: 40_000, guessed: 30_000 });
		expect(learn({ counted: 8, guessed: 4 }, 4, 4)).toEqual({ counted: 12, guessed: 8 });
	});

	it.each([
		[0, 5],
		[5, 0],
		[-1, 5],
		[NaN, 5],
		[5, NaN],
		[Infinity, 5],
		[5, Infinity]
	])('learns nothing of %d guessed and %d counted', (guessed, counted) => {
		expect(learn(NO_RATIO, guessed, counted)).toBe(NO_RATIO);
	});

	it('is corrected in the prompt it makes', () => {
		const long = question({ turns: [{ id: 'a', text: 'x'.repeat(4000) }], system: 'Be brief.' });
		const learned = learn(NO_RATIO, 10_000, 20_000);
		expect(promptTokensOf({ ...long, ratio: learned })).toBeGreaterThan(1.9 * promptTokensOf(long));
	});

	it('stays a usable number whatever was counted', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.double(), fc.double())), (pairs) => {
				const ratio = pairs.reduce((r, [guessed, counted]) => learn(r, guessed, counted), NO_RATIO);
				expect(factorOf(ratio)).toBeGreaterThanOrEqual(0.125);
				expect(factorOf(ratio)).toBeLessThanOrEqual(8);
			})
		);
	});

	it('gives way to the engine’s own count of a turn', () => {
		const turns = [{ id: 'a', text: 'x'.repeat(4000), tokens: 7 }];
		expect(promptTokensOf(question({ turns }))).toBe(7);
	});
});

describe('images', () => {
	it('take what the chat config says', () => {
		expect(imageTokens(config({ imageTokens: 256 }), { width: 10, height: 10 })).toBe(256);
	});

	it('take tiles by their proportions in Phi 3.5 vision', () => {
		const phi = config({ modelType: 'phi3_v' });
		// 4 x 4 tiles of 12 x 12, a break per line, a separator and the small view.
		expect(imageTokens(phi, { width: 500, height: 500 })).toBe(48 * 49 + 1 + 156);
		expect(imageTokens(phi, { width: 1600, height: 100 })).toBe(12 * (16 * 12 + 1) + 1 + 156);
	});

	it('take tiles in it even where the config names a number, as the engine has it', () => {
		const phi = config({ modelType: 'phi3_v', imageTokens: 256 });
		expect(imageTokens(phi, { width: 500, height: 500 })).toBe(48 * 49 + 1 + 156);
		expect(imageTokens(phi, {})).toBe(imageTokens(null, {}));
	});

	it('take what a whole configuration of it says', () => {
		const phi = parseChatConfig(PHI_VISION);
		expect(phi).toMatchObject({ modelType: 'phi3_v', imageTokens: null });
		expect(phi.attention).toEqual({ layers: 32, queryHeads: 32, keyValueHeads: 32, headDim: 96 });
		expect(imageTokens(phi, { width: 1000, height: 500 })).toBe(36 * 61 + 1 + 156);
	});

	it('take as many tiles as their proportions allow, 16 at most', () => {
		const phi = config({ modelType: 'phi3_v' });
		// 5 x 3 and 2 x 4 tiles, counted by hand.
		expect(imageTokens(phi, { width: 1000, height: 500 })).toBe(36 * 61 + 1 + 156);
		expect(imageTokens(phi, { width: 500, height: 1000 })).toBe(48 * 25 + 1 + 156);
		// A second row of tiles and one pixel: a third row.
		expect(imageTokens(phi, { width: 24_926, height: 10_000 })).toBe(36 * 61 + 1 + 156);
	});

	it('are taken for the largest where nothing is known of them', () => {
		const phi = config({ modelType: 'phi3_v' });
		const most = imageTokens(null, {});
		expect(imageTokens(phi, {})).toBe(most);
		expect(imageTokens(phi, { width: 100 })).toBe(most);
		expect(imageTokens(config(), { width: 100, height: 100 })).toBe(most);
		expect(most).toBe(imageTokens(phi, { width: 100, height: 1600 }));
		const side = fc.integer({ min: 1, max: 5000 });
		fc.assert(
			fc.property(side, side, (width, height) => {
				expect(imageTokens(phi, { width, height })).toBeLessThanOrEqual(most);
			})
		);
	});

	it('count in the prompt, beside counted text', () => {
		const turns = [{ id: 'a', text: '', tokens: 10, images: [{}, {}] }];
		const judged = question({ turns, config: config({ imageTokens: 256 }) });
		expect(promptTokensOf(judged)).toBe(522);
	});

	it('are taken for large ones while nothing is known', () => {
		expect(imageTokens(null, {})).toBeGreaterThan(2000);
	});
});

describe('a request', () => {
	it('that fits passes, up to the last token', () => {
		expect(checkRequest(question({ contextWindow: 1250 })).kind).toBe('fits');
		expect(checkRequest(question({ contextWindow: 1249 })).kind).toBe('too-long');
	});

	it('may ask for an answer of any length where the limit is what is left', () => {
		expect(checkRequest(question({ contextWindow: 1200, answerLimit: null })).kind).toBe('fits');
		expect(checkRequest(question({ contextWindow: 1100, answerLimit: null })).kind).toBe(
			'too-long'
		);
	});

	it('leaves room for an answer of 128 tokens, or of one where that is asked for', () => {
		const free = (contextWindow: number) =>
			checkRequest(question({ contextWindow, answerLimit: null })).kind;
		expect([free(1178), free(1177)]).toEqual(['fits', 'too-long']);
		for (const answerLimit of [0, -5, 1])
			expect(checkRequest(question({ answerLimit })).prediction.answerTokens).toBe(1);
		expect(offered('shorter-answer', question({ contextWindow: 1178 }))?.answerTokens).toBe(128);
		expect(offered('shorter-answer', question({ contextWindow: 1177 }))).toBeUndefined();
	});

	it('of any length passes a sliding window', () => {
		const sliding = config({ contextWindowSize: null, slidingWindowSize: 1024 });
		expect(checkRequest(question({ contextWindow: 100, config: sliding })).kind).toBe('fits');
	});

	it('that is too long says by what', () => {
		expect(checkRequest(question({ contextWindow: 1200 }))).toMatchObject({
			sentence:
				'The conversation takes about 1,050 tokens and the answer may take 200, but the window holds 1,200 tokens.'
		});
	});

	it('is offered a shorter answer where enough is left for one', () => {
		expect(offered('shorter-answer', question({ contextWindow: 1200 }))?.answerTokens).toBe(150);
		expect(offered('shorter-answer', question({ contextWindow: 1100 }))).toBeUndefined();
	});

	it('is offered to leave out the oldest turns, in pairs, and no more than needed', () => {
		expect(offered('leave-out', question({ contextWindow: 1200 }))).toMatchObject({
			turnIds: ['a', 'b'],
			tokens: 700,
			sentence: 'Leave out the 2 oldest messages: about 700 tokens.'
		});
		expect(offered('leave-out', question({ contextWindow: 400 }))?.turnIds).toEqual([
			'a',
			'b',
			'c',
			'd'
		]);
	});

	it('is offered to leave out one message, where that is just enough', () => {
		const two = question({ turns: [turn('a', 400), turn('b', 50)], contextWindow: 250 });
		expect(offered('leave-out', two)).toMatchObject({
			turnIds: ['a'],
			sentence: 'Leave out the oldest message: about 400 tokens.'
		});
		expect(offered('leave-out', { ...two, contextWindow: 249 })).toBeUndefined();
		// 700 tokens too many, and the two oldest take 700.
		expect(offered('leave-out', question({ contextWindow: 550 }))?.turnIds).toEqual(['a', 'b']);
	});

	it('that fills the window by itself says nothing of the answer', () => {
		const sentence = (contextWindow: number) => {
			const judged = checkRequest(question({ contextWindow }));
			return judged.kind === 'too-long' ? judged.sentence : '';
		};
		expect(sentence(1050)).toContain('and the answer may take 200');
		expect(sentence(1049)).toBe(
			'The conversation takes about 1,050 tokens, and the window holds 1,049 tokens.'
		);
	});

	it('never leaves out the message itself', () => {
		const one = question({ turns: [turn('only', 5000)] });
		expect(offered('leave-out', one)).toBeUndefined();
		expect(offered('shorten-message', one)?.tokens).toBe(3200);
	});

	it('is offered a larger window, with its verdict here', () => {
		const offer = offered('larger-window', question({ contextWindow: 1024 }), answerer);
		expect(offer).toMatchObject({ contextWindow: 1280, judged: { verdict: { kind: 'fits' } } });
		const small = { ...answerer, situation: situation(300 * MiB) };
		expect(
			offered('larger-window', question({ contextWindow: 1024 }), small)?.judged.verdict.kind
		).toBe('blocked');
	});

	it('is offered the first window that holds it, to the last token', () => {
		const asked = (answerLimit: number) =>
			offered('larger-window', question({ contextWindow: 1024, answerLimit }), answerer)
				?.contextWindow;
		expect([asked(230), asked(231)]).toEqual([1280, 1536]);
	});

	it('is not offered a window where the GPU cannot load the model at all', () => {
		const without = {
			...answerer,
			situation: situation(8 * GiB, { reading: ready({ features: [] }) })
		};
		expect(offered('larger-window', question({ contextWindow: 1024 }), without)).toBeUndefined();
	});

	it('is not offered a window beyond the model', () => {
		const huge = question({ turns: [turn('a', 40_000)], contextWindow: 1024 });
		expect(offered('larger-window', huge, answerer)).toBeUndefined();
	});

	it('fits once any one offer is taken', () => {
		const anyTurns = fc
			.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 12 })
			.map((sizes) => sizes.map((size, i) => turn(`t${i}`, size)));
		fc.assert(
			fc.property(
				anyTurns,
				fc.option(fc.integer({ min: 1, max: 4000 })),
				fc.integer({ min: 256, max: 16_384 }),
				(turns, answerLimit, contextWindow) => {
					const asked = question({ turns, answerLimit, contextWindow });
					const judged = checkRequest(asked, answerer);
					fc.pre(judged.kind !== 'fits');
					expect(judged.offers.length).toBeGreaterThan(0);
					for (const offer of judged.offers)
						expect(checkRequest(taking(offer, asked)).kind).toBe('fits');
				}
			)
		);
	});
});

function taking(offer: RequestOffer, asked: RequestQuestion): RequestQuestion {
	switch (offer.kind) {
		case 'larger-window':
			return { ...asked, contextWindow: offer.contextWindow };
		case 'shorter-answer':
			return { ...asked, answerLimit: offer.answerTokens };
		case 'leave-out':
			return { ...asked, turns: asked.turns.filter(({ id }) => !offer.turnIds.includes(id)) };
		case 'shorten-message': {
			const last = asked.turns.at(-1);
			if (!last) return asked;
			const shorter = { ...last, tokens: Math.max(1, (last.tokens ?? 0) - offer.tokens) };
			return { ...asked, turns: [...asked.turns.slice(0, -1), shorter] };
		}
	}
}
