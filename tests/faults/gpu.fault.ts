import { chromium, expect } from 'playwright/test';
import { Scene } from './scene.ts';
import type { Strike } from './strike.ts';
import { ONE_AT_A_TIME, tellOf, test, told } from './table.ts';

const software = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

test.use({
	launchOptions: {
		executablePath,
		// Else the browser gives up on the GPU after the second death; that has a test of its own below.
		args: [
			...software,
			'--disable-gpu-process-crash-limit',
			'--disable-domain-blocking-for-3d-apis'
		]
	}
});

const killAt = (which: 'loaded' | 'spare', place: Omit<Strike, 'blow'>) => async (scene: Scene) => {
	await scene.arm(which, { ...place, blow: 'tell' });
	void scene.struck().then(() => scene.killGpuProcess());
};

/** The process that talks to the GPU dies, for the whole browser. */
tellOf([
	{
		name: 'GPU process: it dies while nothing is done',
		given: 'loaded',
		during: 'nothing',
		strike: (scene) => scene.killGpuProcess(),
		says: /was loaded again by itself/,
		leaves: 'q4f32_1'
	},
	{
		name: 'GPU process: it dies while an answer is written',
		given: 'loaded',
		during: 'answer',
		strike: killAt('loaded', { at: 'submit', nth: 12 }),
		says: /was loaded again by itself/,
		leaves: 'q4f32_1'
	},
	{
		name: 'GPU process: it dies while weights are uploaded',
		given: 'nothing',
		during: 'load',
		strike: killAt('spare', { at: 'writeBuffer', nth: 3 }),
		says: /Loaded\./,
		leaves: 'q4f32_1'
	},
	{
		name: 'GPU process: it dies in the middle of a swap, with both models there',
		given: 'loaded',
		during: 'swap',
		strike: killAt('spare', { at: 'writeBuffer', nth: 3 }),
		says: /Loaded\./,
		leaves: 'q0f32'
	},
	{
		name: 'GPU process: it dies in the middle of a swap, after the old model was let go',
		given: 'loaded',
		during: 'swap',
		settings: ONE_AT_A_TIME,
		strike: killAt('spare', { at: 'writeBuffer', nth: 3 }),
		says: /Loaded\./,
		leaves: 'q0f32'
	}
]);

test('GPU process: after its second death the browser offers no GPU any more', async ({
	baseURL
}, info) => {
	const browser = await chromium.launch({ executablePath, args: software });
	const context = await browser.newContext(baseURL ? { baseURL } : {});
	const scene = await Scene.open(context);
	await scene.calm('loaded');
	await scene.chats();
	await scene.killGpuProcess();
	await expect(scene.panel).toContainText('was loaded again by itself');
	const before = await scene.messages();
	const struckAt = Date.now();
	await scene.killGpuProcess();
	await expect(scene.alert).toContainText('the browser must be restarted', { timeout: 30_000 });
	const recoveryMs = Date.now() - struckAt;
	await expect(scene.alert).toContainText('Close every window');
	await expect.poll(() => scene.liveBytes()).toBe(0);
	expect(await scene.messages()).toEqual(before);
	// What needs no GPU goes on.
	await scene.headroom.quantization.selectOption('pocket-q0f32');
	await scene.page.reload();
	await expect(scene.headroom.answers.first()).toBeVisible();
	await expect(scene.panel).toContainText('restart the browser');
	await browser.close();
	told(info, 'says that the browser must be restarted', recoveryMs);
});
