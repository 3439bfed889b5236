import { createStore, get, set, type UseStore } from 'idb-keyval';
import { describe, expect, test } from 'vitest';
import { append, create } from '../conversation.ts';
import { drawAgain, inTransaction } from './records.ts';

const opened = (): UseStore => createStore(`records-${crypto.randomUUID()}`, 'records');
const question = (id: string) => append(create({ id }, 0), { role: 'user', text: 'Why?' }, 0);

describe('a transaction', () => {
	test('is on the disk when it is said to be over', async () => {
		const use = opened();
		const seen: string[] = [];
		const result = await inTransaction(use, (store) => {
			store.transaction.addEventListener('complete', () => seen.push('complete'));
			store.put(1, 'a');
			return Promise.resolve('result');
		});
		expect([result, seen, await get('a', use)]).toEqual(['result', ['complete'], 1]);
	});

	test('that throws has written nothing, and what was thrown is told', async () => {
		const use = opened();
		const thrown = new Error('In the middle.');
		const failing = inTransaction(use, (store) => {
			store.put(1, 'a');
			return Promise.reject(thrown);
		});
		await expect(failing).rejects.toBe(thrown);
		expect(await get('a', use)).toBeUndefined();
	});

	test('that had ended by itself tells what was thrown afterwards', async () => {
		const use = opened();
		const thrown = new Error('Too late.');
		const failing = inTransaction(use, async (store) => {
			store.put(1, 'a');
			// Nothing more is asked of it meanwhile.
			await new Promise((resolve) => store.transaction.addEventListener('complete', resolve));
			throw thrown;
		});
		await expect(failing).rejects.toBe(thrown);
		expect(await get('a', use)).toBe(1);
	});

	test('in which a request fails says why', async () => {
		const use = opened();
		const failing = inTransaction(use, (store) => {
			store.add(1, 'a');
			store.add(2, 'a');
			return Promise.resolve();
		});
		await expect(failing).rejects.toMatchObject({ name: 'ConstraintError' });
		expect(await get('a', use)).toBeUndefined();
	});
});

describe('a conversation without a summary or a text', () => {
	test('gets both, under the id of its record', async () => {
		const use = opened();
		const stored = question('y');
		await set(['conversation', 'x'], stored, use);
		expect(await drawAgain(use, 'x')).toEqual(stored);
		expect(await get(['summary', 'x'], use)).toMatchObject({ id: 'x', preview: 'Why?' });
		expect(await get(['text', 'x'], use)).toMatchObject({ id: 'x', text: 'why?' });
	});

	test('that is gone, or of a newer page, leaves all as it is', async () => {
		const use = opened();
		const newer = { version: 99, id: 'x', messages: [] };
		await set(['conversation', 'x'], newer, use);
		expect(await drawAgain(use, 'gone')).toBeNull();
		expect(await drawAgain(use, 'x')).toBeNull();
		expect(await get(['conversation', 'x'], use)).toEqual(newer);
		expect(await get(['summary', 'x'], use)).toBeUndefined();
	});

	test('that cannot be read leaves its place', async () => {
		const use = opened();
		await set(['conversation', 'x'], 'nonsense', use);
		expect(await drawAgain(use, 'x')).toBeNull();
		expect(await get(['conversation', 'x'], use)).toBeUndefined();
	});
});
