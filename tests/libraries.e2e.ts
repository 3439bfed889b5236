import type { BrowserContext, Page } from 'playwright/test';
import { AppPage } from './support/app.ts';
import { Hub } from './support/hub.ts';
import { expect, LONG, test } from './story.ts';

test.describe.configure({ timeout: 150_000 });

const FAMILY = 'SmolLM2 360M Instruct';
const MODEL = 'SmolLM2-360M-Instruct-q4f32_1-MLC';
const LIBRARY = 'SmolLM2-360M-Instruct-q4f32_1_cs1k-webgpu.wasm';

async function visit(page: Page, context: BrowserContext, library?: (bytes: Buffer) => void) {
	const hub = new Hub();
	hub.addModel(MODEL, 'q4f32_1');
	if (library) hub.addLibrary(LIBRARY, 'q4f32_1', library);
	await hub.start(context);
	const app = new AppPage(page);
	await app.allow([hub.storageHost]);
	await app.open();
	await app.choose(FAMILY, MODEL);
	const weights = () => hub.sent.filter((file) => file.endsWith('.bin'));
	return { hub, app, weights };
}

/** As a compiler of another version would have named what it needs. */
function needsSomethingElse(library: Buffer) {
	library.write('TVMFFIWasmSafeCalX', library.indexOf('TVMFFIWasmSafeCall'));
}

/** One digit of what the library says of itself. */
function flipDigit(library: Buffer) {
	const at = library.indexOf('"prefill":') + '"prefill":'.length;
	library[at] = library.toString('latin1', at, at + 1) === '1' ? 0x32 : 0x31;
}

test('a library of another engine is told before its weights, and not as one to load again', async ({
	page,
	context
}) => {
	const { app, hub, weights } = await visit(page, context, needsSomethingElse);
	// Not read yet: the load reads it first.
	await app.loadButton(`Load ${FAMILY} q4f32_1`).click();
	await expect(app.alert).toContainText('built for another version of the engine');
	await expect(app.alert).toContainText('env.TVMFFIWasmSafeCalX');
	await expect(app.alert).not.toContainText('Load it again');
	expect(weights()).toEqual([]);

	await expect(page.locator('#panel').getByTestId('verdict').first()).toHaveText('blocked');
	await expect(app.loadButton(`Load ${FAMILY} q4f32_1`)).toBeDisabled();
	await expect(page.getByRole('button', { name: /once anyway/ })).toHaveCount(0);
	await hub.stop();
});

test('checking exactly says what failed and which file, on a broken host and without one', async ({
	page,
	context
}) => {
	const { hub } = await visit(page, context);
	const panel = page.locator('#panel');
	await page.getByRole('button', { name: 'Check exactly' }).click();
	await expect(panel).toContainText(`raw.githubusercontent.com has no ${LIBRARY} (404).`);

	hub.addLibrary(LIBRARY, 'q4f32_1', (library) => library.fill(0x20));
	await page.getByRole('button', { name: 'Check exactly' }).click();
	await expect(panel).toContainText(`${LIBRARY}: expected a WebAssembly library`);
	hub.unplugged = true;
	await page.getByRole('button', { name: 'Check exactly' }).click();
	await expect(panel).toContainText(
		new RegExp(`${LIBRARY.replaceAll('.', '\\.')}.+could not be fetched`)
	);
	hub.unplugged = false;

	hub.addLibrary(LIBRARY, 'q4f32_1');
	await page.getByRole('button', { name: 'Check exactly' }).click();
	await expect(page.getByTestId('confidence')).toHaveText(/^exact/);
	await expect(panel).not.toContainText(LIBRARY);
	await hub.stop();
});

test(
	'a library that has changed by one digit since it was loaded is noticed, and taken only by a click',
	{ tag: LONG },
	async ({ page, context }) => {
		const { app, hub } = await visit(page, context, () => undefined);
		await app.loadChosen();
		await page.getByRole('button', { name: 'Unload', exact: true }).click();
		await page.evaluate(async (name) => {
			const cache = await caches.open('webllm/wasm');
			for (const request of await cache.keys())
				if (request.url.endsWith(name)) await cache.delete(request);
		}, LIBRARY);
		hub.addLibrary(LIBRARY, 'q4f32_1', flipDigit);

		await app.loadButton(`Load ${FAMILY} q4f32_1`).click();
		await expect(app.alert).toContainText(`${LIBRARY}: expected the library that was first loaded`);
		await expect(app.alert).toContainText('No model is loaded now.');
		expect((await app.cachedUrls()).filter((url) => url.endsWith(LIBRARY))).toEqual([]);

		await app.alert.getByRole('button', { name: 'Download the library again' }).click();
		await expect(app.alert).toHaveCount(0);
		await expect(page.getByTestId('confidence')).toHaveText(/^exact/);
		await app.loadChosen();
		await hub.stop();
	}
);
