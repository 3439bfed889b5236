import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
	anyChange,
	anyStep,
	anyUsedConversation,
	apply,
	type Step
} from './conversations.fixture.ts';
import {
	append,
	create,
	find,
	parentOf,
	path,
	pin,
	removeTurn,
	rename,
	replaceText,
	restoreTurn,
	switchTo,
	tune,
	type Conversation
} from './conversation.ts';
import { merge } from './merge.ts';
import { instruct } from './own-settings.ts';

const run = (conversation: Conversation, steps: Step[], clock: number) =>
	steps.reduce((each, step, index) => apply(each, step, clock + index), conversation);
function start(): Conversation {
	const asked = append(create({}, 0), { id: 'q', role: 'user', text: 'q' }, 0);
	return append(asked, { id: 'a', role: 'assistant', text: 'a' }, 0);
}

test('two tabs lose nothing that neither removed', () => {
	fc.assert(
		fc.property(
			anyUsedConversation,
			fc.array(anyStep, { maxLength: 10 }),
			fc.array(anyStep, { maxLength: 10 }),
			(base, mine, theirs) => {
				const ours = run(base, mine, 1000);
				const other = run(base, theirs, 1005);
				const merged = merge(other, ours);
				for (const { id } of [...ours.messages, ...other.messages]) {
					expect(path(switchTo(merged, id)).map((each) => each.id)).toContain(id);
				}
			}
		)
	);
});

test('what comes out is a sound conversation, also after removals on both sides', () => {
	fc.assert(
		fc.property(
			anyUsedConversation,
			fc.array(anyChange, { maxLength: 10 }),
			fc.array(anyChange, { maxLength: 10 }),
			(base, mine, theirs) => {
				const merged = merge(run(base, theirs, 1005), run(base, mine, 1000));
				const line = path(merged);
				line.forEach(({ id }, index) => {
					expect(parentOf(merged, id)).toBe(line[index - 1]?.id ?? null);
				});
				expect(merged.leaf === null).toBe(merged.messages.length === 0);
				const ids = merged.messages.map(({ id }) => id);
				expect(new Set(ids).size).toBe(ids.length);
				for (const { id } of merged.removed) expect(ids).not.toContain(id);
			}
		)
	);
});

test('it does not matter who comes first', () => {
	fc.assert(
		fc.property(
			anyUsedConversation,
			fc.array(anyChange, { maxLength: 10 }),
			fc.array(anyChange, { maxLength: 10 }),
			(base, mine, theirs) => {
				const a = run(base, mine, 1000);
				const b = run(base, theirs, 1005);
				expect(merge(a, b)).toEqual(merge(b, a));
			}
		)
	);
});

test('merging with an unchanged copy changes nothing', () => {
	fc.assert(
		fc.property(anyUsedConversation, (conversation) => {
			expect(merge(conversation, conversation)).toEqual(conversation);
		})
	);
});

test('a stale copy does not shorten an answer that grew', () => {
	const base = start();
	const grown = replaceText(base, 'a', 'a longer answer');
	expect(find(merge(grown, rename(base, 'New')), 'a')?.text).toBe('a longer answer');
});

test('each tab’s own settings stay when they are different ones', () => {
	const base = start();
	const merged = merge(rename(base, 'Theirs'), tune(base, { temperature: 0 }));
	expect(merged).toMatchObject({ title: 'Theirs', sampling: { temperature: 0 } });
});

test('of two values of one setting the later stays', () => {
	const base = start();
	const [early, late] = [rename(base, 'Early', 10), rename(base, 'Late', 20)];
	expect(merge(late, early).title).toBe('Late');
	expect(merge(early, late).title).toBe('Late');
});

test('a setting changed back and forth ends as it was set last', () => {
	const base = start();
	const pinned = pin(base, true, 10);
	expect(merge(pinned, pin(pinned, false, 20)).pinned).toBe(false);
	expect(merge(pin(base, false, 5), pinned).pinned).toBe(true);
});

test('a turn that one tab removed and brought back stays', () => {
	const base = start();
	const removed = removeTurn(base, 'q');
	expect(merge(restoreTurn(removed, base), removed).messages).toHaveLength(2);
});

test('a reply to a removed turn joins what came before it', () => {
	const base = append(start(), { id: 'q2', role: 'user', text: 'q2' });
	const removed = removeTurn(base, 'q2');
	const replied = append(base, { role: 'assistant', text: 'a2' });
	expect(path(merge(removed, replied)).map(({ text }) => text)).toEqual(['q', 'a', 'a2']);
});

test('of settings that say no time those of the copy that changed later stay', () => {
	const base = start();
	const [old, young] = [
		{ ...base, title: 'Old', setAt: {} },
		{ ...base, title: 'Young', setAt: {}, updatedAt: base.updatedAt + 1 }
	];
	expect([merge(old, young).title, merge(young, old).title]).toEqual(['Young', 'Young']);
});

test('of what was set in the same millisecond all tabs keep the same', () => {
	const base = start();
	const at = base.updatedAt + 10;
	const named = ['A', 'B'].map((title) => rename(base, title, at));
	expect(named.map(({ updatedAt }) => updatedAt)).toEqual([at, at]);
	expect(merge(named[0]!, named[1]!).title).toBe(merge(named[1]!, named[0]!).title);
	const told = ['x', 'y'].map((text) => replaceText(base, 'a', text, {}, at));
	expect(find(merge(told[0]!, told[1]!), 'a')).toEqual(find(merge(told[1]!, told[0]!), 'a'));
});

test('of a removal and a change in the same millisecond the removal stays', () => {
	const base = start();
	const at = base.updatedAt + 10;
	const [removed, changed] = [removeTurn(base, 'q', at), replaceText(base, 'a', 'longer', {}, at)];
	expect(merge(removed, changed).messages).toEqual([]);
	expect(merge(changed, removed).messages).toEqual([]);
});

test('of two removals the later one counts', () => {
	const base = start();
	const [early, late] = [removeTurn(base, 'q', 1000), removeTurn(base, 'q', 2000)];
	for (const merged of [merge(early, late), merge(late, early)])
		expect(merged.removed.map(({ at }) => at)).toEqual([2000, 2000]);
});

test('a preset stays with the instructions it gave', () => {
	const base = start();
	const instructed = instruct(base, 'Rhyme.', 'poet');
	expect(merge(base, instructed)).toMatchObject({ system: 'Rhyme.', presetId: 'poet' });
	expect(merge(instructed, instruct(instructed, 'Rhyme!'))).not.toHaveProperty('presetId');
});

test('a time of zero, as an imported file may say it, stays one', () => {
	const base = { ...start(), setAt: { title: 0 } };
	expect(merge({ ...base, setAt: {} }, base).setAt).toEqual({ title: 0 });
});
