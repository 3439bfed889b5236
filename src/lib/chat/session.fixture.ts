import { answered as done, gate } from '../engine/engine.fixture.ts';
import type { Engine } from '../engine/engine.ts';
import type { GenerateRequest, GenerateResult } from '../engine/protocol.ts';
import { defaultSampling, type Sampling } from '../engine/sampling.ts';
import { NOTHING_KNOWN } from '#plan/memory/judge.ts';
import { variantById } from '#plan/models/catalog-data.ts';
import type { Variant } from '#plan/models/catalog.ts';
import type { ChatConfig } from '#plan/models/config.ts';
import type { ObservedAnswer } from '../statistics/observe.ts';
import { thinkingOf } from '#plan/models/thinking-marks.ts';
import { ConversationStore } from './store/conversations.ts';
import type { AnswerHost, Answering } from './answer-host.ts';
import { Answers } from './answers.svelte.ts';
import { append, create, path, type Conversation } from './conversation.ts';
import { Session } from './session.svelte.ts';

export type Reply = (
	request: GenerateRequest,
	say: (text: string) => void,
	signal: AbortSignal
) => Promise<GenerateResult>;

interface Model {
	id?: string;
	config?: ChatConfig | null;
	sampling?: Partial<Sampling>;
}

/** An engine that is nothing but its answers. */
export const fakeEngine = (
	{ id, familyId, quantization, vision }: Variant,
	contextWindow: number,
	generate: Engine['generate']
): Engine => ({
	id,
	label: 'pocket',
	quantization: quantization.name,
	contextWindow,
	can: {
		images: vision,
		thinking: thinkingOf(familyId)?.switchable ?? false,
		schema: true,
		seed: true
	},
	failure: null,
	generate
});

/** A session whose engine answers as told, one reply after the other. */
export function sessionWith(
	replies: Reply[],
	window = 1024,
	{
		id = 'pocket-q4f32_1',
		config = null,
		sampling = {},
		...change
	}: Model & Omit<Partial<AnswerHost>, 'sampling'> = {}
) {
	const variant = variantById.get(id);
	if (!variant) throw new Error('The catalogue has no pocket.');
	const asked: GenerateRequest[] = [];
	const counted: (ObservedAnswer & { engineId: string })[] = [];
	const engine = fakeEngine(variant, window, (request, { signal, onText }) => {
		asked.push(request);
		const reply = replies.shift();
		if (!reply) throw new Error('Nobody asked for another answer.');
		return reply(request, onText, signal);
	});
	const answering: Answering = {
		label: 'pocket',
		contextWindow: window,
		config,
		vision: false,
		speeds: null,
		answerer: {
			variant,
			known: NOTHING_KNOWN,
			situation: { reading: null, budget: null, threshold: 'off' }
		}
	};
	const store = new ConversationStore(`session-test-${crypto.randomUUID()}`);
	/** Runs before each save, which may wait for it. */
	const saving = { before: () => Promise.resolve() };
	const answers = new Answers({
		engine: () => Promise.resolve(engine),
		answering: () => answering,
		enlarge: () => Promise.resolve(false),
		answered: (engineId, answer) => void counted.push({ engineId, ...answer }),
		sampling: () => ({ ...defaultSampling, ...sampling }),
		...change
	});
	const session = new Session(answers, {
		save: async (conversation: Conversation) => {
			await saving.before();
			return store.save(conversation);
		}
	});
	return { session, answers, asked, counted, engine, answering, store, saving };
}

export const says =
	(text: string, result: Partial<GenerateResult> = {}): Reply =>
	(_, say) => {
		say(text);
		return Promise.resolve({ ...done, ...result });
	};
export const texts = (session: Session) => session.messages.map(({ text }) => text);

/** Writes until it is stopped. */
export const endless: Reply = (_, say, signal) =>
	new Promise((resolve) => {
		say('Once ');
		signal.addEventListener('abort', () => resolve({ ...done, finish: 'stopped' }));
	});
export const told = (text: string) => append(create(), { role: 'user', text });
export const textsOf = (conversation: Conversation | null) =>
	conversation && path(conversation).map(({ text }) => text);
export const saved = async (store: ConversationStore, { id }: Conversation) =>
	textsOf(await store.load(id));

/** Says something, then waits until the test lets it end; a stop ends it too. */
export function paused(first: string, rest = '') {
	const end = gate();
	const reply: Reply = async (_, say, signal) => {
		say(first);
		const stopped = new Promise<void>((resolve) =>
			signal.addEventListener('abort', () => resolve())
		);
		await Promise.race([end.step(), stopped]);
		if (signal.aborted) return { ...done, finish: 'stopped' };
		say(rest);
		return done;
	};
	return { reply, ...end };
}
