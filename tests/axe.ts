import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from 'playwright/test';

/** No violation of WCAG 2.1 A and AA, as far as a machine can tell, in what is shown just now. */
export async function expectAccessible(page: Page) {
	await expectNoViolation(
		new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'])
	);
}

async function expectNoViolation(axe: AxeBuilder) {
	const { violations } = await axe.analyze();
	const found = violations.map(
		({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`
	);
	expect(found).toEqual([]);
}

const LOOKS = [
	['light', 1280],
	['dark', 390]
] as const;
/** In `npm run test:all` only: what differs between schemes is colours, and between widths what is laid out. */
const MORE_LOOKS = [
	['dark', 1280],
	['light', 390]
] as const;

/** By all rules, those of good practice too, and without a sideways scroll, in wide and narrow windows, light and dark. */
export async function expectAccessibleInEveryLook(
	page: Page,
	each?: (look: string) => Promise<void>
) {
	for (const [colorScheme, width] of [
		...LOOKS,
		...(process.env.LONG === 'too' ? MORE_LOOKS : [])
	]) {
		await page.emulateMedia({ colorScheme });
		await page.setViewportSize({ width, height: 800 });
		expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
		await expectNoViolation(new AxeBuilder({ page }));
		await each?.(`${width}-${colorScheme}`);
	}
	await page.setViewportSize({ width: 1280, height: 800 });
}
