import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyConversation, anyStep, apply, type Step } from './conversations.fixture.ts';
import {
	append,
	appendAnswer,
	children,
	create,
	editAndBranch,
	find,
	leaveOut,
	MAX_TITLE_CHARS,
	parentOf,
	path,
	removeTurn,
	rename,
	replaceText,
	restoreTurn,
	siblings,
	switchTo,
	titleOf,
	type Conversation
} from './conversation.ts';
import { merge } from './merge.ts';
import { instruct } from './own-settings.ts';
import { inOrder, treeOf } from './tree.ts';

const texts = (conversation: Conversation) => path(conversation).map(({ text }) => text);

/** Two turns: q1 a1 q2 a2. */
function twoTurns(): Conversation {
	let conversation = create({ id: 'c' }, 0);
	for (const id of ['q1', 'a1', 'q2', 'a2']) {
		const role = id.startsWith('q') ? 'user' : 'assistant';
		conversation = append(conversation, { id, role, text: id }, 0);
	}
	return conversation;
}

describe('branches', () => {
	test('a message follows what is shown', () => {
		expect(texts(twoTurns())).toEqual(['q1', 'a1', 'q2', 'a2']);
	});

	test('regenerating adds a sibling answer and shows it', () => {
		const again = append(twoTurns(), { role: 'assistant', text: 'a2b', parent: 'q2' });
		expect(texts(again)).toEqual(['q1', 'a1', 'q2', 'a2b']);
		expect(siblings(again, 'a2').map(({ text }) => text)).toEqual(['a2', 'a2b']);
	});

	test('editing the first question begins a second line', () => {
		const edited = editAndBranch(twoTurns(), 'q1', 'other');
		expect(texts(edited)).toEqual(['other']);
		expect(siblings(edited, 'q1')).toHaveLength(2);
		expect(texts(switchTo(edited, 'q1'))).toEqual(['q1', 'a1', 'q2', 'a2']);
	});

	test('an edited answer does not claim to be the model’s', () => {
		const answered = append(create(), {
			id: 'a',
			role: 'assistant',
			text: 'x',
			answer: {
				engineId: 'v',
				label: 'f',
				quantization: 'q4f16_1',
				finish: 'stop',
				promptTokens: 1,
				completionTokens: 1,
				prefillTokensPerSecond: null,
				decodeTokensPerSecond: null,
				timeToFirstTokenMs: null
			}
		});
		expect(path(editAndBranch(answered, 'a', 'y')).at(-1)).not.toHaveProperty('answer');
	});

	test('an older branch that was on show is shown again on return', () => {
		const again = append(twoTurns(), { role: 'assistant', text: 'a2b', parent: 'q2' });
		const older = switchTo(again, 'a2');
		const edited = editAndBranch(older, 'q1', 'other');
		expect(texts(switchTo(edited, 'q1'))).toEqual(['q1', 'a1', 'q2', 'a2']);
	});

	test('switching to a message in the middle of what is shown changes nothing shown', () => {
		expect(texts(switchTo(twoTurns(), 'q2'))).toEqual(['q1', 'a1', 'q2', 'a2']);
	});

	test('one whose end is not there is empty', () => {
		expect(path({ ...twoTurns(), leaf: 'gone' })).toEqual([]);
	});

	test('removed messages that name each other as parents end where they began', () => {
		const circle = [
			{ id: 'x', parent: 'y', at: 1 },
			{ id: 'y', parent: 'x', at: 1 }
		];
		const [first, ...rest] = twoTurns().messages;
		const messages = [{ ...first!, parent: 'x' }, ...rest];
		expect(parentOf({ ...twoTurns(), messages, removed: circle }, 'q1')).toBeNull();
	});

	test('are looked up once for a conversation', () => {
		const conversation = twoTurns();
		expect(treeOf(conversation)).toBe(treeOf(conversation));
	});

	test('an unknown message changes nothing', () => {
		const conversation = twoTurns();
		expect(switchTo(conversation, 'none')).toBe(conversation);
		expect(editAndBranch(conversation, 'none', 'x')).toBe(conversation);
		expect(removeTurn(conversation, 'none')).toBe(conversation);
		expect(siblings(conversation, 'none')).toEqual([]);
	});
});

describe('removing a turn', () => {
	test('takes the question with all its answers, and joins what followed to what came before', () => {
		const again = append(twoTurns(), { role: 'assistant', text: 'a1b', parent: 'q1' });
		const removed = removeTurn(switchTo(again, 'a2'), 'a1');
		expect(texts(removed)).toEqual(['q2', 'a2']);
		expect(removed.messages.map(({ id }) => id)).toEqual(['q2', 'a2']);
		expect(parentOf(removed, 'q2')).toBeNull();
	});

	test('of the last one shows the one before', () => {
		expect(texts(removeTurn(twoTurns(), 'a2'))).toEqual(['q1', 'a1']);
	});

	test('shows what is left of the branch on show, not the newest one beside it', () => {
		const again = append(twoTurns(), { id: 'a1b', role: 'assistant', text: 'a1b', parent: 'q1' });
		expect(texts(removeTurn(switchTo(again, 'a2'), 'q2'))).toEqual(['q1', 'a1']);
	});

	test('that is not removed is nothing to bring back', () => {
		const conversation = twoTurns();
		expect(restoreTurn(conversation, conversation)).toBe(conversation);
	});

	test('of the only one leaves an empty conversation', () => {
		const one = append(create(), { id: 'q', role: 'user', text: 'q' });
		expect(removeTurn(one, 'q')).toMatchObject({ messages: [], leaf: null });
	});

	test('can be undone, with what was written since', () => {
		const before = twoTurns();
		const removed = append(removeTurn(before, 'q1'), { role: 'user', text: 'q3' });
		const restored = restoreTurn(removed, before);
		expect(texts(restored)).toEqual(['q1', 'a1', 'q2', 'a2', 'q3']);
		expect(restored.removed).toEqual([]);
	});
});

describe('laws', () => {
	test('whatever is edited, regenerated or switched, every message can be shown', () => {
		fc.assert(
			fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
				let conversation = create();
				const seen = new Set<string>();
				for (const step of steps) {
					conversation = apply(conversation, step);
					for (const { id } of conversation.messages) seen.add(id);
				}
				expect(conversation.messages).toHaveLength(seen.size);
				for (const id of seen) {
					expect(path(switchTo(conversation, id)).map((each) => each.id)).toContain(id);
				}
			})
		);
	});

	test('the path runs from a beginning to an end, each message below the one before', () => {
		fc.assert(
			fc.property(anyConversation, (conversation) => {
				const line = path(conversation);
				line.forEach(({ id }, index) => {
					expect(parentOf(conversation, id)).toBe(line[index - 1]?.id ?? null);
				});
				expect(line.at(-1)?.id ?? null).toBe(conversation.leaf);
				expect(conversation.leaf === null).toBe(conversation.messages.length === 0);
				if (conversation.leaf) expect(children(conversation, conversation.leaf)).toEqual([]);
			})
		);
	});

	test('switching to any message and back shows the same again', () => {
		fc.assert(
			fc.property(anyConversation, fc.nat(), (conversation, pick) => {
				const target = conversation.messages[pick % conversation.messages.length];
				fc.pre(target !== undefined);
				const there = switchTo(conversation, target.id);
				const shown = new Set(path(there).map(({ id }) => id));
				const left = path(conversation).find(({ id }) => !shown.has(id));
				const back = left ? switchTo(there, left.id) : there;
				expect(path(back)).toEqual(path(conversation));
			})
		);
	});

	test('removing a turn loses only that turn, and undo gives it back', () => {
		fc.assert(
			fc.property(anyConversation, fc.nat(), (conversation, pick) => {
				const target = conversation.messages[pick % conversation.messages.length];
				fc.pre(target !== undefined);
				const removed = removeTurn(conversation, target.id);
				const gone = conversation.messages.filter(({ id }) => !find(removed, id));
				expect(gone).toContainEqual(target);
				expect(gone.filter(({ role }) => role === 'user').length).toBeLessThanOrEqual(1);
				for (const { id } of removed.messages) {
					expect(path(switchTo(removed, id)).map((each) => each.id)).toContain(id);
				}
				const restored = restoreTurn(removed, conversation);
				expect(path(restored).map(({ id }) => id)).toEqual(path(conversation).map(({ id }) => id));
				expect(restored.messages).toHaveLength(conversation.messages.length);
			})
		);
	});

	test('no step changes the conversation it was given', () => {
		fc.assert(
			fc.property(anyConversation, anyStep, (conversation, step: Step) => {
				const before = structuredClone(conversation);
				apply(conversation, step);
				expect(conversation).toEqual(before);
			})
		);
	});
});

test('replacing a text keeps the message where it is', () => {
	const replaced = replaceText(twoTurns(), 'a1', 'longer', { thinking: 'hm' });
	expect(texts(replaced)).toEqual(['q1', 'longer', 'q2', 'a2']);
	expect(find(replaced, 'a1')).toMatchObject({ thinking: 'hm', parent: 'q1' });
});

test('times grow although the clock stands still', () => {
	const times = twoTurns().messages.map(({ createdAt }) => createdAt);
	expect(times).toEqual([1, 2, 3, 4]);
});

test('leaving out marks what is named, and taking it back leaves no mark', () => {
	const before = twoTurns();
	const out = leaveOut(before, ['q1', 'a1']);
	expect(out.messages.map(({ leftOut }) => leftOut)).toEqual([true, true, undefined, undefined]);
	expect(find(out, 'q2')).toBe(find(before, 'q2'));
	expect(find(leaveOut(out, ['a1', 'q2']), 'a1')).toBe(find(out, 'a1'));
	const back = leaveOut(out, ['a1', 'a2'], false);
	expect(find(back, 'a1')).not.toHaveProperty('leftOut');
	expect(find(back, 'a2')).toBe(find(before, 'a2'));
});

test('messages of one millisecond stand in the order of their ids in every tab', () => {
	const [first, second] = twoTurns().messages.map((each) => ({ ...each, createdAt: 5 }));
	expect(inOrder([first!, second!]).map(({ id }) => id)).toEqual(['a1', 'q1']);
	expect(inOrder([second!, first!]).map(({ id }) => id)).toEqual(['a1', 'q1']);
});

test('the first question names the conversation, and only the first', () => {
	expect(twoTurns().title).toBe('q1');
	expect(append(rename(create(), 'Mine'), { role: 'user', text: 'q' }).title).toBe('Mine');
});

test('an empty name is not taken', () => {
	expect(rename(twoTurns(), '  ').title).toBe('q1');
});

test('own instructions are not a preset any more', () => {
	const preset = instruct(create(), 'Rhyme.', 'poet');
	expect(preset).toMatchObject({ system: 'Rhyme.', presetId: 'poet' });
	expect(instruct(preset, 'Rhyme!')).not.toHaveProperty('presetId');
});

describe('a title', () => {
	test.each([
		['plain', 'plain'],
		['\n\n## What is *this*?\nmore', 'What is this?'],
		['```\ncode()\n```', 'code()'],
		['> quoted', 'quoted'],
		['', ''],
		['???', '']
	])('of %j is %j', (text, title) => {
		expect(titleOf(text)).toBe(title);
	});

	const x = (count: number) => 'x'.repeat(count);

	test.each([
		['60 characters, whole', x(60), x(60)],
		['59 of more', x(61), `${x(59)}…`],
		['whole words', `${x(31)} ${x(40)}`, `${x(31)}…`],
		[
			'a part of a word where half the title would be lost',
			`${x(30)} ${x(40)}`,
			`${x(30)} ${x(28)}…`
		],
		['what the first 4,000 characters say', `${'\n'.repeat(3999)}xy`, 'x']
	])('has %s', (_, text, title) => {
		expect(titleOf(text)).toBe(title);
	});

	test('ends between words, and never within a character', () => {
		const long = titleOf('wonderful '.repeat(20));
		expect(long).toMatch(/wonderful…$/);
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme' }), (text) => {
				const title = titleOf(text.repeat(30));
				expect([...title].length).toBeLessThanOrEqual(MAX_TITLE_CHARS);
				expect(title.isWellFormed()).toBe(true);
			})
		);
	});
});

describe('an answer to a question', () => {
	const ask = (conversation: Conversation, text: string) =>
		append(conversation, { role: 'user', text });
	const shown = (conversation: Conversation) => path(conversation).map(({ text }) => text);

	test('goes above the questions that were asked meanwhile', () => {
		const first = ask(create(), 'a');
		const asked = ask(ask(first, 'b'), 'c');
		const answered = appendAnswer(asked, first.leaf, { text: 'A' });
		expect(shown(answered)).toEqual(['a', 'A', 'b', 'c']);
		// Also where another tab has not heard of it.
		expect(shown(merge(answered, asked))).toEqual(['a', 'A', 'b', 'c']);
		expect(shown(merge(asked, answered))).toEqual(['a', 'A', 'b', 'c']);
	});

	test('is shown in place of an earlier one, unless a question was asked below that', () => {
		const one = ask(create(), 'a');
		const before = appendAnswer(one, one.leaf, { text: 'A' });
		expect(shown(appendAnswer(before, one.leaf, { text: 'A2' }))).toEqual(['a', 'A2']);
		const asked = ask(before, 'b');
		const both = appendAnswer(asked, one.leaf, { text: 'A2' });
		expect(shown(both)).toEqual(['a', 'A', 'b']);
		expect(siblings(both, before.leaf!).map(({ text }) => text)).toEqual(['A', 'A2']);
	});

	test('leaves another branch on screen that does not lead to it', () => {
		const one = ask(create(), 'a');
		const edited = editAndBranch(one, one.leaf!, 'b');
		expect(shown(appendAnswer(edited, one.leaf, { text: 'A' }))).toEqual(['b']);
		const answered = appendAnswer(edited, edited.leaf, { text: 'B' });
		expect(shown(appendAnswer(answered, one.leaf, { text: 'A' }))).toEqual(['b', 'B']);
	});

	test('that is not there is shown as a beginning', () => {
		expect(shown(appendAnswer(create(), null, { text: 'A' }))).toEqual(['A']);
	});
});
