import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '../rpc/failure.ts';
import { BACKGROUND, LOADING, persist, retryAfterMs, type Clock, type Wait } from './persist.ts';

/** Time that passes only by waiting. */
class FakeClock implements Clock {
	nowMs = 1_000_000;
	isOnline = true;
	readonly waits: number[] = [];
	now = () => this.nowMs;
	random = () => 0.5;
	online = () => this.isOnline;
	pause = (ms: number, signal: AbortSignal) => {
		if (signal.aborted) return Promise.reject(new Failure('cancelled', 'Cancelled.'));
		this.waits.push(ms);
		this.nowMs += ms;
		return Promise.resolve();
	};
}

const failing = (detail: Record<string, string | number>) =>
	Promise.reject(new Failure('network', 'No.', detail));
const { signal } = new AbortController();
const silent = () => undefined;

describe('a request that fails', () => {
	test('is tried again after waits that grow', async () => {
		const clock = new FakeClock();
		let tries = 0;
		const answer = await persist(
			() => (++tries < 4 ? failing({ status: 503 }) : Promise.resolve('body')),
			LOADING,
			signal,
			silent,
			clock
		);
		expect(answer).toBe('body');
		expect(clock.waits).toEqual([500, 1000, 2000]);
	});

	test.each([LOADING, BACKGROUND])(
		'is given up after as many tries as patience has',
		async (patience) => {
			let tries = 0;
			const all = persist(
				() => {
					tries++;
					return failing({ status: 500 });
				},
				patience,
				signal,
				silent,
				new FakeClock()
			);
			await expect(all).rejects.toMatchObject({ kind: 'network', detail: { status: 500 } });
			expect(tries).toBe(patience.tries);
		}
	);

	test('never waits longer than patience allows, whatever the server asks', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(
					fc.record({ status: fc.constantFrom(408, 429, 503), retryAfterMs: fc.nat(2_000_000) }),
					{
						maxLength: 12
					}
				),
				async (answers) => {
					const clock = new FakeClock();
					let at = 0;
					await persist(
						() => {
							const answer = answers[at++];
							return answer ? failing(answer) : Promise.resolve('body');
						},
						BACKGROUND,
						signal,
						silent,
						clock
					).catch(() => undefined);
					for (const ms of clock.waits) expect(ms).toBeLessThanOrEqual(BACKGROUND.longestWaitMs);
					expect(at).toBeLessThanOrEqual(BACKGROUND.tries);
				}
			)
		);
	});

	test('tells each wait and its end', async () => {
		const clock = new FakeClock();
		const told: (Wait | null)[] = [];
		let tries = 0;
		await persist(
			() => (++tries < 2 ? failing({ status: 429, retryAfterMs: 1500 }) : Promise.resolve(1)),
			LOADING,
			signal,
			(wait) => told.push(wait),
			clock
		);
		expect(told).toEqual([{ untilMs: 1_001_500, attempt: 1, reason: 'No.' }, null]);
	});

	test('is tried without end while the browser is offline and nobody waits for it', async () => {
		const clock = new FakeClock();
		clock.isOnline = false;
		let tries = 0;
		await persist(
			() => {
				tries++;
				if (tries > 50) clock.isOnline = true;
				return tries > 52 ? Promise.resolve('body') : failing({ cause: 'offline' });
			},
			BACKGROUND,
			signal,
			silent,
			clock
		);
		expect(tries).toBe(53);
	});

	test('is not tried again when it was refused for good, cancelled, or brought something wrong', async () => {
		for (const failure of [
			new Failure('network', 'No.', { status: 404 }),
			new Failure('network', 'No.', { status: 403 }),
			new Failure('network', 'No.', { cause: 'folder' }),
			new Failure('network', 'No.', { cause: 'not-allowed' }),
			new Failure('bad-file', 'No.'),
			new Failure('cancelled', 'No.')
		]) {
			const clock = new FakeClock();
			await expect(
				persist(() => Promise.reject(failure), BACKGROUND, signal, silent, clock)
			).rejects.toBe(failure);
			expect(clock.waits).toEqual([]);
		}
	});
});

describe('Retry-After', () => {
	test('is read as seconds and as a date', () => {
		const nowMs = Date.parse('Fri, 31 Dec 1999 23:59:50 GMT');
		expect(retryAfterMs('120', nowMs)).toBe(120_000);
		expect(retryAfterMs('Fri, 31 Dec 1999 23:59:59 GMT', nowMs)).toBe(9_000);
		expect(retryAfterMs('Fri, 31 Dec 1999 23:00:00 GMT', nowMs)).toBe(0);
	});
	test('says nothing when it is missing or nonsense', () => {
		for (const header of [null, '', 'soon', '-5', '1e999'])
			expect(retryAfterMs(header, 0)).toBeNull();
	});
});
