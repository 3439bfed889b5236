import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';

test('swapping keeps the conversation, and the next answer comes from the new variant', async ({
	page
}) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	const first = await headroom.ask('What is VRAM?');
	await expect(first).toContainText('pocket q4f32_1');
	await headroom.load('q0f32');
	await headroom.loaded();
	const second = await headroom.ask('What is the KV cache?');
	await expect(second).toContainText('pocket q0f32');
	await expect(first).toContainText('pocket q4f32_1');
	await expect(headroom.answers).toHaveCount(2);
	await expect(page.getByTestId('swap-gap')).toHaveText(
		/^\s*The swap left \d+\.\d\d s without a model\.\s*$/
	);
});

test('the old variant answers while the new one downloads', async ({ page, context }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.ask('Hello');
	let release = () => {};
	const held = new Promise<void>((resolve) => (release = resolve));
	await context.route('**/q0f32/**/params_shard_0.bin', async (route) => {
		await held;
		await route.continue();
	});
	await headroom.load('q0f32');
	await expect(
		page.getByText(/^Looking at the files|^Checking what is on disk|^Downloading/)
	).toBeVisible();
	await expect(await headroom.ask('Thank you')).toContainText('pocket q4f32_1');
	await expect(page.getByRole('button', { name: 'Cancel' })).toBeVisible();
	release();
	await headroom.loaded();
	await expect(await headroom.ask('What is VRAM?')).toContainText('pocket q0f32');
});

test('a message sent while the model loads waits for it, and loads nothing else', async ({
	page,
	context
}) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	let asked = 0;
	let release = () => {};
	const held = new Promise<void>((resolve) => (release = resolve));
	await context.route('**/q0f32/**/params_shard_0.bin', async (route) => {
		asked++;
		await held;
		await route.continue();
	});
	await headroom.load('q0f32');
	await expect.poll(() => asked).toBe(1);
	const answer = headroom.ask('What is VRAM?');
	await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
	release();
	await expect(await answer).toContainText('pocket q0f32');
	expect(asked).toBe(1);
});

test(
	'the old variant stays when the new one cannot be downloaded',
	{ tag: LONG },
	async ({ page, context }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await headroom.ask('Hello');
		await context.route('**/q0f32/**/params_shard_0.bin', (route) => route.abort());
		await headroom.load('q0f32');
		const alert = page.getByRole('alert');
		await expect(alert).toContainText('params_shard_0.bin');
		await expect(alert).toContainText('pocket q4f32_1 is loaded as before');
		await expect(await headroom.ask('Thank you')).toContainText('pocket q4f32_1');
	}
);

test(
	'the old variant stays when the code of the new one cannot be compiled',
	{ tag: LONG },
	async ({ page, context }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		// So little that both do not fit at once.
		await headroom.declareGib('0.507');
		await headroom.ask('Hello');
		// The metadata can be read, the code cannot be compiled.
		await context.route('**/pocket-q0f32.wasm', async (route) => {
			const response = await route.fetch();
			const body = await response.body();
			const code = body.indexOf(Buffer.from([0x0a]), 200);
			body.fill(0xff, code + 40, code + 400);
			await route.fulfill({ response, body });
		});
		await headroom.load('q0f32');
		await expect(page.getByRole('alert')).toContainText('pocket q4f32_1 is loaded as before', {
			timeout: 30_000
		});
		await expect(headroom.answers).toHaveCount(1);
		await headroom.quantization.selectOption('pocket-q4f32_1');
		await headroom.loaded();
		await expect(await headroom.ask('Thank you')).toContainText('pocket q4f32_1');
	}
);

test('a load can be cancelled, and what was loaded stays', async ({ page, context }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.ask('Hello');
	let release = () => {};
	const held = new Promise<void>((resolve) => (release = resolve));
	await context.route('**/q0f32/**/params_shard_0.bin', async (route) => {
		await held;
		await route.abort();
	});
	await headroom.load('q0f32');
	await page.getByRole('button', { name: 'Cancel' }).click();
	await expect(page.getByRole('button', { name: /^Swap pocket/ })).toBeVisible();
	release();
	await expect(await headroom.ask('Thank you')).toContainText('pocket q4f32_1');
});
