import { promisifyRequest } from 'idb-keyval';
import * as v from 'valibot';
import { path, type Conversation } from '../conversation.ts';
import { all, idOf, key, MANY, MOST_MARKED } from './keys.ts';

/** What the list shows of a conversation. Written with it in one transaction, so the two agree. */
export interface Summary {
	id: string;
	title: string;
	updatedAt: number;
	pinned: boolean;
	/** Messages, all branches. */
	count: number;
	/** The beginning of the last message shown. */
	preview: string;
}

const PREVIEW_CHARS = 120;

export function summaryOf(conversation: Conversation): Summary {
	const last = path(conversation).at(-1);
	return {
		id: conversation.id,
		title: conversation.title,
		updatedAt: conversation.updatedAt,
		pinned: conversation.pinned,
		count: conversation.messages.length,
		preview: (last?.text ?? '')
			.slice(0, PREVIEW_CHARS * 4)
			.replace(/\s+/g, ' ')
			.slice(0, PREVIEW_CHARS)
	};
}

const SummaryRecord = v.object({
	id: v.string(),
	title: v.string(),
	updatedAt: v.number(),
	pinned: v.boolean(),
	count: v.number(),
	preview: v.string()
});
const Listed = v.array(SummaryRecord);

// As with the texts of search-index.ts: one record with all of them is read ten times as fast, beside it they lie one
// by one as they were last written, and a mark says that the large record's copy is old, or of one that is gone.
const LISTED = key('listed', '');

export function writeSummary(store: IDBObjectStore, summary: Summary): void {
	store.put(summary, key('summary', summary.id));
	store.put(true, key('unlisted', summary.id));
}

export function deleteSummary(store: IDBObjectStore, id: string): void {
	store.delete(key('summary', id));
	store.put(true, key('unlisted', id));
}

/** Writes many new ones at once. */
export async function writeSummaries(
	store: IDBObjectStore,
	summaries: readonly Summary[]
): Promise<void> {
	if (summaries.length <= MOST_MARKED / 2) {
		for (const summary of summaries) writeSummary(store, summary);
		return;
	}
	for (const summary of summaries) store.put(summary, key('summary', summary.id));
	const listed = parseListed(await promisifyRequest<unknown>(store.get(LISTED)));
	store.put([...listed, ...summaries], LISTED);
}

export interface Listing {
	summaries: Map<string, Summary>;
	/** Conversations that have no summary, or none that can be read. */
	missing: string[];
	/** So many were read one by one that the large record should be rewritten. */
	scattered: boolean;
	/** Only what was written with its summary is in it: the rest shows in `countConversations`. */
	unverified: boolean;
}

export async function readListing(store: IDBObjectStore): Promise<Listing> {
	const [raw, marks] = await Promise.all([
		promisifyRequest<unknown>(store.get(LISTED)),
		promisifyRequest<IDBValidKey[]>(store.getAllKeys(all('unlisted')))
	]);
	const scattered = marks.length > MOST_MARKED;
	if (raw === undefined || marks.length > MANY) {
		const listing = await readEach(store);
		return { ...listing, scattered: scattered || listing.scattered };
	}
	const summaries = new Map(parseListed(raw).map((summary) => [summary.id, summary]));
	await refreshSummaries(store, summaries, marks.map(idOf));
	return { summaries, missing: [], scattered, unverified: true };
}

/** The browser goes through the conversations' text for it: among thousands that takes as long as all the rest. */
export const countConversations = (store: IDBObjectStore): Promise<number> =>
	promisifyRequest<number>(store.count(all('conversation')));

/** Reads those of `ids` again, into `summaries`. */
export async function refreshSummaries(
	store: IDBObjectStore,
	summaries: Map<string, Summary>,
	ids: readonly string[]
): Promise<void> {
	const records = await Promise.all(
		ids.map((id) => promisifyRequest<unknown>(store.get(key('summary', id))))
	);
	ids.forEach((id, index) => {
		const summary = v.safeParse(SummaryRecord, records[index]);
		if (summary.success) summaries.set(id, summary.output);
		else summaries.delete(id);
	});
}

/** Rewrites the large record. */
export async function relist(store: IDBObjectStore): Promise<void> {
	const { summaries } = await readEach(store);
	store.delete(all('unlisted'));
	store.put([...summaries.values()], LISTED);
}

/** The single records, whatever the large one says. */
export async function readSummaries(store: IDBObjectStore): Promise<Summary[]> {
	const records = await promisifyRequest<unknown[]>(store.getAll(all('summary')));
	return records.flatMap((record) => {
		const summary = v.safeParse(SummaryRecord, record);
		return summary.success ? [summary.output] : [];
	});
}

/** From the single records, found by the conversations there are. */
export async function readEach(store: IDBObjectStore): Promise<Listing> {
	const [keys, each] = await Promise.all([
		promisifyRequest<IDBValidKey[]>(store.getAllKeys(all('conversation'))),
		readSummaries(store)
	]);
	const written = new Map(each.map((summary) => [summary.id, summary]));
	const summaries = new Map<string, Summary>();
	const missing: string[] = [];
	for (const id of keys.map(idOf)) {
		const summary = written.get(id);
		if (summary) summaries.set(id, summary);
		else missing.push(id);
	}
	return { summaries, missing, scattered: keys.length > MOST_MARKED, unverified: false };
}

function parseListed(raw: unknown): Summary[] {
	const listed = v.safeParse(Listed, raw);
	return listed.success ? listed.output : [];
}
