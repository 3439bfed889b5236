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
	const stream = () =>
		parts.evaluate(([answer, step]) => window.parts.stream(answer, step), [answer, STEP] as const);
	await stream();
	const runs: number[][] = [];
	for (let run = 0; run < RUNS; run++) runs.push(await stream());
	// An update that is slow for a reason of its own is so in every run; one that was interrupted is not.
	const updates = (runs[0] ?? []).map((_, n) => median(runs.map((run) => run[n] ?? NaN)));
	const slowest = updates.map((ms, n) => ({ ms, at: (n + 1) * STEP })).sort((x, y) => y.ms - x.ms);
	for (const { ms, at } of slowest.slice(0, 6))
		lab.log(`${ms.toFixed(1)} ms at ${JSON.stringify(answer.slice(Math.max(0, at - 40), at))}`);
	await parts.close();
	return { streamUpdateMs: median(updates), streamUpdateWorstMs: slowest[0]?.ms ?? NaN };
}
