import { expect, test } from 'vitest';
import { FakeTabs } from '../runner/tabs.fixture.ts';
import { InUse, modelsInUse, whileUnused } from './in-use.ts';

const never = new AbortController().signal;
const A = 'https://hub.test/a/';
const B = 'https://hub.test/b/';

function tabs() {
	const fake = new FakeTabs();
	const open = () => {
		const { locks, close } = fake.tab();
		return { inUse: new InUse(locks), locks, close };
	};
	return { fake, open };
}

test('a model is in use until every tab that holds it has given it up', async () => {
	const { open } = tabs();
	const [one, other] = [open(), open()];
	const inUse = async () => [...(await modelsInUse(one.locks))];
	expect(await inUse()).toEqual([]);
	await one.inUse.hold(A, never);
	await one.inUse.hold(A, never);
	await other.inUse.hold(A, never);
	one.inUse.keepOnly([]);
	expect(await inUse()).toEqual([A]);
	other.close();
	await expect.poll(inUse).toEqual([]);
});

test('giving up all but some keeps those', async () => {
	const { open } = tabs();
	const { inUse, locks } = open();
	await inUse.hold(A, never);
	await inUse.hold(B, never);
	inUse.keepOnly([B]);
	await expect.poll(async () => [...(await modelsInUse(locks))]).toEqual([B]);
});

test('files in use are not deleted, in this tab or another one', async () => {
	const { open } = tabs();
	const [one, other] = [open(), open()];
	await one.inUse.hold(A, never);
	let deleted = 0;
	const remove = () => Promise.resolve(++deleted);
	for (const { locks } of [one, other])
		await expect(whileUnused([B, A], remove, locks)).rejects.toMatchObject({ kind: 'in-use' });
	expect(deleted).toBe(0);
	one.inUse.keepOnly([]);
	await expect.poll(() => whileUnused([B, A], remove, other.locks).catch(() => 0)).toBe(1);
});

test('a load waits for a deletion under way, and its wait can be cancelled', async () => {
	const { open } = tabs();
	const [one, other] = [open(), open()];
	let finish = () => {};
	const deletion = whileUnused(
		[A],
		() => new Promise<void>((resolve) => (finish = resolve)),
		other.locks
	);
	const cancel = new AbortController();
	const cancelled = one.inUse.hold(A, cancel.signal);
	let held = false;
	const holding = one.inUse.hold(A, never).then(() => (held = true));
	await new Promise((resolve) => setTimeout(resolve, 5));
	cancel.abort();
	await expect(cancelled).rejects.toThrow();
	expect(held).toBe(false);
	finish();
	await Promise.all([deletion, holding]);
	expect(held).toBe(true);
});

test('where there are no locks nothing is held and nothing refused', async () => {
	const inUse = new InUse(null);
	await inUse.hold(A, never);
	inUse.keepOnly([]);
	expect(await whileUnused([A], () => Promise.resolve(7), null)).toBe(7);
});
