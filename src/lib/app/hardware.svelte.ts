import type { Device, DeviceReading } from '#plan/device/adapter.ts';
import type { Budget } from '#plan/device/budget.ts';
import { adapterKey, observedCeiling } from '#plan/memory/history.ts';
import type { AppParts, Planner } from './parts.ts';

/** The GPU, as the browser describes it, and how much of its memory may be used. */
export class Hardware {
	/** null: not asked yet. */
	reading = $state.raw<DeviceReading | null>(null);

	readonly #parts: Pick<AppParts, 'settings' | 'history' | 'askDevice'>;
	readonly #planner: () => Planner | null;

	readonly device: Device | null = $derived(
		this.reading?.kind === 'ready' ? this.reading.device : null
	);
	readonly budget: Budget | null = $derived.by(() => {
		const { settings, history } = this.#parts;
		const { budgetBytes, declaredGpu, reserveBytes } = settings.current;
		return (
			this.device &&
			(this.#planner()?.budgetOf(this.device, {
				declaredBytes: budgetBytes,
				declaredGpu,
				reserveBytes,
				observedCeilingBytes: observedCeiling(history.current, adapterKey(this.device), Date.now())
			}) ??
				null)
		);
	});

	constructor(
		parts: Pick<AppParts, 'settings' | 'history' | 'askDevice'>,
		planner: () => Planner | null
	) {
		this.#parts = parts;
		this.#planner = planner;
	}

	async read() {
		this.reading = await this.#parts.askDevice();
	}
}
