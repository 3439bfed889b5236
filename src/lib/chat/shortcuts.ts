import { composing } from '../ui/composing.ts';

export type Action =
	| 'shortcuts'
	| 'settings'
	| 'conversation'
	| 'new'
	| 'search'
	| 'write'
	| 'regenerate'
	| 'edit'
	| 'copy';

interface Shortcut {
	action: Action;
	/** As it is shown. */
	keys: readonly string[];
	what: string;
	/** Also while writing. */
	always: boolean;
	matches: (event: KeyboardEvent) => boolean;
}

const command = (event: KeyboardEvent) => (event.ctrlKey || event.metaKey) && !event.altKey;
const plain = (event: KeyboardEvent) => !event.ctrlKey && !event.metaKey && !event.altKey;
// With Alt some keyboards write another character, so the place of the key counts.
const alt = (event: KeyboardEvent, code: string) =>
	event.altKey && !event.ctrlKey && !event.metaKey && event.code === code;

export const shortcuts: readonly Shortcut[] = [
	{
		action: 'shortcuts',
		keys: ['?'],
		what: 'This list',
		always: false,
		matches: (event) => plain(event) && event.key === '?'
	},
	{
		action: 'write',
		keys: ['/'],
		what: 'Write a message',
		always: false,
		matches: (event) => plain(event) && event.key === '/'
	},
	{
		action: 'new',
		keys: ['Ctrl', 'Shift', 'O'],
		what: 'New conversation',
		always: true,
		matches: (event) => command(event) && event.shiftKey && event.key.toLowerCase() === 'o'
	},
	{
		action: 'search',
		keys: ['Ctrl', 'K'],
		what: 'Search conversations',
		always: true,
		matches: (event) => command(event) && !event.shiftKey && event.key.toLowerCase() === 'k'
	},
	{
		action: 'settings',
		keys: ['Ctrl', ','],
		what: 'Settings',
		always: true,
		matches: (event) => command(event) && event.key === ','
	},
	{
		action: 'conversation',
		keys: ['Alt', 'S'],
		what: 'System prompt and sampling of this conversation',
		always: true,
		matches: (event) => alt(event, 'KeyS')
	},
	{
		action: 'regenerate',
		keys: ['Alt', 'R'],
		what: 'Write another answer to the last question',
		always: true,
		matches: (event) => alt(event, 'KeyR')
	},
	{
		action: 'edit',
		keys: ['Alt', 'Q'],
		what: 'Ask the last question in other words (also ↑ in an empty message)',
		always: true,
		matches: (event) => alt(event, 'KeyQ')
	},
	{
		action: 'copy',
		keys: ['Alt', 'C'],
		what: 'Copy the last answer',
		always: true,
		matches: (event) => alt(event, 'KeyC')
	}
];

/** What a key asks for; null: nothing. `typing`: the focus is in a field. */
export function actionOf(event: KeyboardEvent, typing: boolean): Action | null {
	if (event.defaultPrevented || composing(event)) return null;
	const found = shortcuts.find(({ always, matches }) => (always || !typing) && matches(event));
	return found?.action ?? null;
}
