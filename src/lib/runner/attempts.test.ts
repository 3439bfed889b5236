import { expect, test } from 'vitest';
import { Attempts, type Attempt } from './attempts.ts';

const over = () => undefined;

/** An attempt that lasts until it is ended or told to end. */
function lasting() {
	let finish = () => {};
	const told = new Promise<void>((resolve) => (finish = resolve));
	const seen: { attempt: Attempt | null } = { attempt: null };
	const work = async (attempt: Attempt) => {
		seen.attempt = attempt;
		const ended = new Promise<void>((resolve) =>
			attempt.signal.addEventListener('abort', () => resolve(), { once: true })
		);
		await Promise.race([told, ended]);
		return attempt.ending ?? 'finished';
	};
	return { work, finish, seen };
}

test('an attempt is under way before anything is awaited', () => {
	const attempts = new Attempts();
	void attempts.run('superseded', lasting().work, { over });
	expect(attempts.current).not.toBeNull();
});

test('a new attempt ends the one before, with its reason, and runs when that is over', async () => {
	const attempts = new Attempts();
	const order: string[] = [];
	const first = attempts.run(
		'superseded',
		async (attempt) => {
			order.push('first begins');
			await new Promise((resolve) => setTimeout(resolve, 5));
			order.push(`first ends: ${attempt.ending}`);
		},
		{ over }
	);
	await Promise.resolve();
	await Promise.resolve();
	const second = attempts.run(
		'unloaded',
		() => {
			order.push('second');
			return Promise.resolve();
		},
		{ over }
	);
	await Promise.all([first, second]);
	expect(order).toEqual(['first begins', 'first ends: unloaded', 'second']);
});

test('one that is ended before its turn does not run, unless it always must', async () => {
	const attempts = new Attempts();
	const first = lasting();
	const running = attempts.run('superseded', first.work, { over });
	const skipped = attempts.run('superseded', () => Promise.resolve('ran'), { over });
	const always = attempts.run('unloaded', () => Promise.resolve('ran'), { over, always: true });
	const last = attempts.run('superseded', () => Promise.resolve('ran'), { over });
	expect(await Promise.all([running, skipped, always, last])).toEqual([null, null, 'ran', 'ran']);
});

test('only the last attempt says that all is over', async () => {
	const attempts = new Attempts();
	let overs = 0;
	const over = () => void overs++;
	await Promise.all([
		attempts.run('superseded', lasting().work, { over }),
		attempts.run('superseded', () => Promise.resolve(), { over })
	]);
	expect([overs, attempts.current]).toEqual([1, null]);
});

test('a failing attempt does not hold up the next one', async () => {
	const attempts = new Attempts();
	const failing = attempts.run('superseded', () => Promise.reject(new Error('No.')), { over });
	await expect(failing).rejects.toThrow('No.');
	expect(await attempts.run('superseded', () => Promise.resolve(1), { over })).toBe(1);
});

test('settled waits for attempts that begin meanwhile', async () => {
	const attempts = new Attempts();
	const first = lasting();
	void attempts.run('superseded', first.work, { over });
	let settled = false;
	const waiting = attempts.settled().then(() => (settled = true));
	const second = lasting();
	void attempts.run('superseded', second.work, { over });
	await new Promise((resolve) => setTimeout(resolve));
	expect(settled).toBe(false);
	second.finish();
	await waiting;
	expect(attempts.current).toBeNull();
});

test('a step that follows a cancelled one can be cancelled once more', async () => {
	const attempts = new Attempts();
	const steps: boolean[] = [];
	const running = attempts.run(
		'superseded',
		async (attempt) => {
			await Promise.resolve();
			attempt.end('cancelled');
			steps.push(attempt.signal.aborted);
			attempt.proceed();
			steps.push(attempt.signal.aborted);
			attempt.end('cancelled');
			steps.push(attempt.signal.aborted);
		},
		{ over }
	);
	await running;
	expect(steps).toEqual([true, false, true]);
});

test('what comes next outweighs that a step was cancelled, and not the other way round', async () => {
	const attempts = new Attempts();
	await attempts.run(
		'superseded',
		(attempt) => {
			attempt.end('cancelled');
			attempt.end('taken-over');
			attempt.end('cancelled');
			expect(attempt.ending).toBe('taken-over');
			return Promise.resolve();
		},
		{ over }
	);
});
