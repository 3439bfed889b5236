import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answered } from '../engine/engine.fixture.ts';
import { defaultSampling } from '../engine/sampling.ts';
import { NOTHING_KNOWN } from '#plan/memory/judge.ts';
import { variantById } from '#plan/models/catalog-data.ts';
import { Failure } from '../rpc/failure.ts';
import { Answers } from './answers.svelte.ts';
import { append, create, find, type Conversation } from './conversation.ts';
import { fakeEngine } from './session.fixture.ts';
import { Session } from './session.svelte.ts';

/** A turn of the event loop; a timer would be held back to 4 ms. */
const turn = () =>
	new Promise<void>((resolve) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => {
			port1.close();
			resolve();
		};
		port2.postMessage(null);
	});
async function turns(count: number) {
	for (let i = 0; i < count; i++) await turn();
}
const MOST_TURNS = 2_000;

const variant = variantById.get('pocket-q4f32_1')!;
const echo = (question: string) => `You said: ${question}`;

/** A session on a fake store and a fake engine that repeats the question, each step of which lasts some turns. */
function world(lasts: () => number, fails: () => boolean) {
	const kept = new Map<string, Conversation>();
	for (const name of ['a', 'b', 'c']) {
		const conversation = append(create(), { role: 'user', text: `${name} 0` });
		kept.set(name, conversation);
	}
	const stored = new Map([...kept.values()].map((each) => [each.id, each]));
	let writing = 0;
	const endings = { engine: 0, counted: 0 };
	const problems: string[] = [];
	const answers = new Answers({
		engine: async (signal) => {
			await turns(lasts());
			if (signal.aborted) throw new Failure('cancelled', 'Cancelled.');
			if (fails()) throw new Failure('out-of-memory', 'Full.');
			return fakeEngine(variant, 4096, async ({ messages }, { signal, onText }) => {
				if (++writing > 1) problems.push('two answers at once');
				let written = false;
				try {
					const last = messages.findLast(({ role }) => role === 'user')?.content;
					const text = echo(typeof last === 'string' ? last : '');
					for (let at = 0; at < text.length; at += 5) {
						if (signal.aborted) return { ...answered, finish: 'stopped' as const };
						onText(text.slice(at, at + 5));
						written = true;
						await turns(lasts());
					}
					if (fails()) throw new Failure('device-lost', 'Gone.');
					return answered;
				} finally {
					writing--;
					// What was put off is counted when the next engine answers.
					if (written || signal.reason !== 'engine-leaves') endings.engine++;
				}
			});
		},
		answering: () => ({
			label: 'pocket',
			contextWindow: 4096,
			config: null,
			vision: false,
			speeds: null,
			answerer: {
				variant,
				known: NOTHING_KNOWN,
				situation: { reading: null, budget: null, threshold: 'off' }
			}
		}),
		enlarge: async () => {
			await turns(lasts());
			return true;
		},
		sampling: () => defaultSampling,
		answered: () => void endings.counted++
	});
	const session = new Session(answers, {
		save: async (conversation: Conversation) => {
			await turns(lasts());
			stored.set(conversation.id, conversation);
			return conversation;
		}
	});
	const open = (name: string) => {
		const { id } = kept.get(name)!;
		return session.open(session.conversation.id === id ? session.conversation : stored.get(id)!);
	};
	return { answers, session, stored, problems, endings, open, sent: [] as string[] };
}
type World = ReturnType<typeof world>;

let count = 0;
const edited = new Set<string>();
function send({ session, sent }: World) {
	const text = `message ${++count}`;
	sent.push(text);
	void session.send(text);
}
const verb = fc.oneof(
	fc.constantFrom('a', 'b', 'c').map((name) => ({
		name: `open ${name}`,
		run: ({ open }: World) => void open(name)
	})),
	fc.constantFrom(
		{
			name: 'new',
			run: ({ session }: World) => void session.open(create())
		},
		{ name: 'send', run: send },
		{ name: 'send', run: send },
		{ name: 'stop', run: ({ session }: World) => void session.stop() },
		{ name: 'stop writing', run: ({ answers }: World) => void answers.stopWriting() },
		{ name: 'go on', run: ({ answers }: World) => void answers.goOn() },
		{ name: 'skip', run: ({ session }: World) => session.skip() },
		{ name: 'retry', run: ({ session }: World) => void session.retry() },
		{
			name: 'regenerate',
			run: ({ session }: World) => {
				const answer = session.messages.findLast(({ role }) => role === 'assistant');
				if (answer) void session.regenerate(answer.id);
			}
		},
		{
			name: 'edit',
			run: ({ session }: World) => {
				const question = session.messages.findLast(({ role }) => role === 'user');
				if (!question) return;
				edited.add(question.text);
				void session.edit(question.id, `message ${++count}`);
			}
		},
		{
			name: 'rename',
			run: ({ session }: World) =>
				void session.change((conversation) => ({ ...conversation, title: `title ${++count}` }))
		}
	)
);
const command = fc.record({ verb, turns: fc.constantFrom(0, 0, 1, 3, 8) });

test('in whatever hurry: every answer stands below its own question, and nothing goes on at the end', async () => {
	// Turns are no measure of how long a script takes to come.
	await import('./answer.ts');
	await fc.assert(
		fc.asyncProperty(
			fc.array(command, { minLength: 1, maxLength: 16 }),
			fc.infiniteStream(fc.constantFrom(0, 0, 1, 2)),
			fc.infiniteStream(fc.constantFrom(false, false, false, false, true)),
			async (commands, lasting, failing) => {
				const rig = world(
					() => lasting.next().value as number,
					() => failing.next().value as boolean
				);
				const { answers, session, stored, problems, endings, sent } = rig;
				rig.open('a');
				for (const { verb, turns: pause } of commands) {
					verb.run(rig);
					await turns(pause);
				}
				for (let quiet = 0, waited = 0; quiet < 20; waited++) {
					await turn();
					expect(waited, 'turns until nothing is under way').toBeLessThan(MOST_TURNS);
					quiet = answers.busy ? 0 : quiet + 1;
				}
				// What still waits says why, and can go on.
				const { queue } = answers;
				for (const { origin } of queue.waiting)
					expect(queue.held !== null || queue.blocked.includes(origin)).toBe(true);
				expect(problems).toEqual([]);
				expect(endings.counted).toBe(endings.engine);
				stored.set(session.conversation.id, session.conversation);
				const all = [...stored.values()].flatMap(({ messages }) => messages);
				const questions = new Set(all.map(({ text }) => text));
				// One that waited may have been edited since.
				expect(sent.filter((text) => !questions.has(text) && !edited.has(text))).toEqual([]);
				for (const conversation of stored.values())
					for (const { role, text, parent } of conversation.messages) {
						if (role !== 'assistant') continue;
						const question = parent === null ? undefined : find(conversation, parent);
						expect(echo(question?.text ?? '?')).toContain(text);
					}
			}
		),
		{ numRuns: 150 }
	);
}, 60_000);
