import { expect, onTestFinished, test } from 'vitest';
import { appIn } from '../app/app.fixture.ts';
import type { Script } from '../engine/engine.fixture.ts';
import { PROMPTS } from '../quality/prompts.ts';
import { differenceOf, keptOf } from '../quality/quality.fixture.ts';
import { comparable, makeQuality } from './quality.ts';

async function page(scripts: Script[] = []) {
	const world = appIn({});
	onTestFinished(world.close);
	await world.start();
	await expect.poll(() => world.app.counting.quality).not.toBeNull();
	world.engines.scripts = scripts;
	const make = () =>
		makeQuality(world.app, new URL(`/quality-test-${world.id}/`, location.href).href);
	return { ...world, make };
}
const asked = {
	referenceId: 'pocket-q0f32',
	others: [{ variantId: 'pocket-q4f32_1', unquantized: false }],
	prompts: PROMPTS
};
const ten = <T>(value: T): T[] => Array.from({ length: 10 }, () => value);

test('a run loads one variant after the other, keeps its results, and brings back what was loaded', async () => {
	const { app, engines, make } = await page();
	app.selection.choose('pocket-q4f32_1', 2048);
	await app.load();
	engines.scripts = [
		{
			keepAnswer: () => Promise.resolve(ten(keptOf(0.9))),
			compareAnswer: () => Promise.resolve(ten(differenceOf()))
		},
		{ compareAnswer: () => Promise.resolve(ten(differenceOf({ divergence: 0.5 }))) },
		{}
	];
	const run = make();
	await run.start(asked);
	expect(run.problem).toBeNull();
	expect(run.rows).toMatchObject([{ kind: 'measured', variantId: 'pocket-q4f32_1' }]);
	const { loaded } = app.loader;
	expect([loaded?.variant.id, loaded?.contextWindow]).toEqual(['pocket-q4f32_1', 2048]);
	expect(app.answers.busy).toBe(false);

	expect(app.counting.quality?.current).toMatchObject([
		{ referenceId: 'pocket-q0f32', summary: { positions: 240, divergence: { value: 0.5 } } }
	]);
});

test('a message that is asked meanwhile waits for its end', async () => {
	const { app, make, engines } = await page();
	const sent: Promise<unknown>[] = [];
	const order: string[] = [];
	engines.scripts = [
		{
			keepAnswer: () => {
				if (sent.length === 0) sent.push(app.session.send('One'));
				order.push('kept');
				return Promise.resolve(ten(keptOf(0.9)));
			},
			compareAnswer: () => Promise.resolve(ten(differenceOf()))
		},
		{
			compareAnswer: () => {
				order.push('compared');
				return Promise.resolve(ten(differenceOf()));
			}
		},
		{
			generate: (_, say) => {
				order.push('answered');
				say('Yes.');
				return Promise.reject(new Error('enough'));
			}
		}
	];
	await make().start(asked);
	await Promise.all(sent);
	expect(order.lastIndexOf('compared')).toBeLessThan(order.indexOf('answered'));
});

test('what is not on disk is not compared, the built-in model aside', async () => {
	const { app } = await page();
	const pocket = app.selection.family;
	expect(await comparable(app, pocket)).not.toEqual([]);
	const other = app.catalog.families.find(({ id }) => id !== 'pocket');
	expect(other && (await comparable(app, other))).toEqual([]);
});
