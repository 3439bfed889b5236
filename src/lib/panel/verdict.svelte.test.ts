import { expect, onTestFinished, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { aDevice } from '#plan/device/a-device.fixture.ts';
import type { Device } from '#plan/device/adapter.ts';
import { appIn } from '../app/app.fixture.ts';
import { Failure } from '../rpc/failure.ts';
import InApp from './InApp.fixture.svelte';
import ModelPanel from './ModelPanel.svelte';

/** The panel of a first visit, where nothing of any model but what the catalogue declares is known. */
async function show(device: Partial<Device> = {}) {
	// Fetched, as they are after they were opened once.
	await Promise.all([import('./FamilyList.svelte'), import('./BudgetForm.svelte')]);
	const world = appIn({ device: aDevice(device) });
	onTestFinished(world.close);
	world.files.inspect = () => Promise.reject(new Failure('network', 'There is no network.'));
	await world.start();
	const screen = await render(InApp, { app: world.app, View: ModelPanel, given: {} });
	const panel = screen.getByRole('region', { name: 'Model' });
	const verdict = panel.getByTestId('verdict').first();
	return {
		...world,
		screen,
		panel,
		verdict,
		chooseFamily: async (query: string) => {
			await panel.getByRole('button', { name: /^Family/ }).click();
			const search = screen.getByRole('combobox', { name: 'Search by name' });
			await search.fill(query);
			await userEvent.keyboard('{Enter}');
			await expect.element(search).not.toBeInTheDocument();
		},
		declareGib: async (gib: string) => {
			await panel.getByRole('button', { name: 'Set GPU memory' }).first().click();
			await screen.getByRole('textbox', { name: 'GPU memory (GiB)' }).fill(gib);
			await screen.getByRole('button', { name: 'Save', exact: true }).click();
			await expect.element(screen.getByRole('dialog')).not.toBeInTheDocument();
		}
	};
}

test('what does not fit is blocked before a byte of it is downloaded, with offers that do fit', async () => {
	const { panel, files, verdict, chooseFamily, declareGib } = await show();
	await chooseFamily('llama 3.1 8b instruct');
	await expect.element(verdict).toHaveTextContent('blocked');
	await expect.element(panel.getByRole('button', { name: /^Load Llama/ })).toBeDisabled();
	await expect.element(panel.getByText(/may be used here/).first()).toBeVisible();
	const offers = panel.getByRole('heading', { name: 'What would help' }).element().parentElement;
	expect(offers?.querySelector('button')?.textContent).toContain('Set the GPU memory');

	// A block disappears with its cause.
	await declareGib('24');
	await expect.element(verdict).toHaveTextContent('fits');
	expect(files.asked.filter((what) => what.startsWith('download'))).toEqual([]);
});

test('an f16 quantization is refused on a GPU without shader-f16, whatever the budget', async () => {
	const { panel, verdict, declareGib } = await show({ features: [] });
	await declareGib('64');
	await panel.getByLabelText('Quantization').selectOptions('pocket-q4f16_1');
	await expect.element(verdict).toHaveTextContent('blocked');
	await expect.element(panel.getByText(/shader-f16/).first()).toBeVisible();
	expect(panel.getByRole('button', { name: /once anyway/ }).elements()).toEqual([]);
});

test('the profile of a family says what it can do and what each quantization saves', async () => {
	const { panel, chooseFamily } = await show({ features: [] });
	await chooseFamily('qwen3 0.6b thinking');
	await panel.getByText('About Qwen3 0.6B').click();
	const about = panel.getByRole('group').filter({ hasText: 'About Qwen3 0.6B' });
	const words = (role: 'definition') =>
		about
			.getByRole(role)
			.elements()
			.map((element) => element.textContent.trim());
	await expect
		.poll(() => words('definition'), { timeout: 20_000 })
		.toEqual([expect.stringMatching(/not read yet/), '0.6 billion', 'yes', 'no']);
	await expect
		.element(about.getByRole('row', { name: /^q0f32/ }))
		.toHaveTextContent(/≈ 2.24 GiB\s*–/);
	await expect.element(about.getByRole('row', { name: /^q4f16_1/ })).toHaveTextContent(/MiB\s*86%/);
});

test('the slider says where the verdict turns, and finds the largest window that fits', async () => {
	const { panel, verdict, chooseFamily, declareGib } = await show({ features: [] });
	await declareGib('7');
	await chooseFamily('llama 3.1 8b instruct');
	await expect.element(verdict).toHaveTextContent('blocked');
	await expect.element(panel.getByText(/^Tight at best, blocked above [\d,]+\.$/)).toBeVisible();

	// The upper bound of what the catalogue declares fits at smaller windows only.
	await declareGib('9.5');
	await expect.element(verdict).toHaveTextContent('may fit');
	await expect.element(panel.getByText(/^Fits up to [\d,]+, tight above\.$/)).toBeVisible();
	await panel.getByRole('button', { name: /^Largest that fits/ }).click();
	await expect.element(verdict).toHaveTextContent(/^\s*fits/);
	// One step on, the verdict is another one.
	(panel.getByRole('slider', { name: 'Context window' }).element() as HTMLElement).focus();
	await userEvent.keyboard('{ArrowRight}');
	await expect.element(verdict).toHaveTextContent('may fit');
});

test('a person with a 4 GB GPU finds the best model that fits', async () => {
	const { screen, panel, app, verdict, declareGib } = await show({ features: [] });
	await import('./BestFitDialog.svelte');
	await declareGib('4');
	await panel.getByRole('button', { name: 'Best fit' }).click();
	const best = screen.getByRole('dialog', { name: 'Best fit' });
	await expect.element(best).toHaveTextContent('within the 3.50 GiB that may be used');
	const choose = best.getByRole('button', { name: /^Choose / });
	for (const priority of ['quality', 'balanced', 'speed']) {
		await best.getByLabelText('Priority').selectOptions(priority);
		await expect.element(choose).toBeVisible();
		expect(choose.element().textContent).not.toContain('pocket');
	}
	const words = choose.element().textContent.replace(/\s+/g, ' ').trim();
	const name = words.replace(/^Choose (.*), .*$/, '$1');
	await choose.click();
	await expect.element(best).not.toBeInTheDocument();
	await expect.element(verdict).toHaveTextContent(/^\s*fits/);
	const load = panel.getByRole('button', { name: `Load ${name}` });
	await expect.element(load).toBeEnabled();
	expect(app.selection.family.id).not.toBe('pocket');

	// What the plan rests on is said beside it.
	await expect.element(panel).toHaveTextContent('The catalogue declares');
});
