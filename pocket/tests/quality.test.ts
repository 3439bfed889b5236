import { beforeAll, describe, expect, test } from 'vitest';
import { variants } from '../model/architecture.ts';
import { checkpoint, tokenizer } from '../model/checkpoint.ts';
import { decode } from '../model/tokenizer.ts';
import { readCorpus, storedAnswers } from '../training/corpus.ts';
import { cases, score } from './quality/cases.ts';
import { Judge } from './quality/judge.ts';
import { held } from './quality/sets.ts';

const MINUTES = 60_000;
const measured = ['q0f32', 'q4f32_1'] as const;
const answers = storedAnswers(readCorpus());
const judges = measured.map((name) => new Judge(variants[name], checkpoint, tokenizer, answers));

describe('the trained model on the plain reference', () => {
	const table = new Map<string, number[]>();
	beforeAll(() => {
		for (const [name, list] of Object.entries(cases))
			table.set(
				name,
				judges.map((judge) => score(judge, list))
			);
		const line = (name: string, cells: string[], count = '') =>
			`${name.padEnd(30)}${count.padStart(8)}${cells.map((c) => c.padStart(10)).join('')}`;
		console.log(
			[
				line('right answer, %', [...measured], 'prompts'),
				...[...table].map(([name, scores]) =>
					line(
						name,
						scores.map((s) => s.toFixed(1)),
						String(cases[name]!.length)
					)
				)
			].join('\n')
		);
	}, 10 * MINUTES);
	const scores = (name: string) => {
		const [full, q4] = table.get(name) ?? [];
		if (full === undefined || q4 === undefined) throw new Error(`nothing measured as ${name}`);
		return { full, q4 };
	};

	test.each([
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
	])('%s: at least %d % are answered right', (name, least) => {
		expect(scores(name).full).toBeGreaterThanOrEqual(least);
		expect(scores(name).q4).toBeGreaterThanOrEqual(least - 3);
	});
	test('four bits cost at most 3 points', () => {
		expect(scores('held').q4).toBeGreaterThanOrEqual(scores('held').full - 3);
	});
	test('off-topic prompts are declined by the four bit variant too', () => {
		expect(scores('off-topic').q4).toBeGreaterThanOrEqual(80);
	});
	test.each(measured)(
		'%s finishes what it begins: answers are stored answers to the last token',
		(name) => {
			const judge = judges[measured.indexOf(name)]!;
			const stored = new Set(answers.map(({ text }) => `${text}<|end|>`));
			const whole = held
				.filter((_, i) => i % 6 === 0)
				.map(({ text }) => decode(tokenizer, judge.write(text)));
			expect(whole.filter((text) => !stored.has(text)).length / whole.length).toBeLessThanOrEqual(
				0.05
			);
		},
		MINUTES
	);
});
