import { composing } from '../ui/composing.ts';

/** What Enter does in a message; `auto`: it sends, except on touch screens, whose keyboards have no Shift+Enter. */
export type EnterKey = 'auto' | 'send' | 'newline';

export const ENTER_KEYS = ['auto', 'send', 'newline'] as const satisfies readonly EnterKey[];

/** Whether this key press sends the message. Ctrl+Enter and Cmd+Enter always do; Shift+Enter starts a new line. */
export function sends(event: KeyboardEvent, setting: EnterKey, touch: boolean): boolean {
	if (event.key !== 'Enter' || composing(event)) return false;
	if (event.shiftKey || event.altKey) return false;
	if (event.ctrlKey || event.metaKey) return true;
	return setting === 'send' || (setting === 'auto' && !touch);
}

/** The primary pointer is a finger: the keyboard is most likely on the screen. */
export const onTouch = (): boolean => matchMedia('(hover: none) and (pointer: coarse)').matches;
