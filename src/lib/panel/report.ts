import { countsOf } from '../chat/request-words.ts';
import { modelVersion } from '#plan/models/catalog-data.ts';
import type { App } from '../app/app.svelte.ts';
import { granted } from '#plan/device/granted.ts';
import { kindLines } from '#plan/memory/corrections.ts';
import { bytes } from '#plan/words.ts';
import type { Failure } from '../rpc/failure.ts';
import { confidenceWords } from './confidence.ts';
import { reportsOf } from '../app/kind-reports.ts';
import { answersLine, failureWords } from '../statistics/words.ts';
import { partsOf } from './parts.ts';

/** What helps to find a fault, as text for a person to read before it is sent. Holds nothing of any conversation. */
export async function report(app: App, pageVersion: string): Promise<string> {
	const { loader, session } = app;
	const { reading, budget } = app.hardware;
	const { variant, contextWindow, plan } = app.selection;
	const { thresholdRatio, reserveBytes, afterFailure, idleUnloadMinutes } = app.settings.current;
	const device = reading?.kind === 'ready' ? reading.device : null;
	const given = device && granted(device.limits);
	const { loaded, problem } = loader;
	const sections: Record<string, [string, string | number | boolean | null][]> = {
		Page: [
			['version', pageVersion],
			['engine', `WebLLM, model libraries ${modelVersion}`],
			['browser', navigator.userAgent],
			['secure context', isSecureContext],
			['time since opened', `${Math.round(performance.now() / 1000)} s`],
			['storage', await storage()]
		],
		Device: device
			? [
					[
						'GPU',
						[device.vendor, device.architecture, device.description].filter(Boolean).join(', ')
					],
					['name', device.gpuName],
					['software', device.software],
					['platform', device.platform],
					['device memory', device.deviceMemoryGiB && `${device.deviceMemoryGiB} GiB`],
					['heap', device.heapBytes && bytes(device.heapBytes)],
					['features', device.features.join(' ')],
					...Object.entries<number>({ ...device.limits }),
					[
						'granted',
						given?.kind === 'granted'
							? `buffers ${bytes(given.maxBufferSize)}, bindings ${bytes(given.maxStorageBufferBindingSize)}`
							: (given?.sentence ?? null)
					]
				]
			: [['GPU', reading && reading.kind !== 'ready' ? reading.sentence : 'not asked yet']],
		Memory: [
			['budget', budget && `${bytes(budget.bytes)}, ${budget.source}`],
			['threshold', thresholdRatio],
			['reserve', bytes(reserveBytes)],
			['in use', `${loader.meter.liveBytes} bytes in ${loader.meter.buffers} buffers`],
			['peak', `${loader.meter.peakBytes} bytes`],
			['last swap', loader.swapGapMs && `${Math.round(loader.swapGapMs)} ms without a model`],
			['loads measured', app.history.current.measurements.length],
			['loads out of memory', app.history.current.failures.length]
		],
		Model: [
			['chosen', `${variant.id} at ${contextWindow}`],
			[
				'estimate',
				plan.estimate && `${plan.estimate.peakBytes} bytes, ${confidenceWords(plan.estimate)}`
			],
			[
				'parts',
				plan.estimate &&
					partsOf(plan.estimate)
						.map((part) => `${part.name} ${part.bytes}`)
						.join(', ')
			],
			['kind of library', app.preflights.facts(variant)?.library?.fingerprint ?? null],
			['verdict', [plan.verdict.kind, ...plan.verdict.reasons.map(({ code }) => code)].join(' ')],
			['sampling on the CPU', app.settings.current.leanSampling],
			['not on the CPU because', app.experience.leanProblem && wordsOf(app.experience.leanProblem)],
			[
				'tokens chosen by',
				loaded && (loaded.result.tokenSampling === 'lean' ? 'the page' : 'the engine')
			],
			['loaded', loaded && `${loaded.variant.id} at ${loaded.contextWindow}`],
			['status', loader.status.kind],
			['session', session.status.kind],
			['requests', countsOf(app.answers.queue) || 'none'],
			['problem', problem && `${problem.failure.kind}: ${problem.failure.message}`],
			['after a failure', afterFailure],
			['unload after', idleUnloadMinutes && `${idleUnloadMinutes} min`]
		],
		Statistics: (app.counting.tally?.records ?? []).map((record) => [
			record.variantId,
			[
				answersLine(record) || 'no answers',
				failureWords(record.answers),
				`${record.loads.complete} of ${record.loads.begun} loads`,
				failureWords(record.loads)
			]
				.filter(Boolean)
				.join('; ')
		]),
		'Plans against loads': reportsOf(app).flatMap(kindLines)
	};
	const lines = [`Headroom report, ${new Date().toISOString()}`];
	for (const [title, entries] of Object.entries(sections)) {
		if (entries.length === 0) continue;
		lines.push('', title);
		for (const [name, value] of entries)
			if (value !== null && value !== '') lines.push(`  ${name}: ${value}`);
	}
	lines.push('', 'What happened last');
	for (const { at, text } of loader.journal.entries)
		lines.push(`  ${new Date(at).toISOString().slice(11, 23)} ${text}`);
	return lines.join('\n');
}

const wordsOf = ({ message, detail }: Failure): string =>
	[message, ...Object.entries(detail).map(([name, value]) => `${name}: ${value}`)].join(' ');

async function storage(): Promise<string> {
	// Absent where the page was not opened over https.
	const manager = (navigator as { storage?: StorageManager }).storage;
	if (!manager) return 'unknown';
	const { usage = NaN, quota = NaN } = await manager.estimate();
	const kept = (await manager.persisted()) ? 'persistent' : 'evictable';
	return `${bytes(usage)} of ${bytes(quota)}, ${kept}`;
}
