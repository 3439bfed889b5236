import { expect, test } from 'vitest';
import type { DownloadProgress } from '../files/protocol.ts';
import { Failure } from '../rpc/failure.ts';
import { doneRatio, queueWords } from './queue-words.ts';

const MIB = 2 ** 20;
const at = (given: Partial<DownloadProgress>): DownloadProgress => ({
	doneBytes: 25 * MIB,
	totalBytes: 100 * MIB,
	receivedBytes: 20 * MIB,
	elapsedMs: 4000,
	bytesPerSecond: 5 * MIB,
	files: [],
	waiting: null,
	...given
});

test('a running download tells bytes, rate and time left', () => {
	const status = { kind: 'running', progress: at({}) } as const;
	expect(queueWords(status, false)).toBe('25.0 MiB of 100 MiB, 5.00 MiB/s, 15 s left');
	expect(doneRatio(status)).toBe(0.25);
});

test('without a rate no time is made up', () => {
	for (const bytesPerSecond of [null, 0])
		expect(queueWords({ kind: 'running', progress: at({ bytesPerSecond }) }, false)).toBe(
			'25.0 MiB of 100 MiB'
		);
	expect(doneRatio({ kind: 'running', progress: at({ totalBytes: 0 }) })).toBeNull();
});

test('a wait says why and after how many tries', () => {
	const waiting = { untilMs: 0, attempt: 3, reason: 'hub.example answered 503 for a.bin.' };
	expect(queueWords({ kind: 'running', progress: at({ waiting }) }, false)).toBe(
		'25.0 MiB of 100 MiB. Waiting to try again after 3 tries: hub.example answered 503 for a.bin.'
	);
});

test('what waits says for what', () => {
	expect(queueWords({ kind: 'queued' }, true)).toContain('offline mode');
	expect(queueWords({ kind: 'queued' }, false)).toContain('the previous download');
	expect(queueWords({ kind: 'paused', progress: at({}) }, false)).toBe(
		'Paused at 25.0 MiB of 100 MiB.'
	);
	const failure = new Failure('network', 'hub.example has no a.bin (404).');
	expect(queueWords({ kind: 'failed', failure }, false)).toBe(failure.message);
});
