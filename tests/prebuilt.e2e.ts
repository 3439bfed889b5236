import { AppPage } from './support/app.ts';
import { Hub } from './support/hub.ts';
import { expect, test } from './story.ts';

test.describe.configure({ timeout: 150_000 });

const FAMILY = 'SmolLM2 360M Instruct';
const repo = (quantization: string) => `SmolLM2-360M-Instruct-${quantization}-MLC`;

test('a catalogue model is found, planned, downloaded once, chatted with and swapped', async ({
	page,
	context
}) => {
	const hub = new Hub();
	for (const quantization of ['q4f32_1', 'q0f32']) {
		hub.addModel(repo(quantization), quantization);
		hub.addLibrary(`SmolLM2-360M-Instruct-${quantization}_cs1k-webgpu.wasm`, quantization);
	}
	await hub.start(context);
	const app = new AppPage(page);
	await app.allow([hub.storageHost]);
	await app.open();

	// Found by name.
	await app.choose(FAMILY, repo('q4f32_1'));

	// Planned: the catalogue's figure, then the manifest's, then the library's.
	const confidence = page.getByTestId('confidence');
	await expect(confidence).toHaveText(/^weights exact, ±\d+%$/);
	expect(hub.asked.filter((url) => url.endsWith('.wasm'))).toEqual([]);
	await page.getByRole('button', { name: 'Check exactly' }).click();
	await expect(confidence).toHaveText('exact, ±2%');
	expect(hub.sent.filter((file) => file.endsWith('.bin'))).toEqual([]);

	// Loaded and chatted with.
	await app.loadChosen();
	await expect(app.live).not.toHaveText('0 bytes');
	const first = await app.ask('What is quantization?');
	await app.stopIfWriting();
	await expect(first).toContainText(`${FAMILY} q4f32_1`);

	// Every file came once: the engine found under its own keys what was put there for it.
	expect(duplicates(hub.sent)).toEqual([]);
	expect(duplicates(hub.asked)).toEqual([]);
	const cached = await app.cachedUrls();
	for (const file of hub.files(repo('q4f32_1')).keys())
		expect(
			cached.filter((url) => new RegExp(`${repo('q4f32_1')}/resolve/[^/]+/${file}$`).test(url))
		).toHaveLength(1);

	// Swapped: the conversation stays, and the next answer says who gave it.
	await app.quantization.selectOption(repo('q0f32'));
	await expect(app.loadButton(`Swap ${FAMILY} q0f32`)).toBeEnabled();
	await app.loadChosen();
	await expect(page.getByRole('article', { name: 'You' })).toHaveText('What is quantization?');
	const second = await app.ask('And what is VRAM?');
	await app.stopIfWriting();
	await expect(second).toContainText(`${FAMILY} q0f32`);
	await expect(first).toContainText(`${FAMILY} q4f32_1`);
	expect(duplicates(hub.sent)).toEqual([]);
	await hub.stop();
});

const duplicates = (names: readonly string[]) =>
	names.filter((name, i) => names.indexOf(name) !== i);
