import type { Figures } from '../limits.ts';
import { ask, longAnswer } from '../ask.ts';
import { choose, type Lab } from '../lab.ts';
import { median } from '../median.ts';

const VARIANT = 'pocket-q4f32_1';
const TOKENS = 400;

interface TraceEvent {
	name: string;
	ph: string;
	ts: number;
	dur?: number;
	tdur?: number;
	pid: number;
	tid: number;
	args: { name?: string; data?: { url?: string; functionName?: string; type?: string } };
}

/** From a trace of the browser, because its observer of long tasks sees only what is over the limit already. */
export async function longestTask(lab: Lab, runs: number): Promise<Figures> {
	const [parts, bare] = [await lab.parts(), await lab.engine()];
	await bare.evaluate((id) => window.ask({ kind: 'reload', id, contextWindow: 2048 }), VARIANT);
	const { sampling } = await longAnswer(bare, TOKENS);
	await bare.close();
	await parts.evaluate((change) => window.parts.set(change), {
		choice: { variantId: VARIANT, contextWindow: 2048 },
		sampling
	});
	await parts.close();
	const site = await lab.site();
	await choose(site, VARIANT);
	await ask(site);

	const longest: number[] = [];
	const computing: number[] = [];
	for (let run = 0; run < runs; run++) {
		await site.evaluate(() => {
			window.observe.longTasksMs.length = 0;
			window.observe.longFrames.length = 0;
		});
		const events = await lab.trace<TraceEvent>(site, async () => {
			const { tokens } = await ask(site);
			if (tokens !== TOKENS) throw new Error(`The answer has ${tokens} tokens.`);
		});
		const main = mainThread(events, new URL(site.url()).origin);
		const tasks = main.filter(({ name, ph }) => name === 'RunTask' && ph === 'X');
		const worst = tasks.reduce((a, b) => ((b.dur ?? 0) > (a.dur ?? 0) ? b : a));
		longest.push((worst.dur ?? 0) / 1000);
		computing.push(Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000);
		const inside = main
			.filter(
				({ name, ts, dur = 0 }) =>
					name !== 'RunTask' &&
					dur > 1000 &&
					ts >= worst.ts &&
					ts + dur <= worst.ts + (worst.dur ?? 0)
			)
			.map(
				({ name, dur = 0, args }) =>
					`${name}${args.data?.functionName ? ` ${args.data.functionName}` : ''} ${(dur / 1000).toFixed(1)}`
			);
		const seen = await site.evaluate(() => ({
			tasks: window.observe.longTasksMs,
			frames: window.observe.longFrames
		}));
		lab.log(
			`longest ${((worst.dur ?? 0) / 1000).toFixed(1)} ms (${((worst.tdur ?? 0) / 1000).toFixed(1)} ms of it computing): ${inside.join(', ') || 'nothing over 1 ms in it'}; long tasks seen by the page: ${seen.tasks.map((ms) => ms.toFixed(0)).join(', ') || 'none'}`
		);
		for (const frame of seen.frames)
			lab.log(`long frame ${frame.durationMs.toFixed(0)} ms: ${frame.scripts.join('; ')}`);
	}
	await site.close();
	return { longestTaskMs: median(longest), longestTaskCpuMs: median(computing) };
}

/** The events of the main thread that draws the site. */
function mainThread(events: readonly TraceEvent[], origin: string): TraceEvent[] {
	const mains = events.filter(
		({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain'
	);
	const threads = mains.map(({ pid, tid }) =>
		events.filter((event) => event.pid === pid && event.tid === tid)
	);
	// Other pages' renderers are idle, or of the browser's own.
	const ours = threads.filter((thread) =>
		thread.some(({ args }) => args.data?.url?.startsWith(origin))
	);
	const busiest = (ours.length > 0 ? ours : threads).sort((a, b) => b.length - a.length)[0];
	if (!busiest) throw new Error('The trace has no main thread.');
	return busiest;
}
