import { expect, test } from 'vitest';
import { CrashMarker } from './crash-marker.ts';

function storage(kept = new Map<string, string>()) {
	return {
		kept,
		getItem: (key: string) => kept.get(key) ?? null,
		setItem: (key: string, value: string) => void kept.set(key, value),
		removeItem: (key: string) => void kept.delete(key)
	};
}
const marker = { variantId: 'pocket', contextWindow: 1024, phase: 'uploading' };

test('a load that did not end is found by the next visit, and forgotten once it is told', () => {
	const store = storage();
	new CrashMarker('loading /here/', () => store, new EventTarget()).write(marker);
	const next = new CrashMarker('loading /here/', () => store, new EventTarget());
	expect(next.read()).toMatchObject(marker);
	next.clear();
	expect(next.read()).toBeNull();
});

test('the marker of another deployment is not ours', () => {
	const store = storage();
	new CrashMarker('loading /there/', () => store, new EventTarget()).write(marker);
	const here = new CrashMarker('loading /here/', () => store, new EventTarget());
	expect(here.read()).toBeNull();
	here.clear();
	expect(store.kept.size).toBe(1);
});

test('a marker under the name of earlier versions is found, and goes with the first look', () => {
	const store = storage(
		new Map([['headroom-loading', JSON.stringify({ ...marker, at: Date.now() })]])
	);
	const here = new CrashMarker('loading /here/', () => store, new EventTarget());
	expect(here.read()).toMatchObject(marker);
	here.clear();
	expect(store.kept.size).toBe(0);
});

test('a tab that is closed while it loads did not die', () => {
	const store = storage();
	const page = new EventTarget();
	const here = new CrashMarker('loading', () => store, page);
	here.write(marker);
	page.dispatchEvent(new Event('pagehide'));
	expect(here.read()).toBeNull();
});

test.each(['{', '7', '{"variantId":"","contextWindow":1,"phase":"x","at":1}', '[]'])(
	'%s is no marker',
	(text) => {
		const store = storage(new Map([['loading', text]]));
		expect(new CrashMarker('loading', () => store, new EventTarget()).read()).toBeNull();
	}
);

const read = (change: Partial<typeof marker>) => {
	const text = JSON.stringify({ ...marker, ...change, at: 1 });
	const store = storage(new Map([['loading', text]]));
	return new CrashMarker('loading', () => store, new EventTarget()).read();
};

test.each([
	{ variantId: 'x' },
	{ variantId: 'x'.repeat(200) },
	{ contextWindow: 1 },
	{ phase: 'x'.repeat(40) }
])('a marker with $variantId, $contextWindow tokens, $phase is found', (change) => {
	expect(read(change)).toMatchObject(change);
});

test.each([{ variantId: 'x'.repeat(201) }, { contextWindow: 0 }, { phase: 'x'.repeat(41) }])(
	'a marker with $variantId, $contextWindow tokens, $phase is none of this site',
	(change) => {
		expect(read(change)).toBeNull();
	}
);

test('a browser that keeps nothing does not stop a load', () => {
	const refused = () => {
		throw new DOMException('Refused.', 'SecurityError');
	};
	const here = new CrashMarker('loading', refused, new EventTarget());
	here.write(marker);
	expect(here.read()).toBeNull();
	here.clear();
});
