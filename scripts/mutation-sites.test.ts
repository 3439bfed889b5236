import { expect, test } from 'vitest';
import { applied, mutationsOf } from './mutation-sites.ts';

const mutants = (source: string) =>
	mutationsOf(source).map((mutation) => [mutation.kind, applied(source, mutation)]);

test('constants grow by one, ratios by a tenth', () => {
	expect(mutants('const a = 64, b = 0.9;')).toEqual([
		['constant', 'const a = (64 + 1), b = 0.9;'],
		['constant', 'const a = 64, b = (0.9 * 1.1);']
	]);
	// 1e38 + 1 is 1e38.
	expect(mutants('f(1e38)')).toEqual([['constant', 'f((1e+38 * 1.1))']]);
});

test('comparisons lose or gain their equality, or are turned round', () => {
	expect(mutants('f(a < b, c >= d, e === f)')).toEqual([
		['comparison', 'f(a <= b, c >= d, e === f)'],
		['comparison', 'f(a < b, c > d, e === f)'],
		['comparison', 'f(a < b, c >= d, e !== f)']
	]);
});

test('guards go, with all that they do', () => {
	expect(
		mutants('if (a) return; if (b) { c(); throw d; } if (e) f(); if (g) return; else h();')
	).toEqual([
		['guard', '; if (b) { c(); throw d; } if (e) f(); if (g) return; else h();'],
		['guard', 'if (a) return; ; if (e) f(); if (g) return; else h();']
	]);
});

test('what was awaited is no longer', () => {
	expect(mutants('const a = await b.c();')).toEqual([['await', 'const a = (b.c());']]);
});

test('types, imports and texts are left alone', () => {
	expect(
		mutants("import { a } from 'b1'; type C = 1 | 2; interface D { e: 3 } const f: 4 = g('5');")
	).toEqual([]);
});
