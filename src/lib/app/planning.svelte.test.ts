import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import { Planning, type PlanningParts } from './planning.svelte.ts';

/** The parts that a situation is made of. */
function world() {
	const engines = $state({ heldBytes: 100, leaves: true });
	const planning = new Planning({
		settings: { current: { thresholdRatio: 0.5 } },
		hardware: { reading: null, budget: null },
		heldBytes: () => engines.heldBytes,
		leaves: () => engines.leaves
	} as unknown as PlanningParts);
	return { engines, planning };
}

test('what leaves before the next load is no part of what is used', () => {
	const { engines, planning } = world();
	expect(planning.situation).toMatchObject({ usedBytes: 0, threshold: 0.5 });
	expect(planning.situationNow.usedBytes).toBe(100);
	engines.leaves = false;
	expect(planning.situation.usedBytes).toBe(100);
	expect(planning.situationNow.usedBytes).toBe(100);
});

test('a reading of the meter is no reason to plan again while what it counts would leave', () => {
	const { engines, planning } = world();
	let plans = 0;
	const stop = $effect.root(() => {
		$effect(() => {
			void planning.situation;
			plans++;
		});
	});
	flushSync();
	engines.heldBytes = 200;
	flushSync();
	expect(plans).toBe(1);
	engines.leaves = false;
	flushSync();
	engines.heldBytes = 300;
	flushSync();
	expect(plans).toBe(3);
	stop();
});
