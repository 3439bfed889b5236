import type { Page } from 'playwright/test';
import { expectAccessible } from './axe.ts';
import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';

/** 1280 x 1024 at 200 %. */
test.use({ viewport: { width: 640, height: 512 } });

async function nothingScrollsSideways(page: Page) {
	const [wide, shown] = await page.evaluate(() => [
		document.documentElement.scrollWidth,
		document.documentElement.clientWidth
	]);
	expect(wide).toBeLessThanOrEqual(shown ?? 0);
}

test(
	'at 200 %, in forced colours and without motion, a person can chat',
	{ tag: LONG },
	async ({ page }) => {
		await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await nothingScrollsSideways(page);
		await headroom.ask('What is VRAM?');
		await nothingScrollsSideways(page);
		await expectAccessible(page);
		// The message can be written and sent without scrolling.
		await expect(headroom.composer).toBeInViewport({ ratio: 1 });
		const motion = await page.evaluate(
			() =>
				document.getAnimations().filter((animation) => {
					const { duration } = animation.effect?.getComputedTiming() ?? {};
					return typeof duration === 'number' && duration > 1;
				}).length
		);
		expect(motion).toBe(0);
	}
);

test(
	'at 200 % and in forced colours the parts of the bar can be told apart',
	{ tag: LONG },
	async ({ page }) => {
		await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await page
			.getByRole('button', { name: /pocket/ })
			.first()
			.click();
		const panel = page.getByRole('complementary', { name: 'Model panel' });
		await expect(panel).toBeVisible();
		await nothingScrollsSideways(page);
		await expectAccessible(page);
		const colours = await panel.evaluate((panel) => {
			const of = (selector: string, property: 'fill' | 'stroke' | 'backgroundColor') => {
				const element = panel.querySelector(selector);
				return element ? getComputedStyle(element)[property] : `no ${selector}`;
			};
			const parts = ['weights', 'kv', 'activations', 'runtime'];
			return {
				track: of('.track', 'fill'),
				parts: parts.map((part) => of(`.segment.${part}`, 'fill')),
				outline: of('.segment', 'stroke'),
				keys: parts.map((part) => of(`.key.${part}`, 'backgroundColor')),
				live: of('.live', 'fill')
			};
		});
		expect(new Set(colours.parts).size).toBe(4);
		expect(colours.keys).toEqual(colours.parts);
		expect(colours.outline).not.toBe(colours.track);
		expect(colours.live).not.toBe(colours.track);
		await page.keyboard.press('Escape');

		await page.keyboard.press('Control+,');
		await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
		await nothingScrollsSideways(page);
		await expectAccessible(page);
	}
);

test(
	'at 200 % and in forced colours the list of models is there',
	{ tag: LONG },
	async ({ page }) => {
		await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
		await page.goto('./models');
		await expect(page.getByRole('table').first()).toBeVisible();
		await nothingScrollsSideways(page);
		await page.getByRole('searchbox', { name: 'Search' }).fill('pocket');
		await expectAccessible(page);
	}
);
