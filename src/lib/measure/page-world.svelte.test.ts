import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { appIn } from '../app/app.fixture.ts';
import { answered } from '../engine/engine.fixture.ts';
import { Failure } from '../rpc/failure.ts';
import { FakeTabs } from '../runner/tabs.fixture.ts';
import { measureWorld } from './page-world.svelte.ts';
import { MeasureRunner } from './runner.svelte.ts';

const TWO = ['pocket-q4f32_1', 'pocket-q0f32'];
const asked = (variantIds = TWO) => ({
	variantIds,
	set: 'quick' as const,
	contextWindow: 4096,
	baselineId: variantIds[0] ?? null
});

async function page(tabs = new FakeTabs()) {
	const world = appIn({ tabs });
	onTestFinished(world.close);
	await world.start();
	const runner = () =>
		new MeasureRunner(
			measureWorld(world.app, new URL(`/measure-test-${world.id}/`, location.href).href, () =>
				Promise.resolve({ battery: null, cpuPressure: null })
			)
		);
	return { ...world, runner: runner(), another: runner };
}
const kinds = ({ run }: MeasureRunner) =>
	run?.rows.map(({ variantId, kind }) => `${variantId} ${kind}`);

describe('a run in the page', () => {
	test('loads each variant, measures it, and leaves the page as it was', async () => {
		const { app, engines, runner } = await page();
		await runner.ask(asked());
		expect(kinds(runner)).toEqual(['pocket-q4f32_1 measured', 'pocket-q0f32 measured']);
		expect([runner.status.kind, app.loader.loaded, app.answers.busy]).toEqual([
			'done',
			null,
			false
		]);
		expect(engines.holding).toEqual([]);
		expect(app.selection.variant.id, 'what is chosen stays chosen').toBe('pocket-q4f32_1');
	});

	test('brings back what was loaded', async () => {
		const { app, runner } = await page();
		app.selection.choose('pocket-q0f32', 1024);
		await app.load();
		await runner.ask(asked(['pocket-q4f32_1']));
		const { loaded } = app.loader;
		expect([loaded?.variant.id, loaded?.contextWindow]).toEqual(['pocket-q0f32', 1024]);
	});

	test('what was measured last does not stay loaded beside it, where two are kept', async () => {
		const { app, engines, runner } = await page();
		await vi.waitFor(() => expect(app.adaptation).not.toBeNull());
		await app.adaptation?.policy.set({ keepTwo: true });
		app.selection.choose('pocket-q0f32', 1024);
		await app.load();
		await runner.ask(asked(['pocket-q4f32_1']));
		expect([app.loader.loaded?.variant.id, app.loader.standby]).toEqual(['pocket-q0f32', null]);
		expect(engines.holding).toHaveLength(1);
	});

	test('a message that is asked meanwhile waits for its end', async () => {
		const { app, engines, runner } = await page();
		const sent: Promise<unknown>[] = [];
		engines.scripts = [
			{
				measure: () => {
					if (sent.length === 0) sent.push(app.session.send('Hello?'));
					return Promise.resolve({ ms: 1, peakBytes: 1 });
				}
			}
		];
		await runner.ask(asked(['pocket-q4f32_1']));
		expect(kinds(runner)).toEqual(['pocket-q4f32_1 measured']);
		await Promise.all(sent);
		expect(app.session.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
	});

	test('one that cannot be loaded gets a row, nothing smaller in its place, and the run goes on', async () => {
		const { app, engines, runner } = await page();
		await app.settings.set({ afterFailure: 'fallback' });
		const full = () => Promise.reject(new Failure('out-of-memory', 'The GPU ran out of memory.'));
		engines.scripts = [{ load: full }];
		await runner.ask(asked(['pocket-q0f32', 'pocket-q4f32_1']));
		expect(kinds(runner)).toEqual(['pocket-q0f32 failed', 'pocket-q4f32_1 measured']);
		expect(app.selection.variant.id).toBe('pocket-q4f32_1');
		expect(engines.holding).toEqual([]);
	});

	test('a device that is lost in the middle of the tests is a failed row', async () => {
		const { engines, runner } = await page();
		let runs = 0;
		const script = {
			measure: () => {
				if (++runs < 4) return Promise.resolve({ ms: 1, peakBytes: 1 });
				const lost = new Failure('device-lost', 'The browser lost its connection to the GPU.');
				engines.holding[0]?.lose(lost);
				return Promise.reject(lost);
			}
		};
		engines.scripts = [script];
		await runner.ask(asked());
		expect(kinds(runner)).toEqual(['pocket-q4f32_1 failed', 'pocket-q0f32 measured']);
		expect(engines.holding).toEqual([]);
	});

	test.each([
		['told before', 0],
		['told after', 300]
	])('a call that fails with the engine’s own words: the row has the cause, %s', async (_, ms) => {
		const { engines, runner } = await page();
		let runs = 0;
		engines.scripts = [
			{
				measure: () => {
					if (++runs < 4) return Promise.resolve({ ms: 1, peakBytes: 1 });
					const [engine] = engines.holding;
					setTimeout(() => engine?.lose(new Failure('device-lost', 'The GPU is gone.')), ms);
					return Promise.reject(new Failure('engine', 'The engine failed.'));
				}
			}
		];
		await runner.ask(asked());
		expect(runner.run?.rows[0]).toMatchObject({ failure: { kind: 'device-lost' } });
		expect(kinds(runner)).toEqual(['pocket-q4f32_1 failed', 'pocket-q0f32 measured']);
	});

	test('another model loaded by a person in the middle pauses it', async () => {
		const { app, engines, runner } = await page();
		let runs = 0;
		engines.scripts = [
			{
				measure: () => {
					if (++runs < 4) return Promise.resolve({ ms: 1, peakBytes: 1 });
					app.selection.choose('pocket-q0f32', 1024);
					void app.load();
					return new Promise(() => {});
				}
			}
		];
		await runner.ask(asked());
		expect(runner.status).toMatchObject({ kind: 'paused', why: { kind: 'cancelled' } });
		await app.loader.settled();
		await runner.resume();
		expect(kinds(runner)).toEqual(['pocket-q4f32_1 measured', 'pocket-q0f32 measured']);
	});

	test('another tab that takes the engine pauses it', async () => {
		const tabs = new FakeTabs();
		const { engines, runner } = await page(tabs);
		const other = await page(tabs);
		let runs = 0;
		engines.scripts = [
			{
				measure: () => {
					if (++runs < 4) return Promise.resolve({ ms: 1, peakBytes: 1 });
					void other.app.takeOver();
					return new Promise(() => {});
				}
			}
		];
		await runner.ask(asked());
		expect(runner.status).toMatchObject({
			kind: 'paused',
			why: { message: expect.stringContaining('another tab') as string }
		});
		await other.app.loader.settled();
		expect([engines.holding.length, other.engines.holding.length]).toEqual([0, 1]);
		await runner.resume();
		expect(runner.status).toMatchObject({ kind: 'paused', why: { kind: 'elsewhere' } });
	});

	test('a second tab is refused while the first one measures', async () => {
		const { engines, runner, another } = await page();
		const other = another();
		let tried: Promise<void> | null = null;
		engines.scripts = [
			{
				measure: async () => {
					tried ??= other.resume();
					await tried;
					return { ms: 1, peakBytes: 1 };
				}
			}
		];
		await runner.ask(asked(['pocket-q4f32_1']));
		expect(other.status).toMatchObject({ kind: 'paused', why: { kind: 'elsewhere' } });
		expect(kinds(runner)).toEqual(['pocket-q4f32_1 measured']);
	});

	test('figures of an answer are those of the engine', async () => {
		const { engines, runner } = await page();
		engines.scripts = [
			{
				generate: (request) => {
					expect(request.ignoreEos).toBe(true);
					return Promise.resolve({
						...answered,
						timeToFirstTokenMs: 70,
						decodeTokensPerSecond: 31
					});
				}
			}
		];
		await runner.ask(asked(['pocket-q4f32_1']));
		expect(runner.run?.rows[0]).toMatchObject({ firstTokenMs: 70, answerTokensPerSecond: 31 });
	});
});

test('what is chosen, loaded or kept for later is not deleted', async () => {
	const { app, files, runner } = await page();
	const list = TWO.map((id) => {
		const { baseUrl } = app.catalog.sourceOf(app.catalog.variant(id)!);
		return { baseUrl, askedUrl: baseUrl };
	});
	files.list = () => Promise.resolve(list as never);
	files.onDisk = () => Promise.resolve(null as never);
	await runner.ask(asked());
	await runner.begin();
	expect(runner.run?.fetched).toEqual(TWO);
	await runner.removeFetched();
	expect(runner.run?.fetched, 'the first one is chosen').toEqual(['pocket-q4f32_1']);
	expect(files.asked.filter((each) => each.startsWith('remove'))).toEqual([
		`remove ${list[1]?.baseUrl}`
	]);
});
