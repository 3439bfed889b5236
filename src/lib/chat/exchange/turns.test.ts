import { describe, expect, test } from 'vitest';
import { MAX_ASIDES } from '../record.ts';
import { draftOf, inLine, threaded, type Turn } from './turns.ts';

const turn = (id: string, parent: string | null, role: string, more: Partial<Turn> = {}): Turn => ({
	id,
	parent,
	role,
	text: `text ${id}`,
	...more
});
const aside = (title: string) => ({ kind: 'tool' as const, title, text: '' });
const shape = (turns: readonly Turn[]) =>
	threaded(turns).messages.map(({ id, parent, role }) => [id, parent, role]);

test('entries without a time follow the one before, from the conversation’s own time on', () => {
	const turns = [
		turn('a', null, 'user'),
		turn('b', 'a', 'assistant'),
		turn('c', 'b', 'user', { createdAt: 90 }),
		turn('d', 'c', 'assistant')
	];
	expect(threaded(turns, 50).messages.map(({ createdAt }) => createdAt)).toEqual([50, 51, 90, 91]);
	expect(threaded(turns).messages[0]?.createdAt).toBe(0);
	const startOf = (chat: { createdAt?: number; updatedAt?: number }) =>
		draftOf({ turns: turns.slice(0, 1), ...chat }).record.messages;
	expect(startOf({ createdAt: 5, updatedAt: 9 })).toMatchObject([{ createdAt: 5 }]);
	expect(startOf({ updatedAt: 9 })).toMatchObject([{ createdAt: 9 }]);
	expect(startOf({})).toMatchObject([{ createdAt: 0 }]);
});

describe('what is folded', () => {
	test('joins the answer below it, in order, and what it skips leaves nothing', () => {
		const { messages, shownAs } = threaded([
			turn('q', null, 'user'),
			turn('t', 'q', 'fold', { thinking: 'one', asides: [aside('1')], images: [{ url: 'i1' }] }),
			turn('s', 't', 'skip'),
			turn('u', 's', 'fold', { thinking: '', asides: [aside('2')] }),
			turn('a', 'u', 'assistant', {
				thinking: 'two',
				asides: [aside('3')],
				images: [{ url: 'i2' }]
			})
		]);
		expect(messages.map(({ id }) => id)).toEqual(['q', 'a']);
		expect(messages[1]).toMatchObject({
			parent: 'q',
			thinking: 'one\n\ntwo',
			asides: [aside('1'), aside('2'), aside('3')],
			images: [{ url: 'i1' }, { url: 'i2' }]
		});
		expect(messages[0]).not.toHaveProperty('thinking');
		expect(messages[0]).not.toHaveProperty('asides');
		expect(messages[0]).not.toHaveProperty('images');
		expect([...shownAs]).toEqual([
			['q', 'q'],
			['t', 'q'],
			['s', 'q'],
			['u', 'q'],
			['a', 'a']
		]);
	});

	test('stays where it was part of the answer itself', () => {
		const asides = [aside('1')];
		const images = [{ url: 'i1' }];
		expect(threaded([turn('a', null, 'assistant', { asides, images })]).messages).toMatchObject([
			{ asides, images }
		]);
	});

	test('is an answer without words where a question follows, or nothing', () => {
		expect(
			shape([turn('q', null, 'user'), turn('t', 'q', 'fold'), turn('r', 't', 'user')])
		).toEqual([
			['q', null, 'user'],
			['t', 'q', 'assistant'],
			['r', 't', 'user']
		]);
		const { messages } = threaded([turn('q', null, 'user'), turn('t', 'q', 'fold')]);
		expect(messages[1]).toMatchObject({ id: 't', role: 'assistant', text: '' });
		expect(
			shape([turn('q', null, 'user'), turn('t', 'q', 'fold'), turn('s', 't', 'skip')])
		).toEqual([
			['q', null, 'user'],
			['t', 'q', 'assistant']
		]);
	});

	test('belongs to each of the answers below it', () => {
		const { messages } = threaded([
			turn('t', null, 'fold', { thinking: 'hm' }),
			turn('a', 't', 'assistant'),
			turn('b', 't', 'assistant')
		]);
		expect(messages.map(({ id, thinking }) => [id, thinking])).toEqual([
			['a', 'hm'],
			['b', 'hm']
		]);
	});

	test('is no more than a message may hold, and the rest is counted', () => {
		const many = (count: number) => Array.from({ length: count }, (_, index) => aside(`${index}`));
		const folded = (count: number) =>
			draftOf({ turns: [turn('a', null, 'assistant', { asides: many(count) })] });
		expect(folded(MAX_ASIDES)).toMatchObject({
			record: { messages: [{ asides: many(MAX_ASIDES) }] },
			left: []
		});
		expect(folded(MAX_ASIDES + 1)).toMatchObject({
			record: { messages: [{ asides: many(MAX_ASIDES) }] },
			left: [{ why: 'steps of an answer beyond the 200th', count: 1 }]
		});
	});
});

test('branches keep their order', () => {
	const turns = [
		turn('q', null, 'user'),
		turn('a', 'q', 'assistant'),
		turn('b', 'q', 'assistant'),
		turn('c', 'a', 'user')
	];
	expect(shape(turns)).toEqual([
		['q', null, 'user'],
		['a', 'q', 'assistant'],
		['c', 'a', 'user'],
		['b', 'q', 'assistant']
	]);
});

test('a circle is cut open at its first entry, once, and said', () => {
	const turns = [
		turn('a', 'c', 'user'),
		turn('b', 'a', 'assistant'),
		turn('c', 'b', 'user'),
		turn('z', null, 'user')
	];
	expect(shape(turns)).toEqual([
		['z', null, 'user'],
		['a', null, 'user'],
		['b', 'a', 'assistant'],
		['c', 'b', 'user']
	]);
	expect(draftOf({ turns }).left).toEqual([
		{ kind: 'part', why: 'messages that answered each other in a circle', count: 1 }
	]);
});

test('of several with one id the first keeps it, and is what the others name', () => {
	const turns = [
		turn('a', null, 'user'),
		turn('a', null, 'user'),
		turn('a', null, 'user'),
		turn('b', 'a', 'assistant')
	];
	expect(shape(turns)).toEqual([
		['a', null, 'user'],
		['b', 'a', 'assistant'],
		['a~2', null, 'user'],
		['a~3', null, 'user']
	]);
	expect(draftOf({ turns, leaf: 'a' }).record.leaf).toBe('a');
});

describe('a conversation', () => {
	const turns = [turn('q', null, 'user'), turn('s', 'q', 'skip'), turn('r', 'q', 'user')];

	test('ends where its program says, at what is shown of that, or else at the last entry', () => {
		expect(draftOf({ turns, leaf: 's' }).record.leaf).toBe('q');
		expect(draftOf({ turns, leaf: null }).record.leaf).toBe('r');
		expect(draftOf({ turns }).record.leaf).toBe('r');
		expect(draftOf({ turns, leaf: 'gone' }).record.leaf).toBeNull();
		expect(draftOf({ turns: [] }).record.leaf).toBeNull();
	});

	test('takes the first system prompt that says something, and counts the other ones', () => {
		const systemsOf = (...systems: unknown[]) => {
			const { record, left } = draftOf({ turns, systems });
			return [record.system, left.map(({ count }) => count)];
		};
		expect(systemsOf()).toEqual(['', []]);
		expect(systemsOf(undefined, 7, ' ', 'A', 'A')).toEqual(['A', []]);
		expect(systemsOf('A', 'B')).toEqual(['A', [1]]);
		expect(systemsOf('A', 'B', 'C', 'B')).toEqual(['A', [2]]);
	});
});

test('a list is a line, whatever it names', () => {
	expect(inLine([{ role: 'user' }, { role: 'assistant' }, { role: 'user' }], 'c')).toEqual([
		{ role: 'user', id: 'c-0', parent: null },
		{ role: 'assistant', id: 'c-1', parent: 'c-0' },
		{ role: 'user', id: 'c-2', parent: 'c-1' }
	]);
});
