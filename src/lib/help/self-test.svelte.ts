import type { DeviceReading } from '#plan/device/adapter.ts';
import { rate } from '#plan/words.ts';
import { defaultSampling } from '../engine/sampling.ts';
import type { SpeedTest } from '../engine/protocol.ts';
import { rateOf } from '../measure/figures.ts';
import { nameOf, tokensOf } from '../measure/speed-tests.ts';
import type { PageWorld, Subject } from '../measure/world.ts';
import { asFailure, Failure } from '../rpc/failure.ts';
import { ENDS_ALL } from '../runner/ends-all.ts';
import { remedyFor } from '../ui/remedies.ts';
import { EXPECTED, QUESTION } from './expected.ts';
import type { StorageCheck } from './storage-check.ts';

/** Its variant that any GPU runs, and the one that computes in 16 bits. */
const PLAIN = 'pocket-q4f32_1';
const HALF = 'pocket-q4f16_1';
const WINDOW = 1024;
/** More than the answer has. */
const ANSWER_TOKENS = 96;
const SPEED: SpeedTest = { promptTokens: 0, generatedTokens: 64, depthTokens: 0 };

export type CheckState = 'passed' | 'limited' | 'failed' | 'skipped';

export interface Check {
	name: 'Device' | '16-bit shaders' | 'Storage' | 'Answer' | '16-bit answer' | 'Speed';
	state: CheckState;
	/** What was found, in a sentence. */
	found: string;
	/** What to do about it; null: nothing. */
	next: string | null;
}

export type SelfTestStatus =
	| { kind: 'idle' }
	/** Answers that were asked before are being written. */
	| { kind: 'waiting' }
	| { kind: 'running'; step: string }
	| { kind: 'done'; at: number };

/** What the test needs of the page around it. */
export interface SelfTestWorld extends Pick<
	PageWorld,
	'hold' | 'load' | 'loaded' | 'restore' | 'now'
> {
	device(): DeviceReading | null;
	/** Something is being loaded or unloaded. */
	busy(): boolean;
	storage(): Promise<StorageCheck>;
}

/**
 * Tries each part that an answer needs, on the model that ships with the site. The engine is the test's alone
 * meanwhile: what was asked before is answered first, and what had been loaded comes back at the end.
 */
export class SelfTest {
	status = $state.raw<SelfTestStatus>({ kind: 'idle' });
	checks = $state.raw<readonly Check[]>([]);
	/** What had been loaded could not be loaded again; null: it is back. */
	problem = $state.raw<Failure | null>(null);
	readonly running = $derived.by(
		() => this.status.kind === 'waiting' || this.status.kind === 'running'
	);
	readonly #world: SelfTestWorld;
	#controller = new AbortController();
	/** What is being tried on the GPU. */
	#trying: Check['name'] = 'Answer';

	constructor(world: SelfTestWorld) {
		this.#world = world;
	}

	async run() {
		if (this.running) return;
		this.checks = [];
		this.problem = null;
		this.status = { kind: 'running', step: 'Storage' };
		const { signal } = (this.#controller = new AbortController());
		const reading = this.#world.device();
		this.#add(...deviceChecks(reading));
		this.#add(storageCheck(await this.#world.storage()));
		if (reading?.kind === 'ready' && !signal.aborted) await this.#onGpu(reading, signal);
		else if (!signal.aborted)
			this.#add(
				skipped('Answer', 'No GPU to run it on.'),
				skipped('Speed', 'No GPU to run it on.')
			);
		this.status = signal.aborted ? { kind: 'idle' } : { kind: 'done', at: this.#world.now() };
	}

	/** Ends it; what had been loaded comes back. */
	cancel() {
		this.#controller.abort();
	}

	async #onGpu({ device }: Extract<DeviceReading, { kind: 'ready' }>, signal: AbortSignal) {
		const world = this.#world;
		this.status = { kind: 'waiting' };
		this.#trying = 'Answer';
		try {
			const hold = await world.hold(signal);
			const stopped = () => this.cancel();
			hold.stopped.addEventListener('abort', stopped, { once: true });
			const before = world.loaded();
			try {
				const subject = await this.#answer(PLAIN, 'Answer', signal);
				if (subject) await this.#speed(subject, device.software, signal);
				if (device.features.includes('shader-f16'))
					await this.#answer(HALF, '16-bit answer', signal);
			} finally {
				if (this.#mayRestore()) {
					this.status = { kind: 'running', step: 'Restoring the model that was loaded before' };
					await world.restore(before).catch((thrown: unknown) => {
						this.problem = asFailure(thrown);
					});
				}
				hold.stopped.removeEventListener('abort', stopped);
				hold.release();
			}
		} catch (thrown) {
			if (!signal.aborted) this.#add(...ended(this.#trying, asFailure(thrown)));
		}
	}

	/** What a person has loaded meanwhile, or is loading, stays. */
	#mayRestore(): boolean {
		const loaded = this.#world.loaded()?.variantId;
		return !this.#world.busy() && (loaded === undefined || loaded === PLAIN || loaded === HALF);
	}

	/** null: it could not be asked. Throws what ends the whole test. */
	async #answer(
		variantId: string,
		name: 'Answer' | '16-bit answer',
		signal: AbortSignal
	): Promise<Subject | null> {
		this.#trying = name;
		this.status = { kind: 'running', step: `Loading ${variantId}` };
		try {
			const subject = await this.#world.load(variantId, WINDOW, { signal, onStep: () => {} });
			this.status = { kind: 'running', step: `Asking ${variantId}` };
			let text = '';
			await subject.generate(
				{
					messages: [{ role: 'user', content: QUESTION }],
					sampling: { ...defaultSampling, temperature: 0, seed: 1, maxTokens: ANSWER_TOKENS }
				},
				{ signal, onText: (added) => (text += added) }
			);
			if (signal.aborted) return null;
			this.#add(answerCheck(name, variantId, text.trim(), subject.loadMs));
			return subject;
		} catch (thrown) {
			if (!signal.aborted) {
				const failure = asFailure(thrown);
				if (ENDS_ALL.has(failure.kind)) throw failure;
				this.#add(...ended(name, failure));
			}
			return null;
		}
	}

	async #speed(subject: Subject, software: boolean, signal: AbortSignal) {
		this.#trying = 'Speed';
		this.status = { kind: 'running', step: 'Measuring speed' };
		try {
			// The first run pays for what is compiled late.
			await subject.measure(SPEED, signal);
			const { ms } = await subject.measure(SPEED, signal);
			this.#add({
				name: 'Speed',
				state: software ? 'limited' : 'passed',
				found: `${rate(rateOf(tokensOf(SPEED), ms))} tokens/s (${nameOf(SPEED)}, ${PLAIN}).`,
				next: software
					? 'No GPU is in use: turn on graphics acceleration in the browser’s settings.'
					: null
			});
		} catch (thrown) {
			if (signal.aborted) return;
			const failure = asFailure(thrown);
			if (ENDS_ALL.has(failure.kind)) throw failure;
			this.#add(failed('Speed', failure));
		}
	}

	#add(...checks: Check[]) {
		this.checks = [...this.checks, ...checks];
	}
}

function deviceChecks(reading: DeviceReading | null): Check[] {
	if (reading?.kind !== 'ready')
		return [
			{
				name: 'Device',
				state: 'failed',
				found: reading?.sentence ?? 'The browser has not described a GPU.',
				next: reading?.remedy ?? 'Reload the page.'
			},
			skipped('16-bit shaders', 'Unknown without a GPU.')
		];
	const { device } = reading;
	const name =
		device.gpuName ??
		(device.description || [device.vendor, device.architecture].filter(Boolean).join(' '));
	const f16 = device.features.includes('shader-f16');
	return [
		{
			name: 'Device',
			state: device.software ? 'limited' : 'passed',
			found: `${name || 'A GPU without a name'}${device.software ? ', software rendering' : ''}.`,
			next: device.software
				? 'If this computer has a GPU, turn on graphics acceleration in the browser’s settings.'
				: null
		},
		{
			name: '16-bit shaders',
			state: f16 ? 'passed' : 'limited',
			found: f16 ? 'shader-f16 is there.' : 'The GPU does not offer shader-f16.',
			next: f16 ? null : 'Choose variants with f32 in their names.'
		}
	];
}

const storageCheck = ({ problems, found }: StorageCheck): Check => ({
	name: 'Storage',
	state: problems.length > 0 ? 'failed' : 'passed',
	found: [...problems, found].join(' '),
	next:
		problems.length > 0
			? 'Leave the private window, allow this site to keep data, or free some of the disk.'
			: null
});

function answerCheck(
	name: 'Answer' | '16-bit answer',
	variantId: string,
	text: string,
	loadMs: number
): Check {
	if (text === EXPECTED)
		return {
			name,
			state: 'passed',
			found: `${variantId} answers as expected, and was loaded in ${(loadMs / 1000).toFixed(1)} s.`,
			next: null
		};
	return {
		name,
		state: 'failed',
		found: `${variantId} answered “${text.slice(0, 300)}” and not “${EXPECTED}”.`,
		next:
			name === 'Answer'
				? 'The GPU or its driver computes wrongly: update the graphics driver, and do not trust answers until this passes.'
				: 'The GPU computes wrongly in 16 bits: choose variants with f32 in their names, and update the graphics driver.'
	};
}

/** What is told of a check that could not be made, and of those that need it. */
function ended(name: Check['name'], failure: Failure): Check[] {
	const check: Check =
		failure.kind === 'cancelled'
			? { ...skipped(name, failure.message), next: 'Run the self-test again.' }
			: failed(name, failure);
	return name === 'Answer' ? [check, skipped('Speed', 'The model did not run.')] : [check];
}

const failed = (name: Check['name'], failure: Failure): Check => ({
	name,
	state: 'failed',
	found: failure.message,
	next: remedyFor(failure)
});

const skipped = (name: Check['name'], found: string): Check => ({
	name,
	state: 'skipped',
	found,
	next: null
});
