import type {
	GenerateRequest,
	GenerateResult,
	SpeedSample,
	SpeedTest
} from '../engine/protocol.ts';
import { Failure } from '../rpc/failure.ts';
import type { Verdict } from '#plan/memory/verdict.ts';
import type { Candidate } from './plan.ts';
import { NO_MEASUREMENTS, parseMeasurements, type Run } from './record.ts';
import type { MeasureWorld, Subject } from './world.ts';

const fits: Verdict = { kind: 'fits', reasons: [], warnings: [], overridable: false };

export const ANSWERED: GenerateResult = {
	finish: 'length',
	promptTokens: 20,
	completionTokens: 64,
	prefillTokensPerSecond: 100,
	decodeTokensPerSecond: 30,
	timeToFirstTokenMs: 70
};

/** A fake of the page around a run: loads and measures in no time what a test says. */
export class FakeWorld implements MeasureWorld {
	/** What happened, in order. */
	readonly said: string[] = [];
	/** As it lies on the disk: what a page that is opened again finds. */
	disk: unknown = NO_MEASUREMENTS;
	candidates: Record<string, Partial<Candidate>> = {};
	now_ = 1000;
	loaded_: Run['before'] = null;
	hidden_ = false;
	held = false;
	awake = false;
	loadStep: (variantId: string, signal: AbortSignal) => Promise<void> = () => Promise.resolve();
	measure: (variantId: string, test: SpeedTest, signal: AbortSignal) => Promise<SpeedSample> = () =>
		Promise.resolve({ ms: 1000, peakBytes: 100 });
	generate: (
		variantId: string,
		request: GenerateRequest,
		options: Parameters<Subject['generate']>[1]
	) => Promise<GenerateResult> = (variantId, _, { onText }) => {
		onText(`Answer of ${variantId}.`);
		return Promise.resolve(ANSWERED);
	};
	restoring: () => Promise<void> = () => Promise.resolve();
	/** Null in place of a hold: another tab measures. */
	elsewhere = false;
	#hiders = new Set<() => void>();
	#stopHold = new AbortController();
	#generation = 0;

	readonly record: MeasureWorld['record'];

	constructor(disk: unknown = NO_MEASUREMENTS) {
		this.disk = disk;
		const read = () => parseMeasurements(JSON.parse(JSON.stringify(this.disk)));
		this.record = {
			get run() {
				return read().run;
			},
			ready: Promise.resolve(),
			problem: null,
			change: (change) => {
				const { run, ...rest } = read();
				this.disk = { ...rest, run: change(run) };
				return Promise.resolve();
			}
		};
	}

	variant = (variantId: string) =>
		variantId.startsWith('gone')
			? null
			: { label: 'Tiny', quantization: variantId, parametersBillion: 1 };
	device = () => ({ name: 'A GPU', software: false, platform: 'linux', browser: 'A browser' });
	inspect = (variantId: string, contextWindow: number, signal: AbortSignal) => {
		this.said.push(`inspect ${variantId}`);
		if (signal.aborted) return Promise.reject(new Failure('cancelled', 'Cancelled.'));
		return Promise.resolve({
			variantId,
			contextWindow,
			verdict: fits,
			missingBytes: 0,
			wantedAnyway: false,
			problem: null,
			...this.candidates[variantId]
		});
	};
	loaded = () => this.loaded_;
	hold = (signal: AbortSignal) => {
		if (this.elsewhere)
			return Promise.reject(
				new Failure('elsewhere', 'A measurement runs in another tab of this page.')
			);
		if (signal.aborted) return Promise.reject(new Failure('cancelled', 'Cancelled.'));
		this.held = true;
		this.#stopHold = new AbortController();
		return Promise.resolve({
			stopped: this.#stopHold.signal,
			release: () => void (this.held = false)
		});
	};
	/** As "Cancel all" does elsewhere in the page. */
	stopHold = () => this.#stopHold.abort();
	load: MeasureWorld['load'] = (variantId, contextWindow, options) => {
		this.said.push(`load ${variantId}`);
		this.loaded_ = null;
		this.lose();
		return this.#load(variantId, contextWindow, options);
	};
	/** Two models fit. */
	bothFit = true;
	loadBeside: MeasureWorld['loadBeside'] = (variantId, contextWindow, options) => {
		if (!this.bothFit) return Promise.resolve(null);
		this.said.push(`load ${variantId} beside ${this.loaded_?.variantId ?? 'nothing'}`);
		return this.#load(variantId, contextWindow, options);
	};
	#load: MeasureWorld['load'] = async (variantId, contextWindow, { signal, onStep }) => {
		onStep('loading');
		await this.loadStep(variantId, signal);
		if (signal.aborted) throw new Failure('cancelled', 'Cancelled.');
		this.loaded_ = { variantId, contextWindow };
		const generation = this.#generation;
		const subject: Subject = {
			contextWindow: this.candidates[variantId]?.contextWindow ?? contextWindow,
			tokenSampling: 'engine',
			loadMs: 500,
			weightsBytes: 10,
			prefillChunkTokens: null,
			plannedPeakBytes: 90,
			peakBytes: 80,
			stands: () => this.#generation === generation,
			can: { images: variantId.endsWith('vision'), thinking: false, schema: true, seed: true },
			config: null,
			keepAnswer: () => Promise.resolve([]),
			compareAnswer: () => Promise.resolve([]),
			generate: (request, options) => {
				this.said.push(`${variantId} writes`);
				return this.generate(variantId, request, options);
			},
			measure: (test, signal) => {
				this.said.push(
					`${variantId} ${test.promptTokens > 0 ? 'pp' : 'tg'}${test.depthTokens > 0 ? '@d' : ''}`
				);
				return this.measure(variantId, test, signal);
			},
			answer: () => {
				this.said.push(`${variantId} answers`);
				return Promise.resolve(ANSWERED);
			}
		};
		return subject;
	};
	/** Somebody else ended what was loaded. */
	lose = () => void this.#generation++;
	restore = async (before: Run['before']) => {
		this.said.push(`restore ${before?.variantId ?? 'nothing'}`);
		await this.restoring();
		this.loaded_ = before;
	};
	conditions = () => Promise.resolve({ battery: null, cpuPressure: null });
	hidden = () => this.hidden_;
	hide = () => {
		this.hidden_ = true;
		for (const tell of this.#hiders) tell();
	};
	onHidden = (tell: () => void) => {
		this.#hiders.add(tell);
		return () => void this.#hiders.delete(tell);
	};
	keepAwake = () => {
		this.awake = true;
		return Promise.resolve(() => void (this.awake = false));
	};
	remove = (variantIds: readonly string[]) => {
		this.said.push(`remove ${variantIds.join()}`);
		return Promise.resolve(variantIds.filter((id) => id !== this.loaded_?.variantId));
	};
	now = () => this.now_++;
	newId = () => 'id';
}
