import { expect, test } from 'vitest';
import { chiSquared } from './chi-squared.fixture.ts';

test('the chance of a deviation is computed as tables have it', () => {
	const even = (counts: number[]) => {
		const draws = counts.reduce((a, b) => a + b, 0);
		return chiSquared(
			new Map(counts.entries()),
			new Map([...counts.keys()].map((i) => [i, 1 / counts.length])),
			draws
		);
	};
	// 3.841 with one degree of freedom, and 18.307 with ten, are the 5% points.
	const one = even([100 + 98.0 / 10, 100 - 98.0 / 10 + 0]);
	expect(one.statistic).toBeCloseTo(1.9208, 4);
	expect(one.pValue).toBeCloseTo(0.1658, 3);
	expect(even([58, 42]).pValue).toBeCloseTo(0.1096, 3);
	expect(even([50, 50]).pValue).toBe(1);
	expect(chiSquared(new Map([[7, 1]]), new Map([[6, 1]]), 1).pValue).toBe(0);
});
