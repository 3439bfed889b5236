import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { adapterKey, type MemoryHistory } from '#plan/memory/history.ts';
import { DEFAULT_POLICY } from '#plan/adapt/policy.ts';
import SettingsDialog from '../settings/SettingsDialog.svelte';
import { exportSettings } from '../settings/settings-file.ts';
import { defaultSettings } from '../settings/settings.svelte.ts';
import type { App } from '../app/app.svelte.ts';
import { anApp } from './an-app.fixture.ts';
import BudgetForm from './BudgetForm.svelte';
import InApp from './InApp.fixture.svelte';

const GIB = 2 ** 30;

async function aDialog() {
	const app = await anApp();
	await expect.poll(() => app.adaptation).not.toBeNull();
	const screen = await render(InApp, { app, View: SettingsDialog, given: { onclose: () => {} } });
	return { app, dialog: screen.getByRole('dialog', { name: 'Settings' }) };
}

/** A load that was to take this share of a budget of 8 GiB ran out of memory a moment ago. */
async function ranOut(app: App, share: number) {
	await app.settings.set({ budgetBytes: 8 * GIB, reserveBytes: 0 });
	const adapter = adapterKey(app.hardware.device!);
	const failure = {
		variantId: 'a',
		contextWindow: 1024,
		libraryUrl: 'https://example.com/a.wasm',
		adapter,
		sampling: 'engine' as const,
		neededBytes: Math.round(share * 8 * GIB),
		at: Date.now()
	};
	await app.history.update((known): MemoryHistory => ({ ...known, failures: [failure] }));
}

test('a threshold is suggested from what happened here, one click sets it and one takes it back', async () => {
	const { app, dialog } = await aDialog();
	const advice = dialog.getByTestId('threshold-advice');
	await expect.element(advice).not.toBeInTheDocument();
	await ranOut(app, 0.8);
	await expect
		.element(advice)
		.toHaveTextContent('A load planned at 80% of the budget ran out of GPU memory here.');
	await advice.getByRole('button', { name: 'Use 79%' }).click();
	await expect.poll(() => app.settings.current.thresholdRatio).toBe(0.79);
	await expect.element(dialog.getByLabelText('Block above, % of the budget')).toHaveValue('79');
	await dialog.getByRole('button', { name: 'Undo' }).click();
	await expect.poll(() => app.settings.current.thresholdRatio).toBe(0.9);
	await expect.element(advice).toBeVisible();
});

test('the suggestion stands beside the threshold of the GPU’s memory, too, and is kept when that is saved', async () => {
	const app = await anApp();
	await ranOut(app, 0.8);
	const screen = await render(InApp, { app, View: BudgetForm, given: { onclose: () => {} } });
	await screen.getByRole('button', { name: 'Use 79%' }).click();
	await expect.element(screen.getByRole('slider')).toHaveValue('0.79');
	expect(app.settings.current.thresholdRatio).toBe(0.9);
	await screen.getByRole('button', { name: 'Save' }).click();
	await expect.poll(() => app.settings.current.thresholdRatio).toBe(0.79);
});

test('a file of settings brings the policy of automatic swaps, and both can be undone', async () => {
	const { app, dialog } = await aDialog();
	const policy = { ...DEFAULT_POLICY, mode: 'suggest' as const, floor: 'q4f16_1' };
	const text = exportSettings({ ...defaultSettings, theme: 'dark', diskCleanUp: true }, policy);
	const picker = dialog.element().querySelector<HTMLInputElement>('input[type=file]')!;
	const files = new DataTransfer();
	files.items.add(new File([text], 'settings.json'));
	picker.files = files.files;
	picker.dispatchEvent(new Event('change', { bubbles: true }));
	await expect
		.element(dialog.getByText('Settings imported. Automatic swaps: suggest.'))
		.toBeVisible();
	await expect.poll(() => app.adaptation?.policy.current).toEqual(policy);
	expect(app.settings.current.theme).toBe('dark');
	// To delete without asking is allowed by a person, not by a file.
	expect(app.settings.current.diskCleanUp).toBe(false);
	await dialog.getByRole('button', { name: 'Undo' }).click();
	await expect.poll(() => app.adaptation?.policy.current).toEqual(DEFAULT_POLICY);
	expect(app.settings.current.theme).toBe('system');
});

test('at 390 pixels the settings scroll in one direction alone', async () => {
	await page.viewport(390, 800);
	const { dialog } = await aDialog();
	await expect.element(dialog).toBeVisible();
	const element = dialog.element();
	for (const details of element.querySelectorAll('details')) details.open = true;
	await expect.element(dialog.getByText('Programs', { exact: true }).first()).toBeInTheDocument();
	expect(element.clientWidth).toBeGreaterThan(300);
	expect(element.scrollWidth).toBeLessThanOrEqual(element.clientWidth);
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await page.viewport(1280, 800);
});
