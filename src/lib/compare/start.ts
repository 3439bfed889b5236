import type { App } from '../app/app.svelte.ts';
import { find, type Conversation } from '../chat/conversation.ts';
import { readLink } from '../measure/link.ts';
import { DEFAULT_WINDOW, WINDOWS } from '../measure/speed-tests.ts';
import { questionAt, type Question } from './question.ts';
import type { Asked, Comparison } from './record.ts';
import { serverWith } from './servers.ts';

const MAX_ID_CHARS = 128;
/** Longer answers take minutes each on a slow GPU. */
const MOST_TOKENS = 256;
const EMPTY: Question = { system: '', turns: [{ role: 'user', text: '' }] };

/**
 * What the form holds at first: `?conversation=…&message=…` asks a message's question of all variants of the family
 * that answered it, or of the chosen family and the server that answered it; `?variants=a,b` preselects variants, and
 * never a server; else as the last run was asked. Ids are looked up, and ignored if they are unknown.
 */
export async function startOf(app: App, search: string, last: Comparison | null): Promise<Asked> {
	const query = new URLSearchParams(search);
	const conversation = await conversationOf(app, query.get('conversation') ?? '');
	const messageId = query.get('message') ?? '';
	const question = conversation && questionAt(conversation, messageId);
	const link = readLink(search, (id) => app.catalog.variant(id) !== undefined);
	const before = question ? null : last;
	const known = (before?.asked.variantIds ?? []).filter(
		(id) => app.catalog.variant(id) || serverWith(app, id)
	);
	const answeredBy = question && find(conversation, messageId)?.answer?.engineId;
	const variant = (answeredBy && app.catalog.variant(answeredBy)) || app.selection.variant;
	const servers = answeredBy && serverWith(app, answeredBy) ? [answeredBy] : [];
	const family = app.catalog.familyOf(variant).variants.map(({ id }) => id);
	const sampling = conversation
		? app.answering.sampling(conversation)
		: app.settings.current.sampling;
	const window = Math.max(app.selection.contextWindow, question ? DEFAULT_WINDOW : 0);
	return {
		variantIds:
			link.variantIds.length > 0
				? [...link.variantIds]
				: known.length > 0
					? known
					: [...family, ...servers],
		contextWindow:
			before?.asked.contextWindow ??
			WINDOWS.find((each) => each >= window) ??
			WINDOWS[WINDOWS.length - 1] ??
			DEFAULT_WINDOW,
		question: question ?? before?.asked.question ?? EMPTY,
		sampling: before?.asked.sampling ?? {
			...sampling,
			seed: sampling.seed ?? 1,
			maxTokens: MOST_TOKENS
		},
		blind: before?.asked.blind ?? false,
		together: before?.asked.together ?? false
	};
}

async function conversationOf(app: App, id: string): Promise<Conversation | null> {
	if (id === '' || id.length > MAX_ID_CHARS) return null;
	// What is open may not be on the disk yet.
	if (app.session.conversation.id === id) return app.session.conversation;
	return app.conversations.load(id).catch(() => null);
}
