import { openedFor, partThinking, samplingFor } from '../chat/thinking.ts';
import { planVariants, type Candidate, type RunPlan } from '../measure/plan.ts';
import type { RunBase } from '../measure/record.ts';
import { VariantsRun, type Hand, type Work } from '../measure/variants-run.svelte.ts';
import type { RunWorld } from '../measure/world.ts';
import { Failure } from '../rpc/failure.ts';
import { hasImages, promptFor } from './question.ts';
import type { AnsweredRow, Asked, Comparison } from './record.ts';
import { shuffled } from './wins.ts';

/** An answer as far as it is written. */
export interface Writing {
	variantId: string;
	text: string;
}

/** Asks variants the same question, one after the other: each alone on the GPU. */
export class CompareRunner extends VariantsRun<Asked, AnsweredRow, Comparison> {
	readonly #work: AnswerWork;

	/** `random`: from 0 up to 1; orders the answers of a blind comparison. */
	constructor(world: RunWorld<Comparison>, random?: () => number) {
		const work = new AnswerWork(world, random);
		super(world, work);
		this.#work = work;
	}

	/** null: none is being written. */
	get writing(): Writing | null {
		return this.#work.writing;
	}
}

class AnswerWork implements Work<Asked, AnsweredRow, Comparison> {
	writing = $state.raw<Writing | null>(null);
	readonly #world: RunWorld<Comparison>;
	readonly #random: (() => number) | undefined;

	constructor(world: RunWorld<Comparison>, random: (() => number) | undefined) {
		this.#world = world;
		this.#random = random;
	}

	plan(_: Asked, candidates: readonly Candidate[]): RunPlan {
		return planVariants(candidates, null, () => null);
	}

	run(asked: Asked, { variantIds }: RunPlan, base: Omit<RunBase, 'asked' | 'rows'>): Comparison {
		const { blind } = asked;
		return {
			...base,
			asked,
			// Who knows the order in which they were chosen would know the letters.
			variantIds: blind ? shuffled(variantIds, this.#random) : [...variantIds],
			pick: null,
			revealed: !blind,
			rows: []
		};
	}

	forget() {
		this.writing = null;
	}

	async row(variantId: string, { asked }: Comparison, hand: Hand): Promise<AnsweredRow | null> {
		const world = this.#world;
		const { signal } = hand;
		const variant = world.variant(variantId);
		if (!variant) return null;
		const subject = await hand.load(variantId, asked.contextWindow);
		if (hand.leaving()) return null;
		const { can, config } = subject;
		const sampling = samplingFor(can, asked.sampling);
		const opened = openedFor(config, sampling);
		let raw = '';
		let hidden = world.hidden();
		const unwatch = world.onHidden(() => (hidden = true));
		hand.tell({ kind: 'answering', variantId });
		this.writing = { variantId, text: '' };
		try {
			const result = await subject.generate(
				{ messages: promptFor(asked.question, can.images, config), sampling },
				{
					signal,
					onText: (added) => {
						raw += added;
						this.writing = { variantId, text: partThinking(raw, { opened }).answer };
					}
				}
			);
			if (signal.aborted) return null;
			if (result.finish === 'stopped')
				throw new Failure('cancelled', 'The answer was stopped elsewhere in the page.');
			const { answer, thinking } = partThinking(raw, { opened, ended: true });
			return {
				kind: 'answered',
				variantId,
				label: variant.label,
				quantization: variant.quantization,
				at: world.now(),
				contextWindow: subject.contextWindow,
				text: answer,
				thinking,
				finish: result.finish,
				sawImages: hasImages(asked.question) ? can.images : null,
				loadMs: subject.loadMs,
				firstTokenMs: usable(result.timeToFirstTokenMs),
				tokensPerSecond: usable(result.decodeTokensPerSecond),
				promptTokens: usable(result.promptTokens),
				completionTokens: usable(result.completionTokens),
				peakBytes: subject.peakBytes,
				hidden
			};
		} finally {
			unwatch();
			this.writing = null;
		}
	}
}

const usable = (figure: number) => (Number.isFinite(figure) && figure >= 0 ? figure : null);
