import { expect, test } from 'vitest';
import { FakeEngine, gate, type Script } from '../engine/engine.fixture.ts';
import type { LoadRequest } from '../engine/protocol.ts';
import { Failure } from '../rpc/failure.ts';
import { Spare } from './spare.ts';

const request = (id: string, library = id) =>
	({ record: { model_id: id, model_lib: library } }) as LoadRequest;
const lost = new Failure('device-lost', 'Gone.');
const settled = () => new Promise((resolve) => setTimeout(resolve));

function spareOf(...scripts: Script[]) {
	const made: FakeEngine[] = [];
	const spare = new Spare(() => {
		const engine = new FakeEngine(scripts[made.length] ?? {}, () => 100);
		made.push(engine);
		return engine;
	});
	return { spare, made };
}

test('one engine waits, and is taken by the next load', () => {
	const { spare, made } = spareOf();
	spare.warm();
	spare.warm();
	expect(made).toHaveLength(1);
	expect(spare.take(request('a'))).toBe(made[0]);
	expect(spare.take(request('a'))).toBe(made[1]);
});

test('one that has prepared something else is ended, and another made', async () => {
	const { spare, made } = spareOf();
	expect(await spare.prepare(request('a'))).toBe(true);
	const taken = spare.take(request('b'));
	expect([taken === made[1], made[0]?.ended, made[1]?.ended]).toEqual([true, true, false]);
});

test('one whose script cannot be imported is ended, and the next load makes its own', async () => {
	const { spare, made } = spareOf({ warm: () => Promise.reject(lost) });
	spare.warm();
	await settled();
	expect(made[0]?.ended).toBe(true);
	expect(spare.take(request('a'))).toBe(made[1]);
});

test('one that fails after it was taken is left to the load that took it', async () => {
	const importing = gate();
	const { spare, made } = spareOf({ warm: importing.step });
	spare.warm();
	const taken = spare.take(request('a'));
	spare.warm();
	importing.fail(lost);
	await settled();
	expect([taken === made[0], made[0]?.ended]).toEqual([true, false]);
	expect(spare.take(request('b'))).toBe(made[1]);
});

test('one that cannot prepare is replaced by one that has prepared nothing', async () => {
	const { spare, made } = spareOf({ prepare: () => Promise.reject(lost) });
	expect(await spare.prepare(request('a'))).toBe(false);
	expect([made.length, made[0]?.ended, made[1]?.prepared]).toEqual([2, true, false]);
	expect(spare.take(request('b'))).toBe(made[1]);
});

test('one that is lost while it waits is replaced, and one that was taken is not', async () => {
	const { spare, made } = spareOf();
	await spare.prepare(request('a'));
	made[0]?.lose(lost);
	expect([made.length, made[0]?.ended]).toEqual([2, true]);
	await spare.prepare(request('b'));
	spare.take(request('b'));
	made[1]?.lose(lost);
	expect([made.length, made[1]?.ended]).toEqual([2, false]);
});

test('a library is compiled in the engine that waits, for any model of it and no other', async () => {
	const { spare, made } = spareOf();
	spare.compileAhead('lib');
	expect(made[0]?.compiled).toBe('lib');
	expect(spare.take(request('a', 'lib'))).toBe(made[0]);

	spare.compileAhead('lib');
	expect(spare.take(request('b', 'other'))).toBe(made[2]);
	expect(made[1]?.ended).toBe(true);

	await spare.prepare(request('a', 'lib'));
	spare.compileAhead('other');
	expect([made[3]?.compiled, made[3]?.ended]).toEqual([null, false]);

	spare.forgetPrepared();
	spare.compileAhead('lib');
	spare.forgetPrepared();
	expect([made[4]?.ended, made[5]?.prepared]).toEqual([true, false]);
});

test('what was prepared can be forgotten, and one that only waits stays', async () => {
	const { spare, made } = spareOf();
	spare.forgetPrepared();
	expect(made).toHaveLength(0);
	spare.warm();
	spare.forgetPrepared();
	expect(made).toHaveLength(1);
	await spare.prepare(request('a'));
	spare.forgetPrepared();
	expect([made.length, made[0]?.ended]).toEqual([2, true]);
	spare.end(lost);
	expect(made[1]?.failure).toBe(lost);
	spare.end();
	expect(made).toHaveLength(2);
});
