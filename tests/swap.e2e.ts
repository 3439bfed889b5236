import type { BrowserContext, Worker } from 'playwright/test';
import { hasDevice, remember } from './faults/strike.ts';
import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';

/** Holds the first shard of q0f32 until it is released, and counts how often it is asked for. */
async function holdShard(context: BrowserContext, then: 'continue' | 'abort' = 'continue') {
	const shard = { asked: 0, release: () => {} };
	const held = new Promise<void>((resolve) => (shard.release = resolve));
	await context.route('**/q0f32/**/params_shard_0.bin', async (route) => {
		shard.asked++;
		await held;
		await route[then]();
	});
	return shard;
}

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

test(
	'what is chosen is compiled before it is asked for, and what is loaded answers on',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		const engines = () => page.workers().filter((worker) => worker.url().includes('engine.worker'));
		page.on('worker', (worker) => {
			if (worker.url().includes('engine.worker')) void remember(worker);
		});
		await headroom.open();
		for (const quantization of ['q4f32_1', 'q0f32', 'q4f32_1']) {
			await headroom.load(quantization);
			await expect(page.getByText(`pocket ${quantization} answers`)).toBeVisible();
		}
		// The one that has asked for no device yet: it may have come before the model was there.
		let spare: Worker | undefined;
		const find = async () => {
			for (const engine of engines()) if ((await hasDevice(engine)) === false) spare = engine;
			return spare;
		};
		await expect.poll(find).toBeDefined();
		const compiled = () => spare?.evaluate(() => (globalThis as { compiled?: number }).compiled);
		await spare?.evaluate(() => {
			const scope = globalThis as { compiled?: number };
			scope.compiled = 0;
			GPUDevice.prototype.createComputePipelineAsync = new Proxy(
				Reflect.get(GPUDevice.prototype, 'createComputePipelineAsync') as () => Promise<never>,
				{
					apply(own, device, args) {
						scope.compiled = (scope.compiled ?? 0) + 1;
						return Reflect.apply(own, device, args) as Promise<never>;
					}
				}
			);
		});
		const held = await page.getByTestId('live-bytes').first().innerText();

		await headroom.pick('q0f32');
		await expect.poll(compiled).toBeGreaterThan(0);
		await expect(await headroom.ask('What is VRAM?')).toContainText('pocket q4f32_1');
		await expect(page.getByTestId('live-bytes').first()).toHaveText(held);

		await page.getByRole('button', { name: 'Swap pocket q0f32' }).click();
		await headroom.loaded();
		await expect(await headroom.ask('What is VRAM?')).toContainText('pocket q0f32');
		expect(engines(), 'the prepared engine is the one that answers').toContain(spare);
	}
);

test('the old variant answers while the new one downloads', async ({ page, context }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.ask('Hello');
	const shard = await holdShard(context);
	await headroom.load('q0f32');
	await expect(
		page.getByText(/^Checking files|^Checking what is on disk|^Downloading/)
	).toBeVisible();
	await expect(await headroom.ask('Thank you')).toContainText('pocket q4f32_1');
	await expect(page.getByRole('button', { name: 'Cancel' })).toBeVisible();
	shard.release();
	await headroom.loaded();
	await expect(await headroom.ask('What is VRAM?')).toContainText('pocket q0f32');
});

test(
	'a message sent while the model loads waits for it, and loads nothing else',
	{ tag: LONG },
	async ({ page, context }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		const shard = await holdShard(context);
		await headroom.load('q0f32');
		await expect.poll(() => shard.asked).toBe(1);
		const answer = headroom.ask('What is VRAM?');
		await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
		shard.release();
		await expect(await answer).toContainText('pocket q0f32');
		expect(shard.asked).toBe(1);
	}
);

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

test(
	'a load can be cancelled, and what was loaded stays',
	{ tag: LONG },
	async ({ page, context }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await headroom.ask('Hello');
		const shard = await holdShard(context, 'abort');
		await headroom.load('q0f32');
		await page.getByRole('button', { name: 'Cancel' }).click();
		await expect(page.getByRole('button', { name: /^Swap pocket/ })).toBeVisible();
		shard.release();
		await expect(await headroom.ask('Thank you')).toContainText('pocket q4f32_1');
	}
);
