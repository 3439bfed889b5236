import { expect, test } from 'vitest';
import type { Inspection } from './protocol.ts';
import { qwenVariant } from '#plan/memory/worked-example.fixture.ts';
import { Failure } from '../rpc/failure.ts';
import { Preflights } from './preflights.svelte.ts';

const variant = qwenVariant('q4f16_1');
const inspection = { facts: {}, downloadBytes: 5, cachedBytes: 0 } as Inspection;
const broken = new Failure('bad-file', 'model.wasm: expected a library, found an HTML page.', {
	file: 'model.wasm'
});

/** Config and manifest can be read; what comes of the library is the test's. */
function preflights(readLibrary: () => Promise<Inspection>) {
	const inspect = (_: unknown, library: boolean) =>
		library ? readLibrary() : Promise.resolve(inspection);
	return new Preflights({ inspect }, () => ({}) as never);
}

const { signal } = new AbortController();

test('a library that cannot be read leaves what was read before, and says why', async () => {
	const all = preflights(() => Promise.reject(broken));
	await all.read(variant, { library: false, signal });
	expect(all.of(variant)).toEqual({ kind: 'read', inspection, failure: null });
	await all.readAhead(variant, { library: true });
	expect(all.of(variant)).toEqual({ kind: 'read', inspection, failure: broken });
});

test('its failure is gone once it was read', async () => {
	let works = false;
	const all = preflights(() => (works ? Promise.resolve(inspection) : Promise.reject(broken)));
	await all.read(variant, { library: false, signal });
	await all.read(variant, { library: true, signal });
	works = true;
	await all.read(variant, { library: true, signal });
	expect(all.of(variant)).toEqual({ kind: 'read', inspection, failure: null });
});

test('a reading that was cancelled blames nobody', async () => {
	const all = preflights(() => Promise.reject(new Failure('cancelled', 'Cancelled.')));
	await all.read(variant, { library: false, signal });
	await all.read(variant, { library: true, signal });
	expect(all.of(variant)).toEqual({ kind: 'read', inspection, failure: null });
});

test('a library that was replaced is forgotten for all its variants', async () => {
	const all = preflights(() => Promise.resolve(inspection));
	const sibling = { ...variant, id: 'sibling' };
	const other = qwenVariant('q4f32_1');
	for (const one of [variant, sibling, other]) await all.read(one, { library: true, signal });
	all.forgetLibrary(variant.libraryUrl, [variant, sibling, other]);
	expect([variant, sibling].map((one) => all.of(one))).toEqual([null, null]);
	expect(all.of(other)).not.toBeNull();
});
