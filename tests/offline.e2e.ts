import { expect, test } from 'playwright/test';
import { HeadroomPage } from './page.ts';

test('after a first visit the site and a loaded model work with the network off', async ({
	page,
	context
}) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.ask('Hello');
	// What the browser itself happens to keep of a visit is no promise.
	await (await context.newCDPSession(page)).send('Network.clearBrowserCache');
	await context.setOffline(true);
	await page.reload();
	await expect(page.getByText('exact plan').or(page.getByText('measured here'))).toBeAttached();
	await expect(await headroom.ask('What is quantization?')).toContainText('pocket q4f32_1');
});
