import { describe, expect, test } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import { atRest, failing, failure, loaderIn, targetOf } from './loader.fixture.ts';

const A = targetOf('a');
const B = targetOf('b');
const C = targetOf('c');

describe('what was lost', () => {
	test('is loaded again by itself', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		rig.engines.made[0]?.lose(failure('device-lost'));
		expect(rig.loader.status.kind).toBe('recovering');
		await rig.loader.settled();
		expect(rig.loader.note).toMatchObject({ kind: 'recovered' });
		await atRest(rig, 'a');
	});

	test('a second time for the same cause is not, until something was answered', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		rig.engines.made[0]?.lose(failure('device-lost'));
		await rig.loader.settled();
		rig.engines.made[1]?.lose(failure('device-lost'));
		await rig.loader.settled();
		expect(rig.loader.problem?.failure.kind).toBe('device-lost');
		await atRest(rig, null);
		await rig.loader.load(A);
		for (let i = 0; i < 2; i++) {
			rig.engines.made.at(-1).answered = true;
			rig.engines.made.at(-1).lose(failure('device-lost'));
			await rig.loader.settled();
			await atRest(rig, 'a');
		}
	});

	test('is not while a recovery is cancelled', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		const stuck = gate();
		rig.engines.scripts = [{ load: stuck.step }];
		rig.engines.made[0]?.lose(failure('device-lost'));
		await stuck.reached;
		rig.loader.cancel();
		await rig.loader.settled();
		expect(rig.loader.problem?.failure.kind).toBe('device-lost');
		await atRest(rig, null);
	});

	test('ends the answer under way with the cause', async () => {
		const rig = loaderIn();
		rig.engines.scripts = [{ generate: () => new Promise(() => {}) }];
		await rig.loader.load(A);
		const answer = rig.loader.loaded!.engine.generate(
			{ messages: [], sampling: {} as never },
			{ signal: new AbortController().signal, onText: () => {} }
		);
		rig.engines.made[0]?.lose(failure('out-of-memory'));
		await expect(answer).rejects.toMatchObject({ kind: 'out-of-memory' });
		await rig.loader.settled();
		await atRest(rig, null);
	});
});

describe('where the GPU went,', () => {
	const waiting = (rig: ReturnType<typeof loaderIn>) => {
		const back = gate();
		rig.world.gpuIsBack = () => back.step().then(() => true);
		return back;
	};
	const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

	test('what was lost is loaded once it is back', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		const back = waiting(rig);
		rig.engines.made[0]?.lose(failure('device-lost'));
		await back.reached;
		await soon();
		expect(rig.engines.made).toHaveLength(1);
		expect(rig.loader.status.kind).toBe('recovering');
		back.open();
		await rig.loader.settled();
		await atRest(rig, 'a');
	});

	test('what a swap released is brought back once it is there again', async () => {
		const rig = loaderIn();
		await rig.loader.load(A);
		rig.engines.scripts = [{ load: failing('device-lost') }, { load: failing('device-lost') }];
		let asked = 0;
		const back = gate();
		rig.world.gpuIsBack = () =>
			++asked === 1 ? Promise.resolve(true) : back.step().then(() => true);
		const swapping = rig.loader.load(B);
		await back.reached;
		await soon();
		const made = rig.engines.made.length;
		back.open();
		expect(await swapping).toBe('failed');
		expect(rig.engines.made.length).toBe(made + 1);
		await atRest(rig, 'a');
	});
});

describe('what is offered after a failure', () => {
	test('is looked at again where more is known, and only where there was nothing', async () => {
		const rig = loaderIn();
		rig.loader.reconsider();
		expect(rig.loader.problem).toBeNull();
		rig.engines.scripts = [{ load: failing('out-of-memory') }];
		await rig.loader.load(A);
		expect(rig.loader.problem?.next).toBeNull();
		rig.world.smaller = () => B;
		rig.loader.reconsider();
		const { problem } = rig.loader;
		expect(problem).toMatchObject({ target: A, next: B });
		rig.loader.reconsider();
		expect(rig.loader.problem).toBe(problem);
	});
});

describe('falling back', () => {
	test('goes on to the next smaller one until one loads', async () => {
		const rig = loaderIn();
		rig.world.afterFailure = 'fallback';
		rig.world.smaller = ({ variant }) => (variant.id === 'a' ? B : variant.id === 'b' ? C : null);
		rig.engines.scripts = [{ load: failing('out-of-memory') }, { load: failing('out-of-memory') }];
		expect(await rig.loader.load(A)).toBe('failed');
		expect(rig.loader.problem).toMatchObject({ target: A, kept: C, instead: true, next: null });
		expect(rig.said.filter((text) => text.startsWith('fell'))).toEqual(['fell back to c']);
		await atRest(rig, 'c');
	});

	test('is not done where the settings say stop, and nothing is offered', async () => {
		const rig = loaderIn();
		rig.world.afterFailure = 'stop';
		rig.world.smaller = () => B;
		rig.engines.scripts = [{ load: failing('out-of-memory') }];
		await rig.loader.load(A);
		expect(rig.loader.problem?.next).toBeNull();
		await atRest(rig, null);
	});

	test('ends when it is cancelled', async () => {
		const rig = loaderIn();
		rig.world.afterFailure = 'fallback';
		rig.world.smaller = ({ variant }) => (variant.id === 'a' ? B : C);
		const stuck = gate();
		rig.engines.scripts = [{ load: failing('out-of-memory') }, { load: stuck.step }];
		const loading = rig.loader.load(A);
		await stuck.reached;
		rig.loader.cancel();
		expect(await loading).toBe('cancelled');
		await atRest(rig, null);
	});

	test('offers nothing that is loaded already', async () => {
		const rig = loaderIn();
		await rig.loader.load(B);
		rig.world.smaller = () => B;
		rig.engines.scripts = [{ load: failing('out-of-memory') }];
		await rig.loader.load(A);
		expect(rig.loader.problem?.next).toBeNull();
		await atRest(rig, 'b');
	});
});
