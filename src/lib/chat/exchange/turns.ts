import { uuid } from '../../kit/uuid.ts';
import type { Aside } from '../conversation.ts';
import { CONVERSATION_VERSION, MAX_ASIDES } from '../record.ts';
import { part, type Draft, type LeftOut, type Raw } from './foreign.ts';

/** One entry of another program's list or tree. */
export interface Turn {
	id: string;
	parent: string | null;
	/**
	 * `user` and `assistant` become messages; `fold` (a thought or a tool's result of its own) joins the answer below it;
	 * `skip` leaves nothing. Any other is passed on, for the parser to refuse.
	 */
	role: unknown;
	text?: unknown;
	createdAt?: number | undefined;
	thinking?: string;
	asides?: readonly Aside[];
	images?: readonly { url: unknown; name?: string }[];
	answer?: Raw;
}

export interface Threaded {
	messages: Raw[];
	/** By each entry's id: the message that shows it, or what came before it. */
	shownAs: Map<string, string | null>;
	/** Entries whose parents led in a circle, which was cut open. */
	circles: number;
	/** Calls and results beyond what one message may hold. */
	cut: number;
}

/** What waits for the answer below it, latest first. */
interface Pending {
	turn: Turn;
	before: Pending | null;
}

interface Visit {
	index: number;
	parent: string | null;
	pending: Pending | null;
}

/**
 * The messages of a tree in which thoughts, calls and results may be entries of their own. Nothing is lost: what is
 * folded and has no answer below it becomes an answer without words. Entries without a time follow the one before.
 */
export function threaded(turns: readonly Turn[], startMs = 0): Threaded {
	const ids = uniqueIds(turns);
	const first = new Map<string, number>();
	turns.forEach(({ id }, index) => {
		if (!first.has(id)) first.set(id, index);
	});
	const children = new Map<number, number[]>();
	const roots: number[] = [];
	turns.forEach(({ parent }, index) => {
		const above = parent === null ? undefined : first.get(parent);
		const group = above === undefined ? roots : (children.get(above) ?? []);
		group.push(index);
		if (above !== undefined) children.set(above, group);
	});
	const result: Threaded = { messages: [], shownAs: new Map(), circles: 0, cut: 0 };
	const seen = new Set<number>();
	let lastMs = startMs - 1;
	const emit = (turn: Turn, id: string, parent: string | null, pending: Pending | null) => {
		lastMs = turn.createdAt ?? lastMs + 1;
		const message = messageOf(turn, id, parent, lastMs, pending);
		result.cut += Math.max(0, (message.asides?.length ?? 0) - MAX_ASIDES);
		result.messages.push({
			...message,
			...(message.asides && { asides: message.asides.slice(0, MAX_ASIDES) })
		});
	};
	const walk = (start: number) => {
		const stack: Visit[] = [{ index: start, parent: null, pending: null }];
		for (let visit = stack.pop(); visit; visit = stack.pop()) {
			const { index } = visit;
			let { parent, pending } = visit;
			const turn = turns[index];
			const id = ids[index];
			if (!turn || id === undefined || seen.has(index)) continue;
			seen.add(index);
			// In a circle the one below may have come first.
			const below = (children.get(index) ?? []).filter((each) => !seen.has(each));
			if (turn.role === 'fold') pending = { turn, before: pending };
			const folding = turn.role === 'fold' || turn.role === 'skip';
			if (pending && (folding ? below.length === 0 : turn.role !== 'assistant')) {
				const { id } = pending.turn;
				emit({ ...pending.turn, role: 'assistant', text: '' }, id, parent, pending.before);
				parent = id;
				pending = null;
			}
			if (!folding) {
				emit(turn, id, parent, pending);
				parent = id;
				pending = null;
			}
			if (!result.shownAs.has(turn.id)) result.shownAs.set(turn.id, parent);
			for (const next of below.toReversed()) stack.push({ index: next, parent, pending });
		}
	};
	roots.forEach(walk);
	turns.forEach((_, index) => {
		if (seen.has(index)) return;
		result.circles++;
		walk(index);
	});
	return result;
}

export interface Chat {
	id?: string | undefined;
	title?: unknown;
	createdAt?: number | undefined;
	updatedAt?: number | undefined;
	pinned?: boolean;
	/** The prompts found, in order: the first that says something counts. */
	systems?: readonly unknown[];
	turns: readonly Turn[];
	/** Of the entry that ends the branch on show. */
	leaf?: string | null | undefined;
	left?: readonly LeftOut[];
}

/** A conversation in the shape of our record. */
export function draftOf(chat: Chat): Draft {
	const { turns, systems = [], left = [] } = chat;
	const { messages, shownAs, circles, cut } = threaded(
		turns,
		chat.createdAt ?? chat.updatedAt ?? 0
	);
	const said = systems.filter((each) => typeof each === 'string' && each.trim() !== '');
	const others = new Set(said).size - 1;
	const leaf = chat.leaf == null ? messages.at(-1)?.id : shownAs.get(chat.leaf);
	return {
		record: {
			version: CONVERSATION_VERSION,
			id: chat.id ?? uuid(),
			title: chat.title,
			createdAt: chat.createdAt,
			updatedAt: chat.updatedAt,
			pinned: chat.pinned ?? false,
			system: said[0] ?? '',
			messages,
			leaf: leaf ?? null
		},
		left: [
			...left,
			...(others > 0 ? [part('system prompts other than the first', others)] : []),
			...(circles > 0 ? [part('messages that answered each other in a circle', circles)] : []),
			...(cut > 0 ? [part(`steps of an answer beyond the ${MAX_ASIDES}th`, cut)] : [])
		]
	};
}

/** A list in which each follows the one before, whatever ids and parents it names. */
export function inLine(turns: readonly Omit<Turn, 'id' | 'parent'>[], id: string): Turn[] {
	return turns.map((turn, index) => ({
		...turn,
		id: `${id}-${index}`,
		parent: index === 0 ? null : `${id}-${index - 1}`
	}));
}

function messageOf(
	{ role, text = '', thinking, asides = [], images = [], answer }: Turn,
	id: string,
	parent: string | null,
	createdAt: number,
	pending: Pending | null
): Raw & { asides?: Aside[] } {
	const folded: Turn[] = [];
	for (let each = pending; each; each = each.before) folded.push(each.turn);
	folded.reverse();
	const thoughts = [...folded.map((each) => each.thinking), thinking].filter(Boolean).join('\n\n');
	const aside = [...folded.flatMap((each) => each.asides ?? []), ...asides];
	const shown = [...folded.flatMap((each) => each.images ?? []), ...images];
	return {
		id,
		parent,
		role,
		text,
		createdAt,
		...(thoughts !== '' && { thinking: thoughts }),
		...(aside.length > 0 && { asides: aside }),
		...(shown.length > 0 && { images: shown }),
		...(answer && { answer })
	};
}

/** The first of two with one id keeps it. */
function uniqueIds(turns: readonly Turn[]): string[] {
	const taken = new Map<string, number>();
	return turns.map(({ id }) => {
		const count = (taken.get(id) ?? 0) + 1;
		taken.set(id, count);
		return count === 1 ? id : `${id}~${count}`;
	});
}
