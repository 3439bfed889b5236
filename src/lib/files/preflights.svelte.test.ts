import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import type { Inspection } from './protocol.ts';
import type { Variant } from '#plan/models/catalog.ts';
import type { Facts } from '#plan/models/facts.ts';
import { Preflights } from './preflights.svelte.ts';

const variant = { id: 'a' } as Variant;
const signal = new AbortController().signal;
const facts = (vocabSize: number, library: boolean): Facts =>
	({ config: { vocabSize }, ...(library && { library: {} }) }) as Facts;

/** Preflights whose readings end when the test says so. */
function held() {
	const readings: { end: (facts: Facts) => Promise<void> }[] = [];
	const preflights = new Preflights(
		{
			inspect: async () => {
				const { step, open } = gate();
				let found: Facts = {};
				readings.push({
					end: async (facts) => {
						found = facts;
						open();
						await new Promise((resolve) => setTimeout(resolve));
					}
				});
				await step();
				return { facts: found, downloadBytes: 1, cachedBytes: 0 } as Inspection;
			}
		},
		() => ({ baseUrl: '', libraryUrl: '', packageUrl: null, overrides: {} })
	);
	return { preflights, readings };
}

test('what is read again and found the same is no news to those who plan with it', async () => {
	const { preflights, readings } = held();
	let looks = 0;
	const stop = $effect.root(() => {
		$effect(() => {
			preflights.facts(variant);
			preflights.facts({ id: 'another' } as Variant);
			looks++;
		});
	});
	flushSync();
	const read = async () => {
		const reading = preflights.read(variant, { library: true, signal });
		flushSync();
		await readings.at(-1)?.end(facts(1, true));
		await reading;
		flushSync();
	};
	await read();
	expect(looks).toBe(2);
	await read();
	preflights.learn(variant, facts(1, true));
	flushSync();
	expect(looks).toBe(2);
	preflights.learn(variant, facts(2, true));
	flushSync();
	expect(looks).toBe(3);
	preflights.forgetLibrary('l', [{ ...variant, libraryUrl: 'l' }]);
	flushSync();
	expect(preflights.facts(variant)).toBeNull();
	expect(looks).toBe(4);
	stop();
});

test('a reading that ends late does not replace what was read since', async () => {
	const { preflights, readings } = held();
	void preflights.read(variant, { library: true, signal });
	void preflights.read(variant, { library: true, signal });
	await readings[1]?.end(facts(2, true));
	await readings[0]?.end(facts(1, true));
	expect(preflights.facts(variant)?.config?.vocabSize).toBe(2);
});

test('a reading without the library takes none away, whenever it began', async () => {
	const { preflights, readings } = held();
	void preflights.read(variant, { library: false, signal });
	preflights.learn(variant, facts(1, true));
	void preflights.read(variant, { library: false, signal });
	for (const reading of readings) await reading.end(facts(2, false));
	expect(preflights.facts(variant)?.library).toBeDefined();
});

test('a reading with the library counts although one without it began later and has ended', async () => {
	const { preflights, readings } = held();
	void preflights.read(variant, { library: true, signal });
	void preflights.read(variant, { library: false, signal });
	await readings[1]?.end(facts(2, false));
	await readings[0]?.end(facts(1, true));
	expect(preflights.facts(variant)?.library).toBeDefined();
});
