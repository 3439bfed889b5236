import type { Page } from 'playwright';
import type { Figures } from '../limits.ts';
import type { Lab } from '../lab.ts';
import { median } from '../median.ts';

const CHARS = 16_000;
/** What an update of the page brings at some hundred tokens a second. */
const STEP = 8;
const RUNS = 3;

const SECTION = `## What a variant takes

A model's *weights* are **most** of it, but the [KV cache](https://example.org/kv) grows with the window, and
\`context_window_size\` sets it. Some text that is long enough to be wrapped over several lines of a paragraph.

- first, the weights
- then the cache
  - keys
  - values

| quantization | bits | activations |
|---|---:|---|
| q4f16_1 | 4 | f16 |
| q0f32 | 32 | f32 |

\`\`\`ts
export const weightsBytes = (elements: number, bits: number): number => {
	// Scales come on top.
	return Math.ceil((elements * bits) / 8);
};
\`\`\`

> A quotation, in which $e = mc^2$ stands.

1. one
2. two

`;

/** An answer of every common construct, as long as a long answer gets, shown piece by piece. */
export async function streamUpdate(lab: Lab): Promise<Figures> {
	const answer = SECTION.repeat(Math.ceil(CHARS / SECTION.length)).slice(0, CHARS);
	const parts = await lab.parts();
	await parts.bringToFront();
	const updates = await updatesOf(parts, answer, STEP);
	const slowest = updates.map((ms, n) => ({ ms, at: (n + 1) * STEP })).sort((x, y) => y.ms - x.ms);
	for (const { ms, at } of slowest.slice(0, 6))
		lab.log(`${ms.toFixed(1)} ms at ${JSON.stringify(answer.slice(Math.max(0, at - 40), at))}`);
	await parts.close();
	return { streamUpdateMs: median(updates), streamUpdateWorstMs: slowest[0]?.ms ?? NaN };
}

/** Each as long as makes a renderer without bounds take seconds. */
const HOSTILE: Record<string, string> = {
	'nested quotations': '>'.repeat(CHARS),
	'nested lists': Array.from({ length: 170 }, (_, n) => `${' '.repeat(n)}- x`).join('\n'),
	'open brackets': '['.repeat(CHARS),
	'open links': '[a]('.repeat(CHARS / 4),
	'open emphasis': '*a **b '.repeat(CHARS / 7),
	backticks: Array.from({ length: 175 }, (_, n) => '`'.repeat(n)).join(' '),
	'one word': 'x'.repeat(CHARS),
	'a wide table': `|${'a|'.repeat(CHARS / 6)}\n|${'-|'.repeat(CHARS / 6)}\n|${'b|'.repeat(CHARS / 6)}`,
	'a long table': `|a|b|\n|-|-|\n${'|c|d|\n'.repeat(CHARS / 6)}`,
	'a long list': '- item\n'.repeat(CHARS / 7),
	'a formula': `$$${'\\frac{1}{'.repeat(CHARS / 9)}`,
	entities: '&amp;&#x41;'.repeat(CHARS / 11),
	'code without an end': `\`\`\`js\n${'const a = "b" + /c/;\n'.repeat(CHARS / 21)}`,
	combining: `a${'\u0301'.repeat(CHARS)}`
};
/** As many characters at once as a fast model writes between two updates. */
const HOSTILE_STEP = 64;

/** What a model may write to stop the page, shown piece by piece. */
export async function hostileUpdate(lab: Lab): Promise<Figures> {
	const parts = await lab.parts();
	await parts.bringToFront();
	let worst = 0;
	for (const [name, answer] of Object.entries(HOSTILE)) {
		const slowest = Math.max(...(await updatesOf(parts, answer, HOSTILE_STEP)));
		lab.log(`${slowest.toFixed(1)} ms ${name}`);
		worst = Math.max(worst, slowest);
	}
	await parts.close();
	return { hostileUpdateWorstMs: worst };
}

/** Milliseconds of every update. One that is slow for a reason of its own is so in every run; one that was interrupted is not. */
async function updatesOf(parts: Page, answer: string, step: number): Promise<number[]> {
	const stream = () =>
		parts.evaluate(([answer, step]) => window.parts.stream(answer, step), [answer, step] as const);
	await stream();
	const runs: number[][] = [];
	for (let run = 0; run < RUNS; run++) runs.push(await stream());
	return (runs[0] ?? []).map((_, n) => median(runs.map((run) => run[n] ?? NaN)));
}
