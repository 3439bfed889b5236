import { ANSWERS } from '../../src/lib/markdown/answers.fixture.ts';
import { FIXTURES } from '../../src/lib/markdown/documents.fixture.ts';
import { llama3 } from '../../src/lib/tokens/tokenizers.fixture.ts';
import type { Lab } from '../lab.ts';
import type { Figures } from '../limits.ts';
import { median } from '../median.ts';

const CHARS = 10_000;

/** Texts of eight scripts, of which no two are the same, counted by a tokenizer in the format of Llama 3. */
export async function countTokens(lab: Lab, times: number): Promise<Figures> {
	const written = [
		...FIXTURES,
		...Object.values(ANSWERS).flatMap(({ answers }) => answers.map(({ text }) => text))
	];
	const all = written.join('\n\n');
	const long = all.repeat(Math.ceil((2 * CHARS) / all.length) + 1);
	const texts = Array.from({ length: times }, (_, n) => {
		const start = (n * 997) % all.length;
		return long.slice(start, start + CHARS);
	});
	const parts = await lab.parts();
	const took = await parts.evaluate(
		([tokenizer, texts]) => window.parts.countTokens(tokenizer, texts),
		[JSON.stringify(llama3(written)), texts] as const
	);
	await parts.close();
	return { countTokensMs: median(took) };
}
