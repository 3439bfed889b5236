import { expect, test } from 'vitest';
import { gate } from '../../engine/engine.fixture.ts';
import { Kept } from './kept.ts';

function world({ keep = true } = {}) {
	const asked: string[] = [];
	const kept = new Kept<Set<string>>({
		read: () => {
			asked.push('read');
			return Promise.resolve({ value: new Set(['a']), keep });
		},
		refresh: (value, ids) => {
			asked.push(`refresh ${ids.join()}`);
			for (const id of ids) value.add(id);
			return Promise.resolve();
		}
	});
	return { kept, asked };
}

test('is read once, however many ask, and follows what changes', async () => {
	const { kept, asked } = world();
	await Promise.all([kept.get(), kept.get()]);
	kept.changed('b');
	kept.changed('c');
	expect([...(await kept.get())]).toEqual(['a', 'b', 'c']);
	await kept.get();
	expect(asked).toEqual(['read', 'refresh b,c']);
});

test('is read again after it was forgotten, or where it is too large to be kept', async () => {
	const { kept, asked } = world();
	await kept.get();
	kept.changed('b');
	kept.forget();
	await kept.get();
	expect(asked).toEqual(['read', 'read']);
	const large = world({ keep: false });
	await large.kept.get();
	await large.kept.get();
	expect(large.asked).toEqual(['read', 'read']);
});

test('what does not agree with the disk is read in another way, unless it was replaced meanwhile', async () => {
	const { kept } = world();
	const first = await kept.get();
	kept.changed('b');
	const seen: (readonly string[])[] = [];
	const agrees = (answer: boolean) => (changed: readonly string[]) => {
		seen.push(changed);
		return Promise.resolve(answer);
	};
	const read = () => Promise.resolve({ value: new Set(['z']), keep: true });
	expect(await kept.verify(first, agrees(true), read)).toBe(false);
	expect(await kept.verify(new Set(), agrees(false), read)).toBe(false);
	expect(await kept.verify(first, agrees(false), read)).toBe(true);
	expect([...(await kept.get())]).toEqual(['z']);
	expect(seen).toEqual([['b'], ['b'], ['b']]);
});

test('what is read in another way is there when that is said, and for whoever asks meanwhile', async () => {
	const { kept } = world();
	const first = await kept.get();
	const disk = gate();
	let verified = false;
	const verifying = kept
		.verify(
			first,
			() => Promise.resolve(false),
			async () => {
				await disk.step();
				return { value: new Set(['z']), keep: true };
			}
		)
		.then(() => (verified = true));
	await disk.reached;
	const asked = kept.get();
	await new Promise((resolve) => setTimeout(resolve));
	expect(verified).toBe(false);
	disk.open();
	await verifying;
	expect([...(await asked)]).toEqual(['z']);
});

test('what changes while it is read for the first time is read again', async () => {
	const disk = gate();
	const refreshed: string[] = [];
	const kept = new Kept<string[]>({
		read: async () => {
			await disk.step();
			return { value: ['a'], keep: true };
		},
		refresh: (_, ids) => Promise.resolve(void refreshed.push(...ids))
	});
	const first = kept.get();
	await disk.reached;
	kept.changed('b');
	disk.open();
	await first;
	await kept.get();
	expect(refreshed).toEqual(['b']);
});

test('what has changed is in it when it is given', async () => {
	const disk = gate();
	const kept = new Kept<Set<string>>({
		read: () => Promise.resolve({ value: new Set(['a']), keep: true }),
		refresh: async (value, ids) => {
			await disk.step();
			for (const id of ids) value.add(id);
		}
	});
	await kept.get();
	kept.changed('b');
	const asked = kept.get().then((value) => [...value]);
	await disk.reached;
	await new Promise((resolve) => setTimeout(resolve));
	disk.open();
	expect(await asked).toEqual(['a', 'b']);
});
