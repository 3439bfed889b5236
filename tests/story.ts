import { test as base, type BrowserContext, type FullProject } from 'playwright/test';

export { expect } from 'playwright/test';
export { LONG } from './long.ts';

/**
 * A story of a visitor who has nothing but the site's own files: every story of a runner shares one profile, which is
 * emptied before each. In a new one, the engine's megabytes would be fetched and parsed again for each.
 */
export const test = base.extend<{ ownProfile: boolean }, { profile: BrowserContext }>({
	/** For what a browser never forgets of a site, such as its answer to a request. */
	ownProfile: [false, { option: true }],

	profile: [
		async ({ browser }, use, { project }) => {
			const profile = await browser.newContext(optionsOf(project));
			await use(profile);
			await profile.close();
		},
		{ scope: 'worker' }
	],

	context: async ({ browser, profile, ownProfile }, use, { project }) => {
		if (ownProfile) {
			const own = await browser.newContext(optionsOf(project));
			await use(own);
			return own.close();
		}
		await empty(profile);
		await use(profile);
		for (const page of profile.pages()) await page.close();
		// What listens on would act in the next story.
		for (const event of ['request', 'response'] as const) profile.removeAllListeners(event);
		await profile.unrouteAll({ behavior: 'ignoreErrors' });
		await profile.setOffline(false);
	},

	page: async ({ context, viewport }, use) => {
		const page = await context.newPage();
		if (viewport) await page.setViewportSize(viewport);
		await use(page);
	}
});

const optionsOf = ({ use: { baseURL } }: FullProject) => ({
	...(baseURL !== undefined && { baseURL })
});

/** What a story kept: settings, conversations, records and models. The site's own files stay, and their guard. */
async function empty(profile: BrowserContext) {
	const page = await profile.newPage();
	await page.goto('icon.svg');
	const session = await profile.newCDPSession(page);
	await session.send('Storage.clearDataForOrigin', {
		origin: new URL(page.url()).origin,
		storageTypes: 'indexeddb,local_storage'
	});
	await page.evaluate(async () => {
		for (const name of await caches.keys())
			if (!name.startsWith('headroom-shell ')) await caches.delete(name);
	});
	await page.close();
}
