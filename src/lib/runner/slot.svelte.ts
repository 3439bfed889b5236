import type { MemoryChange } from '#plan/memory/change.ts';
import type { GpuEngine } from '../engine/gpu-engine.ts';
import type { MeterReading } from '../engine/protocol.ts';
import type { Failure } from '../rpc/failure.ts';
import type { Loaded } from './target.ts';

const NOTHING: MeterReading = { liveBytes: 0, peakBytes: 0, buffers: 0 };

/** The place of the loaded engine, and the count of what all engines of this page hold. */
export class Slot {
	loaded = $state.raw<Loaded | null>(null);
	/** GPU bytes all engines of this page hold just now. */
	meter = $state.raw<MeterReading>(NOTHING);
	/** Milliseconds without a usable model during the last swap; null: there was none. */
	swapGapMs = $state.raw<number | null>(null);
	/** What the last swap or unload changed of the GPU bytes; null: neither ended, or another attempt followed. */
	change = $state.raw<MemoryChange | null>(null);
	/** Released for a load that another one superseded, which brings it back if it fails in its turn. */
	owed: Loaded | null = null;
	/** Of the engines that hold GPU memory. */
	#readings: { engine: GpuEngine; reading: MeterReading }[] = [];
	#freed: Promise<unknown> = Promise.resolve();
	readonly #onLost: (loaded: Loaded, failure: Failure) => void;

	constructor(onLost: (loaded: Loaded, failure: Failure) => void) {
		this.#onLost = onLost;
	}

	/** Resolves when an engine that was replaced has freed the GPU. */
	get freed(): Promise<unknown> {
		return this.#freed;
	}

	/** What becomes of what another took the place of. */
	letGo = (outgoing: Loaded): Promise<void> => this.dispose(outgoing);

	/** Takes the place of what is loaded, which then goes. Throws when it was lost in the same moment. */
	fill(loaded: Loaded) {
		const beside = this.loaded;
		this.loaded = loaded;
		const { engine, result } = loaded;
		engine.watch({
			meter: (reading) => this.measure(engine, reading),
			lost: (failure) => this.#lost(loaded, failure)
		});
		this.measure(engine, {
			liveBytes: result.afterFirstTokenBytes,
			peakBytes: result.peakBytes,
			buffers: result.buffers
		});
		if (beside) this.#freed = this.letGo(beside);
		const { failure } = engine;
		if (!failure) return;
		this.#lost(loaded, failure);
		throw failure;
	}

	/** Lets what is loaded go; resolves when it has freed the GPU. */
	async empty() {
		const outgoing = this.loaded;
		if (!outgoing) return;
		this.loaded = null;
		this.swapGapMs = null;
		await this.dispose(outgoing);
	}

	/** null: the engine holds nothing any more. */
	measure(engine: GpuEngine, reading: MeterReading | null) {
		this.#readings = this.#readings.filter((each) => each.engine !== engine);
		if (reading) this.#readings.push({ engine, reading });
		const readings = this.#readings.map(({ reading }) => reading);
		const sum = (of: (reading: MeterReading) => number) =>
			readings.reduce((total, each) => total + of(each), 0);
		const liveBytes = sum((each) => each.liveBytes);
		this.meter = {
			liveBytes,
			peakBytes: Math.max(liveBytes, ...readings.map((each) => each.peakBytes)),
			buffers: sum((each) => each.buffers)
		};
	}

	/** Resolves when it has freed the GPU. */
	async dispose({ engine }: Loaded) {
		await engine.dispose();
		this.measure(engine, null);
	}

	#lost(loaded: Loaded, failure: Failure) {
		if (this.loaded !== loaded) return;
		this.loaded = null;
		this.swapGapMs = null;
		// The answer under way ends with the cause.
		loaded.engine.end(failure);
		this.measure(loaded.engine, null);
		this.#onLost(loaded, failure);
	}
}
