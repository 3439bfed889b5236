import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { anApp } from './an-app.fixture.ts';
import InApp from './InApp.fixture.svelte';
import ModelPanel from './ModelPanel.svelte';

test('the chosen quantization is explained below its name, and what does not exist is said', async () => {
	const app = await anApp();
	const panel = await render(InApp, { app, View: ModelPanel, given: {} });
	const meaning = panel.getByTestId('quantization-meaning');
	await expect.element(meaning).toHaveTextContent(/4 bits per weight, in groups of 32/);
	await panel.getByLabelText('Quantization').selectOptions('pocket-q0f16');
	await expect.element(meaning).toHaveTextContent(/^Not quantized.*16 bits.*shader-f16/);
	await panel.getByText('Other quantizations').click();
	await expect.element(panel.getByText('no 8-bit and no 2-bit variants')).toBeVisible();
});

test('the list of quantizations says what each saves against 16 and 32 bits', async () => {
	const app = await anApp();
	const panel = await render(InApp, { app, View: ModelPanel, given: {} });
	const option = (id: string) =>
		panel
			.getByLabelText('Quantization')
			.element()
			.querySelector(`option[value="${id}"]`)
			?.textContent.replace(/\s+/g, ' ');
	await expect
		.poll(() => option('pocket-q4f16_1'))
		.toMatch(/^ ?q4f16_1 · .* · fits · −\d\d% of 16-bit, −\d\d% of 32-bit/);
	expect(option('pocket-q0f16')).toMatch(/−50% of 32-bit/);
	expect(option('pocket-q0f32')).not.toContain('−');
});

test('after a swap the panel says how much it freed, and after unloading what stays', async () => {
	const app = await anApp();
	const panel = await render(InApp, { app, View: ModelPanel, given: {} });
	const change = panel.getByTestId('memory-change');
	await app.load();
	expect(change.elements()).toEqual([]);
	app.selection.choose('pocket-q0f16');
	await app.load();
	await expect.element(change).toHaveTextContent(/^(Freed|Takes) .*\.$/);
	await panel.getByRole('button', { name: 'Unload', exact: true }).click();
	await expect.element(change).toHaveTextContent(/^Nothing stays on the GPU: .* freed\.$/);
	await app.load();
	await expect.element(change).not.toBeInTheDocument();
});

test('the state of memory is one word with its figures and how to check them', async () => {
	const app = await anApp();
	const panel = await render(InApp, { app, View: ModelPanel, given: {} });
	const state = panel.getByTestId('memory-state');
	await expect
		.element(state)
		.toHaveTextContent(
			/^Memory now: comfortable 0 bytes of .* in use \(0%\); comfortable up to 60%\.$/
		);
	await app.load();
	await expect.element(state).toHaveTextContent(/comfortable 100 bytes of/);
	await panel.getByText('Check with other tools').click();
	await expect.element(panel.getByText(/^Task Manager, Performance/)).toBeVisible();
	await expect.element(panel.getByText(/^chrome:\/\/gpu/)).toBeVisible();
});

test('for my GPU, one click sets quantization, window and threshold of an answer, and undoes it', async () => {
	const app = await anApp();
	const family = app.catalog.families.find(({ id }) => id === 'Llama-3.2-1B-Instruct')!;
	app.selection.chooseFamily(family);
	await app.settings.set({ budgetBytes: 24 * 2 ** 30 });
	const panel = await render(InApp, { app, View: ModelPanel, given: {} });
	await panel.getByText('For my GPU').click();
	const use = (name: string) =>
		panel.getByRole('listitem').filter({ hasText: name }).getByRole('button', { name: 'Use' });
	await use('Most precise').click();
	expect(app.selection.variant.quantization.name).toBe('q0f32');
	await expect.poll(() => app.settings.current.thresholdRatio).toBe(0.95);
	await expect.element(use('Most precise')).not.toBeInTheDocument();
	await use('Balanced').click();
	await expect.poll(() => app.settings.current.thresholdRatio).toBe(0.9);
	expect(app.selection.variant.quantization.name).toBe('q4f16_1');
	await use('Safest').click();
	await expect.poll(() => app.settings.current.thresholdRatio).toBe(0.8);
	expect(app.selection.variant.quantization.name).toBe('q4f16_1');
	expect(app.loader.loaded).toBeNull();
	await panel.getByRole('button', { name: 'Undo' }).click();
	await expect.poll(() => app.settings.current.thresholdRatio).toBe(0.9);
	expect(app.selection.variant.quantization.name).toBe('q4f16_1');
});

test('the essential part of every quantization has room in the list at a panel of 320 pixels', async () => {
	const app = await anApp();
	await app.settings.set({ budgetBytes: 2 ** 30 });
	app.selection.chooseFamily(
		app.catalog.families.find(({ id }) => id === 'Llama-3.1-70B-Instruct')!
	);
	const panel = await render(InApp, { app, View: ModelPanel, given: {} });
	panel.container.style.inlineSize = '288px';
	const select = panel.getByLabelText('Quantization').element() as HTMLSelectElement;
	const style = getComputedStyle(select);
	const canvas = document.createElement('canvas').getContext('2d')!;
	canvas.font = style.font;
	const ARROW_PIXELS = 24;
	const room =
		select.clientWidth -
		parseFloat(style.paddingLeft) -
		parseFloat(style.paddingRight) -
		ARROW_PIXELS;
	for (const { text } of select.options) {
		const essential = text.trim().replace(/\s+/g, ' ').split(' · ').slice(0, 3).join(' · ');
		expect(essential).toMatch(/^q\d\S+ · .* · blocked$/);
		expect(canvas.measureText(essential).width).toBeLessThanOrEqual(room);
	}
});

test('of the computer’s memory, what loading takes is planned, and the engine’s own is read', async () => {
	const app = await anApp();
	const panel = await render(InApp, { app, View: ModelPanel, given: {} });
	await app.load();
	await expect
		.element(panel.getByTestId('host-memory'))
		.toHaveTextContent(/engine heap 64 bytes after loading\./);
});
