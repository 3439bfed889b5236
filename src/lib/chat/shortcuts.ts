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
		always: false,
		matches: (event) => plain(event) && event.key === '?'
	},
	{
		action: 'write',
		keys: ['/'],
		always: false,
		matches: (event) => plain(event) && event.key === '/'
	},
	{
		action: 'new',
		keys: ['Ctrl', 'Shift', 'O'],
		always: true,
		matches: (event) => command(event) && event.shiftKey && event.key.toLowerCase() === 'o'
	},
	{
		action: 'search',
		keys: ['Ctrl', 'K'],
		always: true,
		matches: (event) => command(event) && !event.shiftKey && event.key.toLowerCase() === 'k'
	},
	{
		action: 'settings',
		keys: ['Ctrl', ','],
		always: true,
		matches: (event) => command(event) && event.key === ','
	},
	{
		action: 'conversation',
		keys: ['Alt', 'S'],
		always: true,
		matches: (event) => alt(event, 'KeyS')
	},
	{
		action: 'regenerate',
		keys: ['Alt', 'R'],
		always: true,
		matches: (event) => alt(event, 'KeyR')
	},
	{
		action: 'edit',
		keys: ['Alt', 'Q'],
		always: true,
		matches: (event) => alt(event, 'KeyQ')
	},
	{
		action: 'copy',
		keys: ['Alt', 'C'],
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
