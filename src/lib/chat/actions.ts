import type { Announcer } from '../ui/announcer.svelte.ts';
import { copyText } from '../ui/clipboard.ts';
import { focusComposer, focusOn } from './focus.ts';
import type { Session } from './session.svelte.ts';
import type { Action } from './shortcuts.ts';

export interface ActionHost {
	session: Session;
	announcer: Announcer;
	openDialog: (name: 'settings' | 'conversation' | 'shortcuts') => void;
	/** The list of conversations may lie in a drawer. */
	showConversations: () => void;
}

/** Does what a shortcut asks for. */
export function act(
	action: Action,
	{ session, announcer, openDialog, showConversations }: ActionHost
) {
	const last = (role: 'user' | 'assistant') =>
		session.messages.findLast((message) => message.role === role);
	switch (action) {
		case 'shortcuts':
		case 'settings':
		case 'conversation':
			return openDialog(action);
		case 'new':
			location.hash = '#new';
			return void focusComposer();
		case 'search':
			showConversations();
			return void focusOn('search-conversations');
		case 'write':
			return void focusComposer();
		case 'regenerate': {
			const answer = last('assistant');
			if (answer) void session.regenerate(answer.id);
			return void focusComposer();
		}
		case 'edit': {
			const question = last('user')?.id ?? null;
			if (question !== null && !session.isBeingAnswered(question)) session.editing = question;
			return;
		}
		case 'copy': {
			const text = last('assistant')?.text;
			if (text) void copyText(text).then((copied) => announcer.say(copied ? COPIED : NOT_COPIED));
		}
	}
}

const COPIED = 'Answer copied';
const NOT_COPIED = 'The browser did not allow it to be copied.';
