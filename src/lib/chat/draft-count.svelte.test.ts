import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ChatConfig } from '#plan/models/config.ts';
import { defaultSampling } from '../engine/sampling.ts';
import { append, create, type AnswerInfo } from './conversation.ts';
import { DraftCount } from './draft-count.svelte.ts';
import { says, sessionWith, texts } from './session.fixture.ts';

const config = {
	tokenizerFiles: ['tokenizer.json'],
	contextWindowSize: 1024,
	slidingWindowSize: null,
	imageTokens: 100,
	replyHeader: '<a>',
	template: {
		system_template: '<s>{system_message}',
		system_message: '',
		render_empty_system_message: false,
		system_prefix_token_ids: [1],
		roles: { user: '<u>', assistant: '<a>' },
		role_content_sep: '',
		role_empty_sep: '',
		seps: ['<e>'],
		stop_str: [],
		stop_token_ids: []
	}
} as unknown as ChatConfig;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A tokenizer of one token per letter, which answers when it is told to. */
function counting(
	rig: ReturnType<typeof sessionWith>,
	readable = true,
	sampling = defaultSampling
) {
	const asked: (readonly string[])[] = [];
	const waiting: (() => void)[] = [];
	const draft = new DraftCount({
		session: rig.session,
		answering: () => rig.answering,
		sampling: () => sampling,
		count: (pieces) => {
			asked.push(pieces);
			return new Promise((resolve) =>
				waiting.push(() => resolve(readable ? pieces.map(({ length }) => length) : null))
			);
		}
	});
	const answer = async () => {
		waiting.shift()?.();
		await vi.advanceTimersByTimeAsync(0);
	};
	const typed = async (text: string) => {
		rig.session.draft = text;
		draft.changed();
		await vi.advanceTimersByTimeAsync(200);
	};
	return { draft, asked, answer, typed };
}

test('the draft is counted with the conversation, the template and its own tokens', async () => {
	const rig = sessionWith([says('ok')], 1024, { config });
	await rig.session.send('hi', []);
	const { draft, asked, answer, typed } = counting(rig);
	await typed('more');
	expect(texts(rig.session)).toEqual(['hi', 'ok']);
	expect(asked).toEqual([['<u>hi<e>', '<a>ok<e>', '<u>more<e>', '<a>']]);
	await answer();
	const letters = '<u>hi<e><a>ok<e><u>more<e><a>'.length;
	expect(draft.figures).toMatchObject({ promptTokens: letters + 1, counted: true });
});
test('a template without tokens in front of all adds none', async () => {
	const bare = { ...config, template: { ...config.template!, system_prefix_token_ids: null } };
	const { draft, answer, typed } = counting(sessionWith([], 1024, { config: bare }));
	await typed('more');
	await answer();
	expect(draft.figures?.promptTokens).toBe('<u>more<e><a>'.length);
});
test('nothing is counted for each key while someone types, and an old count does not replace a new one', async () => {
	const { draft, asked, answer, typed } = counting(sessionWith([], 1024, { config }));
	draft.changed();
	await typed('a');
	draft.changed();
	await typed('abc');
	expect(asked.map((pieces) => pieces[0])).toEqual(['<u>a<e>', '<u>abc<e>']);
	await answer();
	expect(draft.figures).toBeNull();
	await answer();
	expect(draft.figures?.promptTokens).toBe('<u>abc<e><a>'.length + 1);
	await typed('');
	expect(draft.figures).toBeNull();
});
test('without a tokenizer on disk the count is a guess and marked as one', async () => {
	const { draft, answer, typed } = counting(sessionWith([], 1024, { config }), false);
	await typed('four words of text');
	await answer();
	expect(draft.figures?.counted).toBe(false);
	expect(draft.figures?.promptTokens).toBeGreaterThan(5);
	expect(draft.figures?.promptTokens).toBeLessThan(30);
});
test('seconds follow from the speeds measured here and the length of the latest answers', async () => {
	const rig = sessionWith([says('ok', { completionTokens: 40 })], 1024, { config });
	await rig.session.send('hi', []);
	rig.answering.speeds = { prefillTokensPerSecond: 10, decodeTokensPerSecond: 4 };
	const { draft, answer, typed } = counting(rig);
	await typed('more');
	await answer();
	const { promptTokens = 0, prediction, firstTokenSeconds } = draft.figures ?? {};
	expect(firstTokenSeconds).toBeCloseTo(promptTokens / 10);
	expect(prediction?.answerTokens).toBe(40);
	expect(prediction?.seconds).toBeCloseTo(promptTokens / 10 + 40 / 4);
});
const answerInfo = (change: Partial<AnswerInfo> = {}): AnswerInfo => ({
	engineId: 'e',
	label: 'pocket',
	finish: 'stop',
	promptTokens: null,
	completionTokens: 10,
	prefillTokensPerSecond: null,
	decodeTokensPerSecond: null,
	timeToFirstTokenMs: null,
	...change
});
/** How long the next answer is expected to be below such answers. */
async function expectedBelow(answers: AnswerInfo[], maxTokens: number | null = null) {
	const rig = sessionWith([], 1024, { config });
	rig.session.open(
		answers.reduce(
			(all, answer) => append(all, { role: 'assistant', text: 'x', answer }),
			append(create(), { role: 'user', text: 'q' })
		)
	);
	const { draft, answer, typed } = counting(rig, true, { ...defaultSampling, maxTokens });
	await typed('more');
	await answer();
	return draft.figures?.prediction.answerTokens;
}

test('an answer of 250 tokens is expected where none tells more, and no more than may be written', async () => {
	expect(await expectedBelow([])).toBe(250);
	expect(await expectedBelow([], 100)).toBe(100);
	expect(await expectedBelow([answerInfo({ completionTokens: 0 })])).toBe(250);
	expect(await expectedBelow([answerInfo({ completionTokens: 1 })])).toBe(1);
});
test('the mean of the latest eight answers of this model that ended by themselves is expected', async () => {
	const lengths = (...tokens: number[]) =>
		tokens.map((completionTokens) => answerInfo({ completionTokens }));
	expect(await expectedBelow(lengths(10, 21))).toBe(16);
	const others = [
		answerInfo({ completionTokens: 9000, finish: 'length' }),
		answerInfo({ completionTokens: 9000, label: 'another' }),
		answerInfo({ completionTokens: null })
	];
	const eight = lengths(10, 20, 30, 40, 50, 60, 70, 80);
	expect(await expectedBelow([...eight, ...others])).toBe(45);
	expect(await expectedBelow([...lengths(9000), ...eight, ...others])).toBe(45);
});
test('an image alone is a message; it takes tokens of a model that sees it', async () => {
	const rig = sessionWith([], 1024, { config });
	const { draft, answer, typed } = counting(rig);
	rig.session.draftImages = [{ url: 'data:image/png;base64,AA==', width: 8, height: 8 }];
	const letters = '<u><e><a>'.length + 1;
	await typed('');
	await answer();
	expect(draft.figures?.promptTokens).toBe(letters);
	rig.answering.vision = true;
	await typed('');
	await answer();
	expect(draft.figures?.promptTokens).toBe(letters + config.imageTokens!);
});
test('a window is exceeded by what is beyond it, a sliding one or an unknown one by nothing', async () => {
	const over = async (change: Partial<ChatConfig>, window: number | null) => {
		const rig = sessionWith([], 1024, { config: { ...config, ...change } });
		rig.answering.contextWindow = window;
		const { draft, answer, typed } = counting(rig);
		await typed('more');
		await answer();
		return draft.figures?.prediction.overTokens;
	};
	const wanted = '<u>more<e><a>'.length + 1 + 250;
	expect(await over({}, 200)).toBe(wanted - 200);
	expect(await over({ slidingWindowSize: 512 }, 200)).toBe(wanted - 200);
	expect(await over({ slidingWindowSize: 512, contextWindowSize: null }, 200)).toBe(0);
	expect(await over({}, null)).toBe(0);
});
test('a tokenizer that the engine does not read is not asked', async () => {
	const other = { ...config, tokenizerFiles: ['tokenizer.model'] };
	const { draft, asked, typed } = counting(sessionWith([], 1024, { config: other }));
	await typed('more');
	expect([draft.figures?.counted, asked]).toEqual([false, []]);
});
test('a model that is told not to think is given an empty thought, and that is counted', async () => {
	const off = { ...defaultSampling, thinking: false };
	const { asked, typed } = counting(sessionWith([], 1024, { config }), true, off);
	await typed('more');
	expect(asked[0]?.at(-1)).toBe('<a><think>\n\n</think>\n\n');
});
test('a message is counted when nobody has typed for 150 ms, and not once it is left', async () => {
	const rig = sessionWith([], 1024, { config });
	const { draft, asked, answer } = counting(rig);
	rig.session.draft = 'more';
	draft.changed();
	await vi.advanceTimersByTimeAsync(149);
	expect(asked).toHaveLength(0);
	await vi.advanceTimersByTimeAsync(1);
	expect(asked).toHaveLength(1);
	draft.stop();
	await answer();
	expect(draft.figures).toBeNull();
	draft.changed();
	draft.stop();
	await vi.advanceTimersByTimeAsync(1_000);
	expect(asked).toHaveLength(1);
});
