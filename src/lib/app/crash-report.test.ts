import { expect, test } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import type { Crash, CrashMarker } from '../runner/crash-marker.ts';
import { fakeVariant } from '../runner/loader.fixture.ts';
import { tellOfCrash } from './crash-report.ts';

const CRASH: Crash = { variantId: 'a', contextWindow: 2048, phase: 'uploading', at: 1 };

async function after(crash: Crash | null, { occupied = false, known = true } = {}) {
	const said: string[] = [];
	const reading = gate();
	const variant = fakeVariant('a');
	await tellOfCrash({
		marker: { read: () => crash, clear: () => void said.push('clear') } as unknown as CrashMarker,
		tenancy: { occupied: () => Promise.resolve(occupied) },
		catalog: { variant: () => (known ? variant : undefined) },
		preflights: { read: reading.step as never },
		loader: {
			reportCrash: ({ contextWindow }, { phase }) => void said.push(`${phase} at ${contextWindow}`),
			reconsider: () => void said.push('reconsider')
		}
	});
	return { said, reading };
}

test('a tab that died while it loaded is told of, and once its files are read what is offered is looked at again', async () => {
	const { said, reading } = await after(CRASH);
	expect(said).toEqual(['clear', 'uploading at 2048']);
	reading.open();
	await new Promise((resolve) => setTimeout(resolve));
	expect(said.at(-1)).toBe('reconsider');
});

test.each([
	['no tab died', null, {}],
	['a tab is loading just now', CRASH, { occupied: true }],
	['the catalogue does not know it any more', CRASH, { known: false }]
])('nothing is told where %s', async (_, crash, world) => {
	expect((await after(crash, world)).said).toEqual([]);
});
