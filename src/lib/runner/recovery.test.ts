import { expect, test } from 'vitest';
import { Failure, type FailureKind } from '../rpc/failure.ts';
import { Recoveries, smallerHelps, worthRepeating } from './recovery.ts';

const failure = (kind: FailureKind, detail = {}) => new Failure(kind, 'It failed.', detail);

test('what must fail again is never repeated', () => {
	const hopeless: FailureKind[] = [
		'blocked',
		'unsupported',
		'out-of-memory',
		'gpu-error',
		'bad-file',
		'quota',
		'no-adapter',
		'cancelled',
		'tab-died'
	];
	for (const kind of hopeless) {
		expect(worthRepeating(failure(kind), 'loading')).toBe(false);
		expect(worthRepeating(failure(kind), 'running')).toBe(false);
	}
});

test('a device the engine destroyed itself while loading is not asked for again', () => {
	const destroyed = failure('device-lost', { reason: 'destroyed' });
	expect(worthRepeating(destroyed, 'loading')).toBe(false);
	expect(worthRepeating(destroyed, 'running')).toBe(true);
	expect(worthRepeating(failure('device-lost', { reason: 'unknown' }), 'loading')).toBe(true);
});

test('a runtime that ended itself while loading is not started on the same again', () => {
	const exit = failure('worker-died', { exit: 1 });
	expect(worthRepeating(exit, 'loading')).toBe(false);
	expect(worthRepeating(exit, 'running')).toBe(true);
});

test('each cause is recovered from once, until a person asks again', () => {
	const recoveries = new Recoveries();
	expect(recoveries.spend(failure('worker-died'), 'loading')).toBe(true);
	expect(recoveries.spend(failure('worker-died'), 'running')).toBe(false);
	expect(recoveries.spend(failure('device-lost'), 'running')).toBe(true);
	recoveries.renew();
	expect(recoveries.spend(failure('worker-died'), 'loading')).toBe(true);
});

test('something smaller is offered when memory ran out and not when a file is missing', () => {
	expect(smallerHelps(failure('out-of-memory'))).toBe(true);
	expect(smallerHelps(failure('device-lost'))).toBe(true);
	expect(smallerHelps(failure('network'))).toBe(false);
	expect(smallerHelps(failure('bad-file'))).toBe(false);
});
