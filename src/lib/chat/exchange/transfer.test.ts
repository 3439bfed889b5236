import { afterEach, expect, test, vi } from 'vitest';
import { create, type Conversation } from '../conversation.ts';
import { addFiles, addImport, saveConversations } from './transfer.ts';

afterEach(() => {
	vi.unstubAllGlobals();
	vi.restoreAllMocks();
});

const file = (name: string, content: string) => new File([content], name);
const chat = (title: string) =>
	JSON.stringify({ title, messages: [{ role: 'user', content: title }] });
/** A store that can be full. */
function storeOf(refusal: Error | string | null = null) {
	const added: string[] = [];
	const add = async (conversations: readonly Conversation[]) => {
		await Promise.resolve();
		// oxlint-disable-next-line typescript/only-throw-error -- what is no error may be thrown, too
		if (refusal !== null && conversations.some(({ title }) => title === 'Large')) throw refusal;
		added.push(...conversations.map(({ title }) => title));
		return [...conversations];
	};
	return { added, add };
}

test('files are added one after the other, and what could not be read is told by its name', async () => {
	const store = storeOf();
	const report = await addFiles(store, [
		file('a.json', chat('Bread')),
		file('b.txt', 'Bread'),
		file('c.json', '{"a":1}'),
		file('d.json', chat('Tides'))
	]);
	expect(store.added).toEqual(['Bread', 'Tides']);
	expect(report).toMatchObject({
		conversations: 2,
		messages: 2,
		formats: ['a list of messages'],
		gaps: []
	});
	expect(report.refused).toEqual([
		expect.stringMatching(
			/^b\.txt: This file is not JSON\. Export the chats again as JSON\. Expected JSON, found .+\.$/
		),
		expect.stringMatching(
			/^c\.json: This file is not a chat export that is known here\. Expected an export of .+, found an object with a\.$/
		)
	]);
});

test.each([
	['an error', new Error('The disk is full.'), 'The disk is full.'],
	['something else', 'No room.', 'No room.']
])(
	'a file that could not be stored is refused for %s, and nothing of it counted',
	async (_, refusal, why) => {
		const store = storeOf(refusal);
		const report = await addFiles(store, [
			file('a.json', chat('Large')),
			file('b.json', chat('Small'))
		]);
		expect(store.added).toEqual(['Small']);
		expect(report).toMatchObject({ conversations: 1, messages: 1, refused: [`a.json: ${why}`] });
	}
);

test('what was read already is added under the name of its file', async () => {
	const read = { formats: ['Jan'], conversations: [], messages: 0, gaps: [] };
	expect(await addImport(storeOf(), 'a.json', read)).toMatchObject({ formats: ['Jan'] });
	const failing = { add: () => Promise.reject(new Error('The disk is full.')) };
	expect((await addImport(failing, 'a.json', read)).refused).toEqual(['a.json: The disk is full.']);
});

test.each([
	['json', 'Bread.json', 'application/json', /^\{\s+"format": "headroom"/],
	['md', 'Bread.md', 'text/markdown', /^# Bread\n/]
] as const)(
	'a conversation is saved as %s under its title',
	async (format, name, type, content) => {
		const link = { href: '', download: '', click: vi.fn() };
		vi.stubGlobal('document', { createElement: () => link });
		const url = vi.spyOn(URL, 'createObjectURL');
		saveConversations([create({ title: 'Bread' })], 'Bread', format);
		expect(link.click).toHaveBeenCalledOnce();
		expect(link.download).toBe(name);
		const [blob] = url.mock.calls[0]!;
		if (!(blob instanceof Blob)) throw new Error('expected a text to save');
		expect(blob.type).toBe(type);
		expect(await blob.text()).toMatch(content);
	}
);
