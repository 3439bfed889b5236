import { thinkingOf } from '#plan/models/thinking-marks.ts';
import type { Abilities, Engine } from '../engine/engine.ts';
import type { GenerateRequest } from '../engine/protocol.ts';
import type { Loaded } from './target.ts';

/** A loaded variant as what writes answers: the engine on this GPU, and what is known of the model it holds. */
export class Resident implements Engine {
	readonly loaded: Loaded;
	readonly label: string;
	readonly can: Abilities;

	/** `familyName`: what answers are kept under. */
	constructor(loaded: Loaded, familyName: string) {
		this.loaded = loaded;
		this.label = familyName;
		const { vision, familyId } = loaded.variant;
		this.can = {
			images: vision,
			thinking: thinkingOf(familyId)?.switchable ?? false,
			schema: true,
			seed: true
		};
	}

	get id() {
		return this.loaded.variant.id;
	}

	get quantization() {
		return this.loaded.variant.quantization.name;
	}

	get contextWindow() {
		return this.loaded.contextWindow;
	}

	get failure() {
		return this.loaded.engine.failure;
	}

	generate(request: GenerateRequest, options: Parameters<Engine['generate']>[1]) {
		return this.loaded.engine.generate(request, options);
	}
}
