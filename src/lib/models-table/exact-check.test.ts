import { expect, test } from 'vitest';
import type { Variant } from '#plan/models/catalog.ts';
import { Failure } from '../rpc/failure.ts';
import { aCatalog } from '#plan/models/a-catalog.fixture.ts';
import { ExactCheck } from './exact-check.svelte.ts';

const variants = aCatalog().flatMap(({ variants }) => variants);
const many = Array.from({ length: 20 }, (_, i): Variant => ({
	...(variants[i % variants.length] ?? ({} as never)),
	id: `variant-${i}`
}));

/** A check whose ends a test decides itself. */
function held() {
	const running = new Map<string, (failure: Failure | null) => void>();
	let most = 0;
	const seen: string[] = [];
	const check = new ExactCheck(({ id }, signal) => {
		seen.push(id);
		return new Promise((resolve) => {
			running.set(id, resolve);
			most = Math.max(most, running.size);
			signal.onabort = () => {
				for (const end of running.values()) end(new Failure('cancelled', 'Cancelled.'));
			};
		});
	});
	const end = async (failure: Failure | null = null) => {
		const [first] = running;
		if (!first) return false;
		running.delete(first[0]);
		first[1](failure);
		await new Promise((resolve) => setTimeout(resolve));
		return true;
	};
	return { check, end, seen, most: () => most };
}

test('at most four are read at once, and every one is read once', async () => {
	const { check, end, seen, most } = held();
	const run = check.run(many);
	while (await end());
	await run;
	expect(most()).toBe(4);
	expect(seen).toEqual(many.map(({ id }) => id));
	expect(check.status).toEqual({ kind: 'ended', done: 20, total: 20, failed: 0, cancelled: false });
});

test('progress counts what has ended', async () => {
	const { check, end } = held();
	const run = check.run(many.slice(0, 6));
	await end();
	await end();
	expect(check.status).toEqual({ kind: 'running', done: 2, total: 6 });
	while (await end());
	await run;
});

test('a failure is kept for its variant and does not end the others', async () => {
	const { check, end } = held();
	const failure = new Failure('network', 'Refused.', { file: 'tensor-cache.json' });
	const run = check.run(many.slice(0, 3));
	await end(failure);
	while (await end());
	await run;
	expect(check.failures.get('variant-0')).toBe(failure);
	expect(check.status).toMatchObject({ done: 3, failed: 1 });

	const again = check.run(many.slice(0, 1));
	while (await end());
	await again;
	expect(check.failures.size).toBe(0);
});

test('cancelling ends those under way, begins no other and blames nobody', async () => {
	const { check, seen } = held();
	const run = check.run(many);
	check.cancel();
	await run;
	expect(seen).toHaveLength(4);
	expect(check.failures.size).toBe(0);
	expect(check.status).toMatchObject({ kind: 'ended', done: 0, cancelled: true });
});

test('a second run does not begin beside the first', async () => {
	const { check, end, seen } = held();
	const run = check.run(many.slice(0, 2));
	await check.run(many.slice(2, 4));
	expect(seen).toEqual(['variant-0', 'variant-1']);
	while (await end());
	await run;
});
