import { bytes, count, duration, tokens } from '#plan/words.ts';
import type { Distribution } from './figures.ts';
import type { Mark, MarkCode } from './guards.ts';
import type { MeasuredRow } from './record.ts';
import type { RunPlan } from './plan.ts';

const SENTENCES: Record<MarkCode, string> = {
	hidden: 'The tab was hidden while this was measured.',
	drift: 'It slowed down: heat or another program.',
	noisy: 'The repetitions differ by more than 10%.',
	battery: 'Running on battery.',
	pressure: 'High processor load.',
	software: 'Software rendering: no GPU in use.',
	window: 'Measured with another context window than the one asked for.'
};

/** What the marks of a row say, a line for each: "pp512, tg128: it slowed down …". */
export function markLines(marks: readonly Mark[], row?: Pick<MeasuredRow, 'contextWindow'>) {
	const codes = [...new Set(marks.map(({ code }) => code))];
	return codes.map((code) => {
		const tests = marks.flatMap((mark) => (mark.code === code && mark.test ? [mark.test] : []));
		const sentence =
			code === 'window' && row
				? `Measured with ${tokens(row.contextWindow)} of context, the most this model holds.`
				: SENTENCES[code];
		return tests.length === 0
			? sentence
			: `${tests.join(', ')}: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;
	});
}

/** Three significant digits, and never fewer than the whole ones: "1,234", "31.4", "0.52". */
export function figure(value: number): string {
	if (!Number.isFinite(value)) return 'unknown';
	const size = Math.abs(value);
	return size >= 99.95 ? count(value) : value.toFixed(size >= 9.995 ? 1 : 2);
}

/** "31.4 ± 0.2". */
export const distributionWords = ({ mean, deviation }: Distribution): string =>
	deviation === null ? figure(mean) : `${figure(mean)} ± ${figure(deviation)}`;

/** "×1.52". */
export const ratioWords = (ratio: number): string => `×${ratio.toFixed(2)}`;

export const secondsWords = (ms: number): string => `${figure(ms / 1000)} s`;

/** What a run asks for before it begins. */
export function downloadWords(
	{ variantIds, downloadBytes, unknownSizes }: RunPlan,
	verb: 'measure' | 'compare' = 'measure'
): string {
	const n = variantIds.length;
	// Servers can be compared, too.
	const noun = verb === 'compare' ? 'answer' : 'variant';
	const what = `${count(n)} ${noun}${n === 1 ? '' : 's'} to ${verb}`;
	if (downloadBytes === 0 && unknownSizes === 0) return `${what}, all on disk.`;
	const unknown =
		unknownSizes === 0
			? ''
			: `${downloadBytes > 0 ? ' and ' : ''}${count(unknownSizes)} of unknown size`;
	return `${what}. To download: ${downloadBytes > 0 ? bytes(downloadBytes) : ''}${unknown}.`;
}

/** "about 4 min left"; empty: nothing was measured yet. */
export function leftWords(elapsedMs: number, done: number, of: number): string {
	if (done === 0 || of <= done) return '';
	return `about ${duration(((elapsedMs / done) * (of - done)) / 1000)} left`;
}
