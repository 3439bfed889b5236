import { expect, test } from 'vitest';
import { append, create, type Conversation } from '../conversation.ts';
import { ConversationStore } from './conversations.ts';

const CONVERSATIONS = 2_000;
const MESSAGES = 50;
const WORDS =
	'the quick brown fox loads shards of a quantized model into buffers while the cache grows with every token'.split(
		' '
	);

/** Messages of some 250 characters. A few conversations hold a word the others do not. */
function conversation(index: number): Conversation {
	let each = create({ title: `Conversation ${index}` }, index * 1000);
	for (let message = 0; message < MESSAGES; message++) {
		const words = Array.from(
			{ length: 45 },
			(_, word) => WORDS[(index * 7 + message * 3 + word * 5) % WORDS.length]
		);
		if (index % 400 === 0 && message === 20) words.push('Zürich');
		const role = message % 2 === 0 ? 'user' : 'assistant';
		each = append(each, { role, text: words.join(' ') }, index * 1000);
	}
	return each;
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; result: T }> {
	const start = performance.now();
	const result = await work();
	return { ms: performance.now() - start, result };
}

// Printed, not judged: the machine decides. The aim is 200 ms for the list and 300 ms for a search.
test(
	'a list and a search of 2,000 conversations read every one of them',
	{ timeout: 180_000 },
	async () => {
		const name = `speed-${crypto.randomUUID()}`;
		const seed = new ConversationStore(name);
		for (let from = 0; from < CONVERSATIONS; from += 200) {
			await seed.add(Array.from({ length: 200 }, (_, index) => conversation(from + index)));
		}
		seed.close();

		const store = new ConversationStore(name);
		const list = await timed(() => store.list());
		const listAgain = await timed(() => store.list());
		const prepare = await timed(() => store.prepareSearch());
		const first = await timed(() => store.search('zurich'));
		const rare = await timed(() => store.search('zurich conversation'));
		const common = await timed(() => store.search('fox token'));
		const none = await timed(() => store.search('nowhere'));
		const last = list.result[0];
		const open = await timed(() => store.load(last?.id ?? ''));
		const opened = open.result ?? create();
		const save = await timed(() => store.save(append(opened, { role: 'user', text: 'And?' })));
		store.close();
		indexedDB.deleteDatabase(name);

		console.log(
			Object.entries({ list, listAgain, prepare, first, rare, common, none, open, save })
				.map(([what, { ms }]) => `${what} ${ms.toFixed(0)} ms`)
				.join(', ')
		);
		expect(list.result).toHaveLength(CONVERSATIONS);
		expect(first.result.total).toBe(CONVERSATIONS / 400);
		expect(rare.result.hits).toHaveLength(CONVERSATIONS / 400);
		expect(common.result.total).toBe(CONVERSATIONS);
		expect(none.result.total).toBe(0);
	}
);
