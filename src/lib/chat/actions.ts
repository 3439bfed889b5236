import type { Announcer } from '../ui/announcer.svelte.ts';
import { focusComposer, focusOn } from './focus.ts';
import type { Session } from './session.svelte.ts';
import type { Action } from './shortcuts.ts';

export interface ActionHost {
	session: Session;
	announcer: Announcer;
	opening: { openConversation: (id: 'new') => Promise<void> };
}

/** Does what a shortcut asks for. `showConversations`: their list may lie in a drawer. */
export function act(
	action: Action,
	{ session, announcer, opening }: ActionHost,
	openDialog: (name: 'settings' | 'conversation' | 'shortcuts') => void,
	showConversations: () => void
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
			// At once: the address is followed after keys that were pressed since.
			void opening.openConversation('new');
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
			if (text) void copy(text, announcer);
		}
	}
}

async function copy(text: string, announcer: Announcer) {
	const { copyText } = await import('../ui/clipboard.ts');
	const copied = await copyText(text);
	announcer.say(copied ? 'Answer copied' : 'The browser did not allow it to be copied.');
}
