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
	await expect.poll(() => app.adaptation, { timeout: 10_000 }).not.toBeNull();
	const screen = await render(InApp, { app, View: SettingsDialog, given: { onclose: () => {} } });
	return { app, dialog: screen.getByRole('dialog', { name: 'Settings' }) };
}

function importFile(dialog: Element, text: string) {
	const picker = dialog.querySelector<HTMLInputElement>('input[type=file]')!;
	const files = new DataTransfer();
	files.items.add(new File([text], 'settings.json'));
	picker.files = files.files;
	picker.dispatchEvent(new Event('change', { bubbles: true }));
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

test('the suggestion follows what is entered, announces nothing that is not saved, and can be undone while it stands', async () => {
	const app = await anApp();
	await ranOut(app, 0.8);
	const screen = await render(InApp, { app, View: BudgetForm, given: { onclose: () => {} } });
	const memory = screen.getByRole('textbox', { name: 'GPU memory (GiB)' });
	await memory.fill('10');
	await expect.element(screen.getByText(/planned at 64% of the budget/)).toBeVisible();
	await screen.getByRole('button', { name: 'Use 63%' }).click();
	await expect.element(screen.getByRole('button', { name: 'Undo' })).toBeVisible();
	expect(app.announcer.text).not.toMatch(/ now\./);
	await screen.getByRole('slider').fill('0.7');
	await expect.element(screen.getByRole('button', { name: 'Undo' })).not.toBeInTheDocument();
	await memory.fill('lots');
	await expect.element(screen.getByTestId('threshold-advice')).not.toBeInTheDocument();
});

test('a file of settings brings the policy of automatic swaps, and both can be undone', async () => {
	const { app, dialog } = await aDialog();
	const policy = { ...DEFAULT_POLICY, mode: 'suggest' as const, floor: 'q4f16_1' };
	const text = exportSettings({ ...defaultSettings, theme: 'dark', diskCleanUp: true }, policy);
	importFile(dialog.element(), text);
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

test('automatic loads are switched on by no file', async () => {
	const { app, dialog } = await aDialog();
	const pin = { variantId: 'pocket-q4f16_1', contextWindow: 1024 };
	const policy = { ...DEFAULT_POLICY, mode: 'automatic' as const, pin };
	importFile(dialog.element(), exportSettings(defaultSettings, policy));
	await expect
		.element(
			dialog.getByText(
				'Settings imported. Automatic swaps: suggest. A file may not switch automatic loads on: do that under “Automatic swaps”.'
			)
		)
		.toBeVisible();
	await expect
		.poll(() => app.adaptation?.policy.current)
		.toEqual({ ...policy, mode: 'suggest', pin: null });
});

test('what cannot be taken over whole is not taken over at all', async () => {
	const app = await anApp();
	await expect.poll(() => app.adaptation, { timeout: 10_000 }).not.toBeNull();
	const { adaptation } = app;
	app.adaptation = null;
	const screen = await render(InApp, { app, View: SettingsDialog, given: { onclose: () => {} } });
	const dialog = screen.getByRole('dialog', { name: 'Settings' });
	const dark = { ...defaultSettings, theme: 'dark' as const };
	importFile(dialog.element(), exportSettings(dark, DEFAULT_POLICY));
	await expect
		.element(
			dialog.getByText(
				'Automatic swaps could not be changed, so nothing was: reload the page and try again.'
			)
		)
		.toBeVisible();
	expect(app.settings.current.theme).toBe('system');
	await app.settings.set({ theme: 'light' });
	await dialog.getByRole('button', { name: 'Reset to defaults' }).click();
	expect(app.settings.current.theme).toBe('light');
	await expect.element(dialog.getByText('Defaults restored.')).not.toBeInTheDocument();
	// A file without a policy, as earlier versions wrote them, needs none.
	importFile(dialog.element(), exportSettings(dark));
	await expect.element(dialog.getByText('Settings imported.')).toBeVisible();
	expect(app.settings.current.theme).toBe('dark');
	app.adaptation = adaptation;
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
