import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

const { signal } = new AbortController();
const settled = () => new Promise((resolve) => setTimeout(resolve));

test('lets in as many as there are slots, and the next when one is given back', async () => {
	const slots = new Slots(2);
	const first = await slots.take(true, signal);
	await slots.take(true, signal);
	let third = false;
	void slots.take(true, signal).then(() => (third = true));
	await settled();
	expect(third).toBe(false);
	first();
	await settled();
	expect(third).toBe(true);
});

test('who waits for nothing urgent leaves one slot to who does', async () => {
	const slots = new Slots(3);
	const first = await slots.take(false, signal);
	await slots.take(false, signal);
	let third = false;
	void slots.take(false, signal).then(() => (third = true));
	await settled();
	expect(third).toBe(false);
	const urgent = await slots.take(true, signal);
	urgent();
	await settled();
	expect(third).toBe(false);
	first();
	await settled();
	expect(third).toBe(true);
});

test('lets the urgent go first', async () => {
	const slots = new Slots(1);
	const release = await slots.take(false, signal);
	const order: string[] = [];
	const enter = (name: string, urgent: boolean) =>
		slots.take(urgent, signal).then((leave) => {
			order.push(name);
			leave();
		});
	const all = [enter('a', false), enter('b', false), enter('c', true)];
	release();
	await Promise.all(all);
	expect(order).toEqual(['c', 'a', 'b']);
});

test('who gives up waiting takes no slot', async () => {
	const slots = new Slots(1);
	const release = await slots.take(false, signal);
	const controller = new AbortController();
	const waiting = slots.take(false, controller.signal);
	controller.abort();
	await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
	release();
	await slots.take(false, signal);
});

test('a slot given back twice is free once', async () => {
	const slots = new Slots(1);
	const release = await slots.take(false, signal);
	release();
	release();
	await slots.take(false, signal);
	let second = false;
	void slots.take(false, signal).then(() => (second = true));
	await settled();
	expect(second).toBe(false);
});
