import { describe, expect, test } from 'vitest';
import { aBlindOne, aComparison, anAnswer } from './compare.fixture.ts';
import { NO_COMPARISONS, parseComparisons, picked, revealed, type Comparisons } from './record.ts';

const kept = (run: Comparisons['run']): Comparisons => ({ ...NO_COMPARISONS, run });
const failed = {
	kind: 'failed' as const,
	...{ variantId: 'c', label: 'Tiny', quantization: 'c', at: 1 },
	failure: { kind: 'device-lost', message: 'Gone.' }
};
const image = { url: 'data:image/png;base64,AAAA' };

describe('what is stored', () => {
	test('comes back as it was', () => {
		const run = aComparison([anAnswer('a', { thinking: 'Hm.', sawImages: true }), failed]);
		const turns = [{ role: 'user' as const, text: 'And this?', images: [image] }];
		const asked = { ...run.asked, question: { system: 'Be brief.', turns } };
		const all = {
			...kept({ ...run, asked }),
			pairs: [{ a: 'a', b: 'b', aWins: 1, bWins: 0, ties: 2 }]
		};
		expect(parseComparisons(JSON.parse(JSON.stringify(all)))).toEqual(all);
	});

	test('of a server nothing is known of a load', () => {
		const unknown = { contextWindow: null, loadMs: null, peakBytes: null };
		const run = aComparison([anAnswer('a'), anAnswer('server mine', unknown)]);
		expect(parseComparisons(JSON.parse(JSON.stringify(kept(run))))).toEqual(kept(run));
	});

	test.each([
		['nothing', undefined],
		['another version', { ...kept(aComparison()), version: 2 }],
		['a run that ends in an answer', kept(endingIn('assistant'))],
		['an image that is fetched', kept(endingIn('user', 'https://elsewhere.example/a.png'))]
	])('%s is no comparison', (_, raw) => {
		expect(parseComparisons(raw)).toEqual(NO_COMPARISONS);
	});

	test('rows and pairs that cannot be any are left out alone', () => {
		const run = aComparison();
		const read = parseComparisons({
			version: 1,
			run: { ...run, rows: [...run.rows, { kind: 'answered' }, { ...anAnswer('x') }] },
			pairs: [{ a: 'b', b: 'a', aWins: 1, bWins: 0, ties: 0 }, null, { a: 'a', b: 'b' }]
		});
		expect(read).toEqual(kept(run));
	});

	function endingIn(role: 'user' | 'assistant', url = image.url) {
		const run = aComparison();
		const turns = [{ role, text: 'Hello', images: [{ url }] }];
		return { ...run, asked: { ...run.asked, question: { system: '', turns } } };
	}
});

describe('a blind comparison', () => {
	test('shows its names after a pick, which counts once', () => {
		const once = picked(kept(aBlindOne()), 'b');
		expect(once.run).toMatchObject({ pick: { winner: 'b' }, revealed: true });
		expect(once.pairs).toEqual([{ a: 'a', b: 'b', aWins: 0, bWins: 1, ties: 0 }]);
		expect(picked(once, 'a')).toBe(once);
	});

	test('that is revealed without a pick counts nothing any more', () => {
		const seen = revealed(kept(aBlindOne()));
		expect(seen.run?.revealed).toBe(true);
		expect(picked(seen, 'a')).toBe(seen);
	});

	test.each([
		['is under way', aBlindOne(undefined, { state: 'open' }), 'a'],
		['has one answer', aBlindOne([anAnswer('a'), failed]), 'a'],
		['does not have what is picked', aBlindOne(), 'z'],
		['is not blind', aComparison(), 'a']
	])('that %s takes no pick', (_, run, winner) => {
		const all = kept(run);
		expect(picked(all, winner)).toBe(all);
	});
});
