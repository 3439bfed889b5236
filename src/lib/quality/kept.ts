import type { Persisted } from '../kit/persisted.svelte.ts';
import { withResult, type QualityRecord, type QualityRecords } from './record.ts';

export interface KeptWorld {
	/** null: there is no GPU. */
	adapter(): string | null;
	/** Absolute; null: the catalogue does not have the variant. */
	libraryUrlOf(variantId: string): string | null;
}

/** What is known of a variant: how it differs, or that others were compared with it. */
export type Standing = { kind: 'measured'; record: QualityRecord } | { kind: 'reference' };

/** Results of all visits, and which of them hold here and now. */
export class KeptQuality {
	readonly #records: Pick<Persisted<QualityRecords>, 'current' | 'problem' | 'update'>;
	readonly #world: KeptWorld;

	constructor(
		records: Pick<Persisted<QualityRecords>, 'current' | 'problem' | 'update'>,
		world: KeptWorld
	) {
		this.#records = records;
		this.#world = world;
	}

	/** Why results are not kept on the disk; null: they are. */
	get problem(): Error | null {
		return this.#records.problem;
	}

	/** Measured on this GPU with today's libraries, oldest first. */
	get current(): readonly QualityRecord[] {
		const world = this.#world;
		const adapter = world.adapter();
		return this.#records.current.records.filter(
			(each) =>
				each.adapter === adapter &&
				each.libraryUrl === world.libraryUrlOf(each.variantId) &&
				each.referenceLibraryUrl === world.libraryUrlOf(each.referenceId)
		);
	}

	/** By its newest result; null: it was not measured here. */
	of(variantId: string): Standing | null {
		const record = this.current.findLast((each) => each.variantId === variantId);
		if (record) return { kind: 'measured', record };
		return this.current.some((each) => each.referenceId === variantId)
			? { kind: 'reference' }
			: null;
	}

	add(record: QualityRecord): Promise<void> {
		return this.#records.update((value) => withResult(value, record));
	}
}
