import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ChatConfig } from '#plan/models/config.ts';
import { defaultSampling } from '../engine/sampling.ts';
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
function counting(rig: ReturnType<typeof sessionWith>, readable = true) {
	const asked: (readonly string[])[] = [];
	const waiting: (() => void)[] = [];
	const draft = new DraftCount({
		session: rig.session,
		answering: () => rig.answering,
		sampling: () => defaultSampling,
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
