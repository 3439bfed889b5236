import type { MeasuredRow, Run } from './record.ts';
import { sets } from './speed-tests.ts';

/** A row as a quick run leaves it. `rates`: tokens per second of each test's repetitions. */
export function aRow(
	variantId: string,
	change: Partial<MeasuredRow> & { rates?: readonly [pp: number[], tg: number[]] } = {}
): MeasuredRow {
	const { rates = [[512], [128]], ...rest } = change;
	return {
		kind: 'measured',
		variantId,
		label: 'Tiny',
		quantization: variantId,
		at: Date.UTC(2026, 0, 2, 3, 4, 5),
		contextWindow: 4096,
		tokenSampling: 'engine',
		weightsBytes: 700 * 2 ** 20,
		parametersBillion: 1.24,
		prefillChunkTokens: 1024,
		loadMs: 1500,
		firstTokenMs: 80,
		answerTokensPerSecond: 30,
		plannedPeakBytes: 2 ** 30,
		measuredPeakBytes: 2 ** 30,
		tests: sets.quick.tests.map((test, i) => ({
			test,
			samplesMs: (rates[i] ?? []).map(
				(rate) => ((test.promptTokens + test.generatedTokens) / rate) * 1000
			),
			repeated: 0
		})),
		marks: [],
		...rest
	};
}

export function aRun(rows: Run['rows'] = [aRow('a'), aRow('b')], change: Partial<Run> = {}): Run {
	const variantIds = rows.map(({ variantId }) => variantId);
	return {
		id: 'run',
		startedAt: Date.UTC(2026, 0, 2, 3, 0, 0),
		asked: {
			variantIds,
			set: 'quick',
			contextWindow: 4096,
			baselineId: variantIds[0] ?? null
		},
		variantIds,
		leftOut: [],
		baselineId: variantIds[0] ?? null,
		fetched: [],
		before: null,
		currentId: null,
		device: { name: 'A GPU', software: false, platform: 'linux', browser: 'A browser' },
		state: 'done',
		rows,
		...change
	};
}
