import { describe, expect, test, vi } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import { atRest, failing, loaderIn, targetOf } from './loader.fixture.ts';
import { FakeTabs } from './tabs.fixture.ts';

const A = targetOf('a');
const B = targetOf('b');
const C = targetOf('c');

describe('another tab', () => {
	test('that has the engine is named, and no longer when it is gone', async () => {
		const tabs = new FakeTabs();
		const [first, second] = [loaderIn(tabs), loaderIn(tabs)];
		first.tenancy.describe({ model: 'pocket q4f32_1', conversation: 'What is VRAM?' });
		await first.loader.load(A);
		expect(await second.loader.load(B)).toBe('failed');
		expect(second.loader.problem?.failure).toMatchObject({
			kind: 'elsewhere',
			message: expect.stringContaining('pocket q4f32_1 runs in another tab') as string
		});
		expect(second.loader.elsewhere?.conversation).toBe('What is VRAM?');
		await first.loader.unload();
		await vi.waitFor(() => expect(second.loader.problem).toBeNull());
	});

	test('opened after the site’s data were cleared says that another one uses the GPU, and can take over', async () => {
		const tabs = new FakeTabs();
		const first = loaderIn(tabs);
		await first.loader.load(A);
		tabs.clear();
		const second = loaderIn(tabs);
		await second.loader.load(B);
		await second.loader.settled();
		expect(second.loader.problem?.failure.kind).toBe('taken-over');
		expect([first.engines.holding.length, second.engines.holding.length]).toEqual([1, 0]);
		expect(first.loader.loaded?.variant.id).toBe('a');
		expect(await second.loader.load(B, { takeOver: true })).toBe('loaded');
		await vi.waitFor(() => expect(first.loader.problem?.failure.kind).toBe('taken-over'));
		await first.loader.settled();
		expect([first.engines.holding.length, second.engines.holding.length]).toEqual([0, 1]);
	});

	test('takes over what is loaded, and gives it back', async () => {
		const tabs = new FakeTabs();
		const [first, second] = [loaderIn(tabs), loaderIn(tabs)];
		await first.loader.load(A);
		expect(await second.loader.load(B, { takeOver: true })).toBe('loaded');
		expect(first.said).toContain('stop writers');
		expect(first.loader.problem).toMatchObject({
			failure: { kind: 'taken-over' },
			target: { variant: A.variant }
		});
		await atRest(first, null);
		await atRest(second, 'b');
		expect(await first.loader.load(A, { takeOver: true })).toBe('loaded');
		await atRest(second, null);
		await atRest(first, 'a');
	});

	test.each(['inspect', 'download'] as const)('takes over during %s', async (step) => {
		const tabs = new FakeTabs();
		const [first, second] = [loaderIn(tabs), loaderIn(tabs)];
		const stuck = gate();
		first.world[step] = stuck.step;
		const loading = first.loader.load(A);
		await stuck.reached;
		expect(await second.loader.load(B, { takeOver: true })).toBe('loaded');
		expect(await loading).toBe('taken-over');
		expect(first.loader.problem).toMatchObject({ failure: { kind: 'taken-over' } });
		await atRest(first, null);
		await atRest(second, 'b');
	});

	test.each(['prepare', 'load'] as const)(
		'takes over during %s of a swap, which does not bring the old one back',
		async (step) => {
			const tabs = new FakeTabs();
			const [first, second] = [loaderIn(tabs), loaderIn(tabs)];
			await first.loader.load(A);
			const stuck = gate();
			first.engines.scripts = [{ [step]: stuck.step }];
			const swapping = first.loader.load(B);
			await stuck.reached;
			expect(await second.loader.load(C, { takeOver: true })).toBe('loaded');
			expect(await swapping).toBe('taken-over');
			expect(first.engines.made).toHaveLength(2);
			expect(first.loader.problem).toMatchObject({
				target: { variant: B.variant },
				failure: { kind: 'taken-over' }
			});
			await atRest(first, null);
			await atRest(second, 'c');
		}
	);

	test('takes over during a roll-back', async () => {
		const tabs = new FakeTabs();
		const [first, second] = [loaderIn(tabs), loaderIn(tabs)];
		await first.loader.load(A);
		const stuck = gate();
		first.engines.scripts = [{ load: failing('out-of-memory') }, { load: stuck.step }];
		const swapping = first.loader.load(B);
		await stuck.reached;
		expect(await second.loader.load(C, { takeOver: true })).toBe('loaded');
		await swapping;
		await atRest(first, null);
		await atRest(second, 'c');
	});

	test('takes it from a tab that hangs', async () => {
		const tabs = new FakeTabs();
		const [first, second] = [loaderIn(tabs), loaderIn(tabs)];
		await first.loader.load(A);
		const stopping = gate();
		first.world.stopWriters = stopping.step;
		expect(await second.loader.load(B, { takeOver: true })).toBe('loaded');
		stopping.open();
		await first.loader.settled();
		await atRest(first, null);
		await atRest(second, 'b');
	});

	test('asking while this one loads again: this one gives way first', async () => {
		const tabs = new FakeTabs();
		const [first, second] = [loaderIn(tabs), loaderIn(tabs)];
		await first.loader.load(A);
		const freeing = gate();
		first.world.stopWriters = freeing.step;
		const taking = second.loader.load(B, { takeOver: true });
		await freeing.reached;
		const loading = first.loader.load(C);
		freeing.open();
		const ends = [await taking, await loading];
		expect(ends).toContain('loaded');
		expect([...first.engines.holding, ...second.engines.holding]).toHaveLength(1);
	});
});
