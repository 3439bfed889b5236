import type { Failure } from '../rpc/failure.ts';
import type { GpuEngine } from '../engine/gpu-engine.ts';
import type { LoadRequest } from '../engine/protocol.ts';

/** One engine ahead of the next load: it has imported its script, and perhaps prepared what was chosen. */
export class Spare {
	readonly #make: () => GpuEngine;
	#engine: GpuEngine | null = null;

	constructor(make: () => GpuEngine) {
		this.#make = make;
	}

	/** Imports the script in an engine that waits, unless there is one. */
	warm() {
		if (this.#engine) return;
		const spare = this.#make();
		this.#engine = spare;
		spare.warm().catch(() => this.#drop(spare));
	}

	/** Compiles what is known of a library in the spare, while it is looked at what a load needs. */
	compileAhead(libraryUrl: string) {
		this.warm();
		this.#engine?.compileAhead(libraryUrl);
	}

	/** The spare for a load, or a new engine where the spare cannot be used for it. */
	take(request: LoadRequest): GpuEngine {
		const spare = this.#engine;
		this.#engine = null;
		if (spare?.suits(request)) return spare;
		spare?.end();
		return this.#make();
	}

	/** Resolves when the model is prepared; a spare that fails is replaced by one that has prepared nothing. */
	async prepare(request: LoadRequest): Promise<boolean> {
		const engine = this.take(request);
		this.#engine = engine;
		engine.watch({ meter: () => {}, lost: () => this.#renew(engine) });
		try {
			await engine.prepare(request);
			return true;
		} catch {
			this.#renew(engine);
			return false;
		}
	}

	/** What was prepared is not wanted any more, and holds a device. */
	forgetPrepared() {
		if (this.#engine?.prepared) this.#renew(this.#engine);
	}

	end(reason?: Failure) {
		this.#engine?.end(reason);
		this.#engine = null;
	}

	/** Ends a spare, unless it was taken for a load meanwhile. */
	#drop(spare: GpuEngine) {
		if (this.#engine !== spare) return;
		this.#engine = null;
		spare.end();
	}

	#renew(spare: GpuEngine) {
		if (this.#engine !== spare) return;
		this.#drop(spare);
		this.warm();
	}
}
