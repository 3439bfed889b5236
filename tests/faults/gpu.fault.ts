import { chromium, expect } from 'playwright/test';
import { chromiumArgs } from '../../scripts/browsers.mjs';
import { LONG } from '../long.ts';
import { Scene } from './scene.ts';
import type { Strike } from './strike.ts';
import { ONE_AT_A_TIME, tellOf, test, told } from './table.ts';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

test.use({
	launchOptions: {
		executablePath,
		// Else the browser gives up on the GPU after the second death; that has a test of its own below.
		args: [
			...chromiumArgs,
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
		name: 'GPU process: it dies while what is chosen is prepared',
		long: true,
		given: 'loaded',
		during: 'nothing',
		strike: async (scene) => {
			await scene.chooseAndPrepare('q0f32', { at: 'requestDevice', blow: 'tell' });
			await scene.killGpuProcess();
		},
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
		long: true,
		given: 'nothing',
		during: 'load',
		strike: killAt('spare', { at: 'writeBuffer', nth: 3 }),
		says: /Loaded\./,
		leaves: 'q4f32_1'
	},
	{
		name: 'GPU process: it dies in the middle of a swap, after the old model was let go',
		long: true,
		given: 'loaded',
		during: 'swap',
		settings: ONE_AT_A_TIME,
		strike: killAt('spare', { at: 'writeBuffer', nth: 3 }),
		says: /Loaded\./,
		leaves: 'q0f32'
	}
]);

test(
	'GPU process: after some deaths the browser offers no GPU any more',
	{ tag: LONG },
	async ({ baseURL }, info) => {
		const browser = await chromium.launch({ executablePath, args: chromiumArgs });
		const context = await browser.newContext(baseURL ? { baseURL } : {});
		const scene = await Scene.open(context);
		await scene.calm('loaded');
		await scene.chats();
		const before = await scene.messages();
		const recovered = scene.panel.getByText('was loaded again by itself');
		const gone = scene.alert.getByText('the browser must be restarted');
		let struckAt = 0;
		for (let deaths = 0; deaths < 4 && !(await gone.isVisible()); deaths++) {
			const dismiss = scene.panel.getByRole('button', { name: 'Dismiss' });
			if (await dismiss.isVisible()) await dismiss.click();
			struckAt = Date.now();
			await scene.killGpuProcess();
			await expect(recovered.or(gone)).toBeVisible({ timeout: 30_000 });
		}
		const offered = await scene.page.evaluate(async () =>
			Boolean(await navigator.gpu.requestAdapter())
		);
		if (offered) await browser.close();
		// Chromium's headless shell is one.
		test.skip(offered, 'this browser offers its GPU again after four deaths');
		await expect(gone).toBeVisible();
		const recoveryMs = Date.now() - struckAt;
		await expect.poll(() => scene.liveBytes()).toBe(0);
		expect(await scene.messages()).toEqual(before);
		// What needs no GPU goes on.
		await scene.headroom.quantization.selectOption('pocket-q0f32');
		// At first it may keep it from this page alone, until it is reopened.
		for (let deaths = 0; deaths < 4; deaths++) {
			await scene.page.reload();
			await expect(scene.headroom.answers.first()).toBeVisible();
			if (!(await scene.page.evaluate(() => navigator.gpu.requestAdapter()))) break;
			await scene.killGpuProcess();
		}
		await expect(scene.panel).toContainText('restart the browser');
		expect(await scene.messages()).toEqual(before);
		await browser.close();
		told(info, 'says that the browser must be restarted', recoveryMs);
	}
);
