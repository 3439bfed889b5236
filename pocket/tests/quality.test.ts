import { beforeAll, describe, expect, test } from 'vitest';
import { EXPECTED, QUESTION } from '../../src/lib/help/expected.ts';
import { type VariantName, variantNames, variants } from '../model/architecture.ts';
import { readCorpus, storedAnswers } from '../training/corpus.ts';
import { cases, score } from './quality/cases.ts';
import { Judge } from './quality/judge.ts';
import { held } from './quality/sets.ts';
import { LONG } from './tried.ts';

const MINUTES = 60_000;
const answers = storedAnswers(readCorpus());
const judges = new Map(variantNames.map((name) => [name, new Judge(name, answers)]));
const everywhere = ['held', 'off-topic'];
const asked = (name: string) => LONG || everywhere.includes(name);

describe('the trained model on the plain reference', () => {
	const table = new Map<string, Map<VariantName, number>>();
	beforeAll(() => {
		for (const [name, list] of Object.entries(cases).filter(([name]) => asked(name))) {
			const row = new Map<VariantName, number>();
			for (const [variant, judge] of judges)
				if (variants[variant].float === 'f32' || everywhere.includes(name))
					row.set(variant, score(judge, list));
			table.set(name, row);
		}
		const line = (name: string, count: string, cells: string[]) =>
			`${name.padEnd(30)}${count.padStart(8)}${cells.map((c) => c.padStart(9)).join('')}`;
		console.log(
			[
				line('right answer, %', 'prompts', variantNames),
				...[...table].map(([name, row]) =>
					line(
						name,
						String(cases[name]!.length),
						variantNames.map((variant) => row.get(variant)?.toFixed(1) ?? '')
					)
				)
			].join('\n')
		);
	}, 20 * MINUTES);
	const scored = (name: string, variant: VariantName) => {
		const ratio = table.get(name)?.get(variant);
		if (ratio === undefined) throw new Error(`${name} was not measured on ${variant}`);
		return ratio;
	};

	const leasts: [name: string, leastPercent: number][] = [
		['held', 85],
		['off-topic', 80],
		['held, one typo', 75],
		['held, ", thank you"', 75],
		['held, ALL CAPITALS', 75],
		['held, other system message', 75],
		['second turn', 80],
		['third turn', 80],
		['second turn, after a reload', 80],
		['"can you tell me more"', 75]
	];
	test.each(leasts.filter(([name]) => asked(name)))(
		'%s: at least %d % are answered right',
		(name, least) => {
			expect(scored(name, 'q0f32')).toBeGreaterThanOrEqual(least);
			expect(scored(name, 'q4f32_1')).toBeGreaterThanOrEqual(least - 3);
		}
	);
	test.each(['q4f32_1', 'q4f16_1', 'q0f16'] as const)(
		'%s answers at most 3 points fewer held-out questions than full precision',
		(variant) => {
			expect(scored('held', variant)).toBeGreaterThanOrEqual(scored('held', 'q0f32') - 3);
		}
	);
	test.each(variantNames)('%s declines at least 80 %% of the off-topic prompts', (variant) => {
		expect(scored('off-topic', variant)).toBeGreaterThanOrEqual(80);
	});
	test.each(['q0f32', 'q4f32_1'] as const)(
		'%s finishes what it begins: answers are stored answers to the last token',
		(variant) => {
			const judge = judges.get(variant)!;
			const stored = new Set(answers.map(({ text }) => text));
			const written = held.filter((_, i) => i % 6 === 0).map(({ text }) => judge.write(text));
			const broken = written.filter((text) => !stored.has(text));
			expect(broken.length / written.length).toBeLessThanOrEqual(0.05);
		},
		MINUTES
	);
});

test.each(['q4f32_1', 'q4f16_1'] as const)(
	'%s answers the question of the page’s self-test as expected',
	(variant) => {
		expect(judges.get(variant)!.write(QUESTION)).toBe(EXPECTED);
	}
);
