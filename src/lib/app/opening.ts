import type { Address } from '../chat/address.ts';
import type { Answers } from '../chat/answers.svelte.ts';
import type { ConversationList } from '../chat/conversation-list.svelte.ts';
import { create } from '../chat/conversation.ts';
import type { Session } from '../chat/session.svelte.ts';
import type { AppParts } from './parts.ts';

export interface OpeningParts {
	session: Session;
	conversations: Pick<AppParts['conversations'], 'list' | 'load'>;
	answers: Pick<Answers, 'thread'>;
	list: Pick<ConversationList, 'problem'>;
	/** What the address suggests to load. */
	suggest: (model: string | null) => void;
	/** The page has started. */
	ready: () => boolean;
}

/** Which conversation is shown: what the address names, or a person picks. */
export class Opening {
	/** The conversation that was asked for last, while it is read: the last one wins. */
	#under: { id: string | null } | null = null;
	readonly #parts: OpeningParts;

	constructor(parts: OpeningParts) {
		this.#parts = parts;
	}

	/** A shared text is put into the message of a new conversation, where nothing sends it but a click. */
	async openAddress({ conversation, model, shared }: Address) {
		const { suggest, session, ready } = this.#parts;
		suggest(model);
		if (shared !== null) {
			await this.openConversation('new');
			session.draft = session.draft === '' ? shared : `${shared}\n\n${session.draft}`;
		} else if (conversation !== null || !ready()) await this.openConversation(conversation);
	}

	/** `new`: an empty one. null: the latest. `messageId`: what is to be brought into view. */
	async openConversation(id: string | null, messageId: string | null = null) {
		const { session, list, ready } = this.#parts;
		// The address that follows a click names what is being opened.
		if (id !== null && messageId === null && this.#under?.id === id) return;
		const opening = { id };
		this.#under = opening;
		try {
			if (id === 'new') {
				if (session.messages.length > 0) this.newConversation();
				return;
			}
			if (id === null || id !== session.conversation.id) {
				const found = await this.#find(id);
				// Another one was picked while this was read.
				if (opening !== this.#under) return;
				if (found) session.open(found, { keepDraft: !ready() });
				else if (id !== null) list.problem = 'That conversation is not in this browser.';
			}
			if (messageId !== null) await session.reveal(messageId);
		} catch (error) {
			list.problem = error instanceof Error ? error.message : String(error);
		} finally {
			if (opening === this.#under) this.#under = null;
		}
	}

	newConversation() {
		this.#parts.session.open(create());
	}

	async #find(id: string | null) {
		const { answers, conversations } = this.#parts;
		if (id !== null) return answers.thread(id)?.conversation ?? (await conversations.load(id));
		const [latest] = await conversations.list();
		return latest ? conversations.load(latest.id) : null;
	}
}
