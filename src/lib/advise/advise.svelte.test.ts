import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { anApp } from '../panel/an-app.fixture.ts';
import InApp from '../panel/InApp.fixture.svelte';
import Advise from './Advise.svelte';

async function show() {
	const app = await anApp();
	const screen = await render(InApp, { app, View: Advise, given: {} });
	await screen.getByLabelText('Family').selectOptions('Llama-3.1-8B-Instruct');
	// The advice stands first; the same quantizations come again below it.
	const row = (name: string | RegExp) => screen.getByRole('row', { name }).first();
	return { app, screen, row };
}

test('any GPU can be simulated, marked as such, and the real budget stays as it is', async () => {
	const { app, screen, row } = await show();
	const before = JSON.stringify([app.hardware.budget, app.settings.current]);
	await expect.element(row(/^q4f16_1/)).toHaveTextContent('blocked');
	await screen.getByRole('button', { name: 'Simulate another GPU' }).click();
	await screen.getByRole('combobox', { name: /^Search by name/ }).fill('rtx 4090');
	await userEvent.keyboard('{Enter}');
	await expect
		.element(screen.getByRole('heading', { name: 'Simulation: NVIDIA RTX 4090' }))
		.toBeVisible();
	await expect
		.element(screen.getByTestId('advise-budget'))
		.toHaveTextContent('23.5 GiB may be used');
	await expect.element(row(/^q4f16_1/)).toHaveTextContent('fits');
	await screen.getByLabelText('16-bit shaders').click();
	await expect.element(row(/^q4f16_1/)).toHaveTextContent('blocked');
	expect(JSON.stringify([app.hardware.budget, app.settings.current])).toBe(before);
	await screen.getByRole('button', { name: 'End simulation' }).click();
	await expect
		.element(screen.getByRole('heading', { name: 'Llama 3.1 8B Instruct on this GPU' }))
		.toBeVisible();
});

test('a table shows which quantization of a family runs on common GPUs at a window', async () => {
	const { screen, row } = await show();
	const small = row(/^NVIDIA GTX 1650/);
	const large = row(/^NVIDIA RTX 4090/);
	await expect.element(small).toHaveTextContent(/4.00 GiB.*blocked/);
	await expect.element(large).toHaveTextContent(/24.0 GiB.*fits/);
	await screen.getByLabelText('Family').selectOptions('Qwen3-0.6B');
	await expect.element(small).toHaveTextContent(/fits/);
});

test('what a model needs is said, minimum and comfortable, with the GPUs that have it', async () => {
	const { screen, row } = await show();
	await expect.element(row(/^q4f16_1/)).toHaveTextContent(/GiB.*estimate.*GiB\s*[\d.]+ GiB/);
	const which = screen.getByTestId('which-gpus');
	await expect
		.element(which)
		.toHaveTextContent(/Minimum, .* GiB.*NVIDIA RTX 2060.*GPUs of the table/);
	await expect.element(which).toHaveTextContent(/Comfortable, .* GiB\).*GPUs of the table/);
});

test('a model outside the catalogue is calculated by its parameters or its sizes, part by part', async () => {
	const { screen } = await show();
	const result = screen.getByTestId('calculated');
	await screen.getByLabelText('Parameters (billions)').fill('8.03');
	await expect.element(result).toHaveTextContent(/estimate ±\d+%.*Weights\s*≈ 4.21 GiB/);
	await screen.getByLabelText('Given').selectOptions('shape');
	await expect.element(result).toHaveTextContent(/KV cache\s*≈ 514 MiB/);
	await screen.getByRole('textbox', { name: 'Layers' }).fill('-3');
	await expect.element(result).toHaveTextContent('Enter positive numbers.');
});

test('a request of so many tokens in and out says whether it fits, what is left, and its memory and time', async () => {
	const { screen } = await show();
	const says = screen.getByTestId('request-fits');
	await expect
		.element(says)
		.toHaveTextContent('It fits: 2,796 tokens of the window of 4,096 are left.');
	await screen.getByLabelText('Tokens in').fill('4000');
	await expect
		.element(says)
		.toHaveTextContent('It does not fit: 4,300 tokens, 204 tokens more than the window holds.');
	const table = screen.getByRole('region', { name: 'The request in each quantization' });
	const variant = table.getByRole('row', { name: /^q4f16_1/ });
	// What is blocked cannot be measured.
	await expect.element(variant).toHaveTextContent(/GiB\s*blocked\s*–$/);
	await screen.getByLabelText('Family').selectOptions('Llama-3.2-1B-Instruct');
	await expect
		.element(table.getByRole('row', { name: /^q4f32_1/ }))
		.toHaveTextContent(/GiB.*not measured yet.*Measure now/);
	await screen.getByLabelText('Tokens out').fill('-3');
	await expect.element(says).toHaveTextContent('Enter whole numbers of tokens, above 0.');
});
