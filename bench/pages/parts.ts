import { mount, unmount, flushSync } from 'svelte';
import { append, create, type Conversation } from '../../src/lib/chat/conversation.ts';
import { ConversationStore } from '../../src/lib/chat/store/conversations.ts';
import { ownName } from '../../src/lib/kit/names.ts';
import { Persisted } from '../../src/lib/kit/persisted.svelte.ts';
import { parseSettings, type Settings } from '../../src/lib/settings/settings.svelte.ts';
import { Tokens } from '../../src/lib/tokens/client.ts';
import { FilesClient } from './files.ts';
import { ForcedAnswers } from './forced-answers.ts';
import { SpeedTests } from './speed-tests.ts';
import StreamingAnswer from './StreamingAnswer.svelte';

declare global {
	interface Window {
		parts: typeof parts;
	}
}

/** Where the site lies on this origin: its databases carry the path. */
const site = new URL('/headroom/', location.href).href;
const settings = new Persisted('settings', parseSettings, ownName('headroom-settings', site));
const conversations = () => new ConversationStore(ownName('headroom-conversations', site));

/** Where the page's own counter of tokens finds a tokenizer. */
const TOKENIZED = {
	baseUrl: new URL('/tokenizer/resolve/main/', location.href).href,
	libraryUrl: location.href,
	packageUrl: null,
	overrides: {}
};

const parts = {
	/** Milliseconds from asking for the tokens of each text to their count, the worker's answer included. */
	async countTokens(tokenizer: string, texts: readonly string[]): Promise<number[]> {
		const cache = await caches.open('webllm/model');
		await cache.put(`${TOKENIZED.baseUrl}tokenizer.json`, new Response(tokenizer));
		const tokens = new Tokens();
		// Reads the tokenizer, and is not counted.
		if (!(await tokens.count(TOKENIZED, ['warm']))) throw new Error('It cannot be read.');
		const took: number[] = [];
		for (const text of texts) {
			const startMs = performance.now();
			await tokens.count(TOKENIZED, [text]);
			took.push(performance.now() - startMs);
		}
		tokens.end();
		return took;
	},

	/** Changes settings as a visitor would; open pages of the site follow. */
	set: (change: Partial<Settings>) => settings.set(change),

	/** Feeds an answer `step` characters at a time: milliseconds of each update with its layout. */
	async stream(answer: string, step: number): Promise<number[]> {
		const target = document.querySelector('main');
		if (!target) throw new Error('There is no place for the answer.');
		const component = mount(StreamingAnswer, { target }) as {
			write(next: string, more: boolean): void;
		};
		const updates: number[] = [];
		for (let end = step; end < answer.length + step; end += step) {
			const startMs = performance.now();
			component.write(answer.slice(0, end), end < answer.length);
			flushSync();
			void target.offsetHeight;
			updates.push(performance.now() - startMs);
			// Lets effects of a frame and the collector run where they would, outside of the figure.
			if (updates.length % 8 === 0) await new Promise((resolve) => requestAnimationFrame(resolve));
		}
		await unmount(component);
		return updates;
	},

	/** Keeps `count` conversations of `turns` questions and answers each, numbered from `first`. */
	async fill(count: number, turns: number, first = 0): Promise<string[]> {
		const store = conversations();
		const ids: string[] = [];
		for (let begin = 0; begin < count; begin += 100) {
			const more = Array.from({ length: Math.min(100, count - begin) }, (_, n) =>
				conversationOf(first + begin + n, turns)
			);
			ids.push(...(await store.add(more)).map(({ id }) => id));
		}
		store.close();
		return ids;
	},

	/** Whether a message with this text is on the disk. */
	async keeps(text: string): Promise<boolean> {
		const store = conversations();
		const { conversations: kept } = await store.loadAll();
		store.close();
		return kept.some(({ messages }) => messages.some((message) => message.text === text));
	},

	async remove(id: string) {
		const store = conversations();
		await store.remove(id);
		store.close();
	},

	files: new FilesClient(),

	speed: new SpeedTests(),

	forced: new ForcedAnswers()
};
window.parts = parts;

const SYLLABLES =
	'me mo win dow quan ti an swer ques tion mod el bud get con text weight lay er to ken ca che page de vice brow ser'.split(
		' '
	);
const VOCABULARY = 10_000;
/** Plausible text, the same every time: as in a language, a few words are frequent and most are rare. */
function prose(seed: number, words: number): string {
	let state = seed * 2654435761 + 1;
	return Array.from({ length: words }, () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		let rest = Math.floor(VOCABULARY * (state / 2 ** 32) ** 3);
		let word = '';
		do {
			word += SYLLABLES[rest % SYLLABLES.length];
			rest = Math.floor(rest / SYLLABLES.length);
		} while (rest > 0);
		return word;
	}).join(' ');
}

function conversationOf(n: number, turns: number): Conversation {
	let conversation = create();
	for (let turn = 0; turn < turns; turn++) {
		conversation = append(conversation, {
			role: 'user',
			text: `Conversation ${n}, turn ${turn}: ${prose(n * 1000 + turn, 12)}?`
		});
		conversation = append(conversation, {
			role: 'assistant',
			text: `**Answer ${turn}.** ${prose(n * 2000 + turn, 40)}.\n\n- ${prose(turn, 8)}\n- \`${prose(n, 3)}\``,
			answer: {
				engineId: 'pocket-q4f32_1',
				label: 'pocket',
				quantization: 'q4f32_1',
				finish: 'stop',
				promptTokens: 100,
				completionTokens: 60,
				prefillTokensPerSecond: 300,
				decodeTokensPerSecond: 100,
				timeToFirstTokenMs: 100
			}
		});
	}
	return conversation;
}
