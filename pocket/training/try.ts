/**
 * How well the checkpoint answers, and what it misses.
 * usage: tsx try.ts [--misses] [line of the table...]     default: held and off-topic; "training" is the corpus itself
 */
import { cases, score } from '../tests/quality/cases.ts';
import { Judge } from '../tests/quality/judge.ts';
import { readCorpus, storedAnswers } from './corpus.ts';

const corpus = readCorpus();
const all = {
	...cases,
	training: corpus.topics.flatMap(({ id, phrasings }) =>
		phrasings.map((text) => ({ questions: [text], expected: id }))
	)
};
const names = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const misses = process.argv.includes('--misses');
for (const variant of ['q0f32', 'q4f32_1'] as const) {
	const judge = new Judge(variant, storedAnswers(corpus));
	for (const [name, list] of Object.entries(all)) {
		if (!(names.length > 0 ? names : ['held', 'off-topic']).includes(name)) continue;
		const started = performance.now();
		const ratio = score(judge, list, ({ questions, expected }, said) => {
			if (misses)
				console.log(`  ${expected}: ${questions.at(-1)} -> ${said ?? 'no stored answer'}`);
		});
		const seconds = ((performance.now() - started) / 1000).toFixed(1);
		console.log(`${variant} ${name}: ${ratio.toFixed(1)} % of ${list.length}, ${seconds} s`);
	}
}
