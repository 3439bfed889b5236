import type { Page } from 'playwright/test';

export interface StoredMessage {
	id: string;
	role: string;
	text: string;
	answer?: { finish: string };
}

/** The messages of the conversations on the disk, the latest conversation first. */
export function storedConversations(page: Page): Promise<StoredMessage[][]> {
	return page.evaluate(async () => {
		const db = await new Promise<IDBDatabase | null>((resolve) => {
			const request = indexedDB.open('headroom-conversations /headroom/');
			// Not there yet, and to be made by the page alone.
			request.onupgradeneeded = () => request.transaction?.abort();
			request.onsuccess = () => resolve(request.result);
			request.onerror = () => resolve(null);
		});
		if (!db) return [];
		const records = await new Promise<unknown[]>((resolve) => {
			const request = db
				.transaction('records')
				.objectStore('records')
				.getAll(IDBKeyRange.bound(['conversation'], ['conversation', []]));
			request.onsuccess = () => resolve(request.result);
		});
		db.close();
		const all = records as { updatedAt: number; messages: StoredMessage[] }[];
		all.sort((a, b) => b.updatedAt - a.updatedAt);
		return all.map(({ messages }) => messages);
	});
}
