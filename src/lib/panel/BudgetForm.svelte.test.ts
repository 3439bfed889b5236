import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { App } from '../app/app.svelte.ts';
import { anApp } from './an-app.fixture.ts';
import BudgetForm from './BudgetForm.svelte';
import InApp from './InApp.fixture.svelte';

const GIB = 2 ** 30;
let app: App;

async function show(gpuName: string | null = null) {
	app = await anApp({ gpuName });
	let closings = 0;
	const screen = await render(InApp, {
		app,
		View: BudgetForm,
		given: { onclose: () => closings++ }
	});
	return {
		screen,
		closings: () => closings,
		gpu: screen.getByRole('button', { name: /^GPU / }),
		search: screen.getByRole('combobox', { name: /^Search by name/ }),
		memory: screen.getByRole('textbox', { name: 'GPU memory (GiB)' })
	};
}

test('a GPU is found by the name on its box and sets the memory', async () => {
	const { screen, gpu, search, memory } = await show();
	await gpu.click();
	await expect.element(search).toHaveFocus();
	await userEvent.keyboard('GeForce RTX 3060{Enter}');
	await expect.element(search).not.toBeInTheDocument();
	await expect.element(gpu).toHaveTextContent('NVIDIA RTX 3060');
	await expect.element(gpu).toHaveFocus();
	await expect.element(memory).toHaveValue('8');
	await screen.getByLabelText('Sold with').selectOptions('12 GiB');
	await expect.element(memory).toHaveValue('12');
	await screen.getByRole('button', { name: 'Save' }).click();
	await expect.poll(() => app.settings.current.budgetBytes).toBe(12 * GIB);
	expect(app.settings.current.declaredGpu).toBe('NVIDIA RTX 3060');
});

test('the GPU that the browser names is offered first', async () => {
	const { screen, gpu } = await show('NVIDIA GeForce RTX 4070 SUPER');
	await gpu.click();
	await expect
		.element(screen.getByRole('group', { name: 'Named by the browser' }).getByRole('option'))
		.toHaveTextContent(/^NVIDIA RTX 4070 Super\s*12 GiB$/i);
});

test('Enter in the list of GPUs does not save the form, and Escape closes the list alone', async () => {
	const { screen, gpu, search, closings } = await show();
	await gpu.click();
	await userEvent.keyboard('4090');
	await userEvent.keyboard('{Enter}');
	await expect.element(search).not.toBeInTheDocument();
	await expect.element(screen.getByRole('dialog', { name: 'GPU memory' })).toBeVisible();
	expect(app.settings.current.budgetBytes).toBeNull();
	await gpu.click();
	await userEvent.keyboard('{Escape}');
	await expect.element(search).not.toBeInTheDocument();
	await expect.element(screen.getByRole('dialog', { name: 'GPU memory' })).toBeVisible();
	expect(closings()).toBe(0);
});

test('a Mac’s GPU gets its part of the memory', async () => {
	const { screen, gpu, search, memory } = await show();
	await gpu.click();
	await expect.element(search).toHaveFocus();
	await userEvent.keyboard('m2 pro{Enter}');
	await screen.getByLabelText('Memory of the computer').selectOptions('24 GiB');
	await expect.element(memory).toHaveValue('16');
});

test('an unlisted GPU is told by its memory; a figure that cannot be is refused with its reason', async () => {
	const { screen, gpu, search, memory, closings } = await show();
	await gpu.click();
	await search.fill('no such GPU');
	await expect
		.element(screen.getByRole('dialog', { name: 'Choose your GPU' }).getByRole('status'))
		.toHaveTextContent(/enter the GPU memory instead/);
	await userEvent.keyboard('{Escape}');
	await memory.fill('lots');
	await expect.element(screen.getByRole('alert')).toHaveTextContent(/number of GiB above 0/);
	await memory.fill('6,5');
	await userEvent.keyboard('{Enter}');
	await expect.poll(() => app.settings.current.budgetBytes).toBe(6.5 * GIB);
	expect(app.settings.current.declaredGpu).toBeNull();
	await expect.poll(closings).toBe(1);
});
