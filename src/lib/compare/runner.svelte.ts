import { openedFor, partThinking, samplingFor } from '../chat/thinking.ts';
import { planVariants, type Candidate, type RunPlan } from '../measure/plan.ts';
import { restOf, type RunBase } from '../measure/record.ts';
import { VariantsRun, type Hand, type Work } from '../measure/variants-run.svelte.ts';
import type { Answerer, Subject } from '../measure/world.ts';
import { asFailure, Failure } from '../rpc/failure.ts';
import { ENDS_ALL } from '../runner/ends-all.ts';
import { hasImages, promptFor } from './question.ts';
import type { AnsweredRow, Asked, Comparison } from './record.ts';
import { shuffled } from './wins.ts';
import type { CompareWorld } from './world.ts';

/**
 * Asks variants the same question, one after the other, each alone on the GPU, or two at once where both fit; and the
 * person's own servers in their turn.
 */
export class CompareRunner extends VariantsRun<Asked, AnsweredRow, Comparison> {
	readonly #work: AnswerWork;

	/** `random`: from 0 up to 1; orders the answers of a blind comparison. */
	constructor(world: CompareWorld, random?: () => number) {
		const work = new AnswerWork(world, random);
		super(world, work);
		this.#work = work;
	}

	/** By variant: what is being written, as far as it is. */
	get writing(): ReadonlyMap<string, string> {
		return this.#work.writing;
	}
}

const NOTHING: ReadonlyMap<string, string> = new Map();

class AnswerWork implements Work<Asked, AnsweredRow, Comparison> {
	writing = $state.raw<ReadonlyMap<string, string>>(NOTHING);
	/** Written together with the variant before it. */
	#ahead: AnsweredRow | null = null;
	readonly #world: CompareWorld;
	readonly #random: (() => number) | undefined;

	constructor(world: CompareWorld, random: (() => number) | undefined) {
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
		this.writing = NOTHING;
		this.#ahead = null;
	}

	async row(variantId: string, run: Comparison, hand: Hand): Promise<AnsweredRow | null> {
		const { asked } = run;
		const world = this.#world;
		if (world.isServer(variantId)) {
			const server = world.server(variantId);
			hand.tell({ kind: 'answering', variantId });
			return this.#answer(variantId, server, asked, hand, false);
		}
		const ahead = this.#ahead;
		this.#ahead = null;
		if (ahead?.variantId === variantId) return ahead;
		let subject = await hand.load(variantId, asked.contextWindow);
		if (hand.leaving()) return null;
		const others = restOf(run).filter((id) => id !== variantId && !world.isServer(id));
		const besideId = asked.together ? (others[0] ?? null) : null;
		const beside = besideId === null ? null : await this.#beside(besideId, asked, hand);
		if (hand.leaving()) return null;
		if (besideId !== null && beside && subject.stands()) {
			hand.tell({ kind: 'answering', variantId, besideId });
			const [row, other] = await Promise.allSettled([
				this.#answer(variantId, subject, asked, hand, true),
				this.#answer(besideId, beside, asked, hand, true)
			]);
			if (other.status === 'fulfilled') this.#ahead = other.value;
			if (row.status === 'fulfilled') return row.value;
			if (other.status === 'rejected' && endsAll(row.reason) && endsAll(other.reason))
				throw row.reason;
			// What befell one may have ended both. Whichever failed is asked again, alone.
			if (hand.leaving()) return null;
			subject = await hand.load(variantId, asked.contextWindow);
		} else if (!subject.stands()) subject = await hand.load(variantId, asked.contextWindow);
		if (hand.leaving()) return null;
		hand.tell({ kind: 'answering', variantId });
		return this.#answer(variantId, subject, asked, hand, false);
	}

	/** null: it cannot be loaded beside the other, which then answers alone. */
	async #beside(variantId: string, asked: Asked, hand: Hand): Promise<Subject | null> {
		try {
			return await hand.loadBeside(variantId, asked.contextWindow);
		} catch (thrown) {
			if (hand.signal.aborted || endsAll(thrown)) throw thrown;
			return null;
		}
	}

	async #answer(
		variantId: string,
		answerer: Answerer,
		asked: Asked,
		{ signal }: Hand,
		together: boolean
	): Promise<AnsweredRow | null> {
		const world = this.#world;
		const variant = world.variant(variantId);
		if (!variant) return null;
		const { can, config } = answerer;
		const sampling = samplingFor(can, asked.sampling);
		const opened = openedFor(config, sampling);
		const show = (text: string) => {
			this.writing = new Map([...this.writing, [variantId, text]]);
		};
		let raw = '';
		let hidden = world.hidden();
		const unwatch = world.onHidden(() => (hidden = true));
		show('');
		try {
			const result = await answerer.generate(
				{ messages: promptFor(asked.question, can.images, config), sampling },
				{
					signal,
					onText: (added) => {
						raw += added;
						show(partThinking(raw, { opened }).answer);
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
				contextWindow: answerer.contextWindow,
				text: answer,
				thinking,
				finish: result.finish,
				sawImages: hasImages(asked.question) ? can.images : null,
				loadMs: answerer.loadMs,
				firstTokenMs: usable(result.timeToFirstTokenMs),
				tokensPerSecond: usable(result.decodeTokensPerSecond),
				promptTokens: usable(result.promptTokens),
				completionTokens: usable(result.completionTokens),
				peakBytes: answerer.peakBytes,
				hidden,
				together
			};
		} finally {
			unwatch();
			this.writing = new Map([...this.writing].filter(([id]) => id !== variantId));
		}
	}
}

const endsAll = (thrown: unknown) => ENDS_ALL.has(asFailure(thrown).kind);

const usable = (figure: number) => (Number.isFinite(figure) && figure >= 0 ? figure : null);
