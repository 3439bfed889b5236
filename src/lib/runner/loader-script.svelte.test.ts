import { expect, test } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import { loaderIn, targetOf } from './loader.fixture.ts';

const A = targetOf('a');
const offline = () =>
	Promise.reject(new TypeError('Failed to fetch dynamically imported module: https://x.test/a.js'));

test('a load whose script cannot be fetched says so, holds nothing, and works the next time', async () => {
	let online = false;
	const { loader, tenancy, said } = loaderIn(undefined, {
		scriptComes: () => (online ? Promise.resolve() : offline())
	});
	expect(await loader.load(A)).toBe('failed');
	expect(loader.problem).toMatchObject({ target: A, failure: { kind: 'script' }, next: null });
	expect(said).toEqual(['failed a: script']);
	expect([loader.busy, tenancy.held]).toEqual([false, false]);
	online = true;
	expect(await loader.load(A)).toBe('loaded');
	expect(loader.problem).toBeNull();
});

test('a load that is cancelled while its script comes asks for nothing', async () => {
	const coming = gate();
	const { loader, tenancy, engines, said } = loaderIn(undefined, {
		scriptComes: () => coming.step()
	});
	const loading = loader.load(A);
	await coming.reached;
	expect(loader.status).toMatchObject({ kind: 'downloading', target: A });
	loader.cancel();
	coming.open();
	expect(await loading).toBe('cancelled');
	expect(loader.problem?.failure.kind).toBe('cancelled');
	expect(said).not.toContain('fetching a');
	expect([engines.made, tenancy.held]).toEqual([[], false]);
});

test('the script is there before it is asked for, once an engine is imported ahead', async () => {
	let asked = 0;
	const { loader } = loaderIn(undefined, {
		scriptComes: () => {
			asked++;
			return Promise.resolve();
		}
	});
	loader.prepareSpare();
	expect(asked).toBe(1);
	await loader.load(A);
	expect(asked).toBe(1);
});
