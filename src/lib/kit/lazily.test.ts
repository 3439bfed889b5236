import { expect, test } from 'vitest';
import { lazily } from './lazily.ts';

class Counter {
	#count = 0;
	add(n: number) {
		this.#count += n;
		return this.#count;
	}
	later(n: number) {
		return Promise.resolve(this.add(n));
	}
}

test('an instance is made at the first call, once, and is the one for all of them', async () => {
	let made = 0;
	const counter = lazily(() => {
		made++;
		return Promise.resolve(new Counter());
	});
	expect(made).toBe(0);
	expect(await Promise.all([counter.add(2), counter.later(3)])).toEqual([2, 5]);
	expect(made).toBe(1);
});

test('what could not be fetched fails that call, and is fetched again for the next', async () => {
	let tries = 0;
	const counter = lazily(() =>
		++tries === 1 ? Promise.reject(new Error('offline')) : Promise.resolve(new Counter())
	);
	await expect(counter.add(1)).rejects.toThrow('offline');
	expect(await counter.add(1)).toBe(1);
});
