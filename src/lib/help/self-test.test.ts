import { expect, test } from 'vitest';
import { aDevice } from '#plan/device/a-device.fixture.ts';
import type { DeviceReading } from '#plan/device/adapter.ts';
import { ANSWERED, FakeWorld } from '../measure/world.fixture.ts';
import { Failure } from '../rpc/failure.ts';
import { EXPECTED, QUESTION } from './expected.ts';
import { selfTestText } from './self-test-text.ts';
import { SelfTest } from './self-test.svelte.ts';

const ready = (features: string[] = [], software = false): DeviceReading => ({
	kind: 'ready',
	device: aDevice({ features, software, gpuName: 'A GPU' })
});

/** A self-test on a fake page in which pocket answers as it should. */
function aTest(reading: DeviceReading | null = ready(['shader-f16'])) {
	const world = new FakeWorld();
	const asked: unknown[] = [];
	const busy = { now: false };
	world.loaded_ = { variantId: 'mine', contextWindow: 2048 };
	world.generate = (_, { messages, sampling }, { onText }) => {
		asked.push([messages, sampling.temperature]);
		onText(EXPECTED.slice(0, 20));
		onText(EXPECTED.slice(20));
		return Promise.resolve(ANSWERED);
	};
	const selfTest = new SelfTest(
		Object.assign(world, {
			device: () => reading,
			busy: () => busy.now,
			storage: () => Promise.resolve({ problems: [] as string[], found: 'Room enough.' })
		})
	);
	const states = () => selfTest.checks.map(({ name, state }) => `${name}: ${state}`);
	return { world, selfTest, states, asked, busy };
}

test('all that is there passes, greedily asked, and what had been loaded comes back', async () => {
	const { world, selfTest, states, asked } = aTest();
	await selfTest.run();
	expect(states()).toEqual([
		'Device: passed',
		'16-bit shaders: passed',
		'Storage: passed',
		'Answer: passed',
		'Speed: passed',
		'16-bit answer: passed'
	]);
	expect(asked[0]).toEqual([[{ role: 'user', content: QUESTION }], 0]);
	expect(world.said).toEqual([
		'load pocket-q4f32_1',
		'pocket-q4f32_1 writes',
		'pocket-q4f32_1 tg',
		'pocket-q4f32_1 tg',
		'load pocket-q4f16_1',
		'pocket-q4f16_1 writes',
		'restore mine'
	]);
	expect([world.held, selfTest.status.kind, selfTest.problem]).toEqual([false, 'done', null]);
});

test('another answer fails, and is told beside the expected one', async () => {
	const { world, selfTest } = aTest(ready());
	world.generate = (_, __, { onText }) => {
		onText('!!!!!!');
		return Promise.resolve(ANSWERED);
	};
	await selfTest.run();
	const answer = selfTest.checks.find(({ name }) => name === 'Answer');
	expect(answer?.state).toBe('failed');
	expect(answer?.found).toContain('“!!!!!!”');
	expect(answer?.found).toContain(EXPECTED);
	expect(answer?.next).toMatch(/driver/);
});

test('without 16-bit shaders their answer is not asked for; software rendering is said', async () => {
	const { selfTest, states } = aTest(ready([], true));
	await selfTest.run();
	expect(states()).toEqual([
		'Device: limited',
		'16-bit shaders: limited',
		'Storage: passed',
		'Answer: passed',
		'Speed: limited'
	]);
});

test('without a GPU nothing is loaded, and the queue is left alone', async () => {
	const { world, selfTest, states } = aTest({
		kind: 'no-adapter',
		platform: 'linux',
		sentence: 'No GPU.',
		remedy: 'Restart the browser.'
	});
	await selfTest.run();
	expect(states()).toEqual([
		'Device: failed',
		'16-bit shaders: skipped',
		'Storage: passed',
		'Answer: skipped',
		'Speed: skipped'
	]);
	expect(world.said).toEqual([]);
});

test('a load that fails is a result with a next step, and what had been loaded comes back', async () => {
	const { world, selfTest } = aTest(ready());
	world.loadStep = () => Promise.reject(new Failure('out-of-memory', 'The GPU ran out of memory.'));
	await selfTest.run();
	const answer = selfTest.checks.find(({ name }) => name === 'Answer');
	expect(answer).toMatchObject({ state: 'failed', found: 'The GPU ran out of memory.' });
	expect(answer?.next).toMatch(/Close other programs/);
	expect(world.said.at(-1)).toBe('restore mine');
	expect(world.held).toBe(false);
});

test('what cannot be loaded again is told', async () => {
	const { world, selfTest } = aTest(ready());
	world.restoring = () => Promise.reject(new Failure('out-of-memory', 'It ran out.'));
	await selfTest.run();
	expect(selfTest.problem?.message).toBe('It ran out.');
	expect(world.held).toBe(false);
});

test('never while another tab measures', async () => {
	const { world, selfTest, states } = aTest(ready());
	world.elsewhere = true;
	await selfTest.run();
	expect(states().slice(-2)).toEqual(['Answer: failed', 'Speed: skipped']);
	expect(world.said).toEqual([]);
});

test('cancelled, by its button or by whoever stops what runs, it ends and what had been loaded comes back', async () => {
	for (const how of ['button', 'elsewhere'] as const) {
		const { world, selfTest } = aTest(ready());
		world.loadStep = () => {
			if (how === 'button') selfTest.cancel();
			else world.stopHold();
			return Promise.resolve();
		};
		await selfTest.run();
		expect(selfTest.status.kind).toBe('idle');
		expect(world.said).toEqual(['load pocket-q4f32_1', 'restore mine']);
		expect(world.held).toBe(false);
	}
});

test.each([
	['loads another model', { variantId: 'theirs', contextWindow: 1024 }, false],
	['is loading another model', null, true]
])('a person who %s meanwhile ends the test, and keeps it', async (_, theirs, loads) => {
	const { world, selfTest, states, busy } = aTest();
	world.measure = () => {
		world.loaded_ = theirs;
		busy.now = loads;
		return Promise.reject(new Failure('cancelled', 'The variant was unloaded meanwhile.'));
	};
	await selfTest.run();
	expect(states().slice(-2)).toEqual(['Answer: passed', 'Speed: skipped']);
	expect(world.said.at(-1)).toBe('pocket-q4f32_1 tg');
	expect([world.loaded_, world.held, selfTest.status.kind]).toEqual([theirs, false, 'done']);
});

test('a load that a person overrode during the load ends the test', async () => {
	const { world, selfTest, states } = aTest();
	world.loadStep = () => {
		world.loaded_ = { variantId: 'theirs', contextWindow: 1024 };
		return Promise.reject(new Failure('cancelled', 'Cancelled.'));
	};
	await selfTest.run();
	expect(states().slice(-2)).toEqual(['Answer: skipped', 'Speed: skipped']);
	expect(world.said).toEqual(['load pocket-q4f32_1']);
	expect(world.loaded_?.variantId).toBe('theirs');
});

test('the result is a text that names each check and its state', async () => {
	const { selfTest } = aTest(ready());
	await selfTest.run();
	const text = selfTestText(selfTest.checks, 0, ['Page 1']);
	expect(text).toMatch(
		/^Headroom self-test, 1970-01-01T00:00:00.000Z\nPage 1\n\nPASSED {3}Device: A GPU\./
	);
	expect(text).toMatch(/\nLIMITED {2}16-bit shaders: /);
});
