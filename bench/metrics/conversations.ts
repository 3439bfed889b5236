import type { Figures } from '../limits.ts';
import type { Lab } from '../lab.ts';
import { median } from '../median.ts';

/** Opens a long conversation from the list, by a click. */
export async function openConversation(lab: Lab, runs: number): Promise<Figures> {
	const parts = await lab.parts();
	const ids = await parts.evaluate(() => window.parts.fill(2, 100));
	await parts.close();
	const site = await lab.site(`#${ids[0]}`);
	// When the page is quiet it imports an engine ahead, once, which takes a core for a second.
	await site.waitForTimeout(4_000);
	const times: { endMs: number; wholeMs: number }[] = [];
	for (let run = -2; run < runs; run++) {
		const id = ids[Math.abs(run) % 2 === 0 ? 1 : 0] ?? '';
		const opened = await site.evaluate((id) => window.observe.open(id, 200), id);
		lab.log(`${opened.endMs.toFixed(0)} ms, all of it ${opened.wholeMs.toFixed(0)} ms`);
		if (run >= 0) times.push(opened);
	}
	await site.close();
	return {
		openConversationMs: median(times.map(({ endMs }) => endMs)),
		wholeConversationMs: median(times.map(({ wholeMs }) => wholeMs))
	};
}

/** Two thousand conversations: the list when the page is opened, when another tab adds one, and a first search, typed at once. */
export async function manyConversations(lab: Lab, runs: number): Promise<Figures> {
	const parts = await lab.parts();
	await parts.evaluate(() => window.parts.fill(2_000, 25));
	const listMs: number[] = [];
	for (let run = 0; run < runs; run++) {
		const fresh = await lab.site();
		listMs.push(await fresh.evaluate(() => window.observe.firstList));
		lab.log(`listed after ${listMs.at(-1)?.toFixed(0)} ms`);
		await fresh.close();
	}
	const site = await lab.site();
	const followMs: number[] = [];
	for (let run = 0; run < runs; run++) {
		const number = 5_000 + run;
		const listed = site.evaluate(
			(number) => window.observe.listed(`Conversation ${number},`),
			number
		);
		const [id] = await parts.evaluate((number) => window.parts.fill(1, 25, number), number);
		followMs.push(await listed);
		lab.log(`one of another tab listed after ${followMs.at(-1)?.toFixed(0)} ms`);
		await parts.evaluate((id) => window.parts.remove(id), id ?? '');
		await site.waitForTimeout(500);
	}
	await site.close();
	const searchMs: number[] = [];
	for (let run = 0; run < 5; run++) {
		// What an earlier search has read is not there any more.
		const fresh = await lab.site();
		searchMs.push(await fresh.evaluate(() => window.observe.search('conversation 1234 turn')));
		lab.log(`found after ${searchMs.at(-1)?.toFixed(0)} ms`);
		await fresh.close();
	}
	await parts.close();
	return {
		listConversationsMs: median(listMs),
		followConversationsMs: median(followMs),
		searchConversationsMs: median(searchMs)
	};
}
