import { describe, expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { App } from '../app/app.svelte.ts';
import type { Device } from '#plan/device/adapter.ts';
import { parseHistory } from '#plan/memory/history.ts';
import { aFrame, anApp } from './an-app.fixture.ts';
import FamilyPicker from './FamilyPicker.svelte';
import PickerTrigger from '../ui/PickerTrigger.svelte';
import InApp from './InApp.fixture.svelte';

let app: App;

async function show(device: Partial<Device> = {}) {
	// Fetched, as it is after the picker was opened once.
	await import('./FamilyList.svelte');
	app = await anApp(device);
	const screen = await render(InApp, { app, View: FamilyPicker, given: {} });
	const trigger = screen.getByRole('button', { name: /^Family/ });
	const search = screen.getByRole('combobox', { name: 'Search by name' });
	/** The option that Enter would choose. */
	const active = () => {
		const id = search.element().getAttribute('aria-activedescendant') ?? '';
		return document.getElementById(id);
	};
	const open = async () => {
		await trigger.click();
		await expect.element(search).toBeVisible();
	};
	return { screen, trigger, search, active, open };
}

const textOf = (element: Element | null) => element?.textContent.replace(/\s+/g, ' ').trim() ?? '';

test('the search field has the focus when the picker opens, and the chosen family is active', async () => {
	const { search, active, open } = await show();
	await open();
	await expect.element(search).toHaveFocus();
	await expect.poll(() => textOf(active())).toMatch(/^pocket/);
	expect(active()?.getAttribute('aria-selected')).toBe('true');
});

test('opened, closed and opened within a frame, the picker shows its families', async () => {
	const { screen, trigger, search } = await show();
	const button = trigger.element() as HTMLElement;
	button.click();
	await expect.element(search).toBeVisible();
	document.querySelector('dialog')?.close();
	button.click();
	await aFrame();
	await aFrame();
	await expect.element(screen.getByRole('dialog')).toBeVisible();
	await expect.element(screen.getByRole('status')).toHaveTextContent(/^\d+ families$/);
	await expect
		.element(screen.getByRole('option', { name: /^Llama 3.2 1B Instruct/ }).first())
		.toBeVisible();
});

test('pressed twice at once, the picker opens once', async () => {
	const { screen, trigger, search } = await show();
	await trigger.dblClick();
	await expect.element(search).toHaveFocus();
	expect(document.querySelectorAll('dialog')).toHaveLength(1);
	await expect.element(screen.getByRole('status')).toHaveTextContent(/^\d+ families$/);
});

test('arrows, Home, End and the page keys move through all options and stop at the ends', async () => {
	const { screen, search, active, open } = await show();
	await open();
	const options = screen.getByRole('option').elements();
	await userEvent.keyboard('{Home}');
	await expect.poll(active).toBe(options[0]);
	await userEvent.keyboard('{ArrowUp}');
	await expect.poll(active).toBe(options[0]);
	await userEvent.keyboard('{ArrowDown}{ArrowDown}');
	await expect.poll(active).toBe(options[2]);
	await userEvent.keyboard('{PageDown}');
	await expect.poll(active).toBe(options[12]);
	await userEvent.keyboard('{End}');
	await expect.poll(active).toBe(options.at(-1));
	await userEvent.keyboard('{ArrowDown}');
	await expect.poll(active).toBe(options.at(-1));
	await expect.element(search).toHaveFocus();
	// What is active can be seen.
	const { top, bottom } = active()?.getBoundingClientRect() ?? { top: -1, bottom: -1 };
	const list = screen.getByRole('listbox').element().getBoundingClientRect();
	expect(top).toBeGreaterThanOrEqual(list.top);
	expect(bottom).toBeLessThanOrEqual(list.bottom + 1);
});

test('Enter chooses the active option, closes the picker and returns the focus', async () => {
	const { trigger, search, open } = await show();
	await open();
	await userEvent.keyboard('qwen3 0.6b');
	await userEvent.keyboard('{Enter}');
	await expect.element(search).not.toBeInTheDocument();
	expect(app.selection.family.name).toBe('Qwen3 0.6B');
	await expect.element(trigger).toHaveTextContent('Qwen3 0.6B');
	await expect.element(trigger).toHaveFocus();
});

test('Escape closes the picker and chooses nothing', async () => {
	const { trigger, search, open } = await show();
	await open();
	await userEvent.keyboard('qwen{ArrowDown}{Escape}');
	await expect.element(search).not.toBeInTheDocument();
	expect(app.selection.family.id).toBe('pocket');
	await expect.element(trigger).toHaveFocus();
});

test('a click chooses', async () => {
	const { screen, open } = await show();
	await open();
	await userEvent.keyboard('gemma 2 2b');
	await screen
		.getByRole('option', { name: /^Gemma 2 2B/ })
		.first()
		.click();
	expect(app.selection.family.name).toMatch(/^Gemma 2 2B/);
});

test('letters typed on the closed picker open it and start the search', async () => {
	const { trigger, search } = await show();
	(trigger.element() as HTMLElement).focus();
	await userEvent.keyboard('llama');
	await expect.element(search).toHaveFocus();
	await expect.element(search).toHaveValue('llama');
	// The next opening starts from an empty search.
	await userEvent.keyboard('{Escape}');
	await expect.element(search).not.toBeInTheDocument();
	await userEvent.keyboard('{ArrowDown}');
	await expect.element(search).toHaveValue('');
});

test('letters and spaces typed while the list is being fetched start the search, and Escape gives it up', async () => {
	let arrive = () => {};
	const script = new Promise<void>((resolve) => (arrive = resolve));
	app = await anApp();
	const label = document.createElement('span');
	label.id = 'label';
	label.textContent = 'Family';
	document.body.append(label);
	const screen = await render(InApp, {
		app,
		View: PickerTrigger,
		given: {
			labelledby: label.id,
			value: 'pocket',
			load: () => script.then(() => import('./FamilyList.svelte')),
			props: {}
		}
	});
	const trigger = screen.getByRole('button', { name: 'Family pocket' });
	(trigger.element() as HTMLElement).focus();
	await userEvent.keyboard('phi{Escape}');
	await userEvent.keyboard('qwen3 0.6');
	arrive();
	const search = screen.getByRole('combobox', { name: 'Search by name' });
	await expect.element(search).toHaveValue('qwen3 0.6');
	await expect.element(search).toHaveFocus();
	label.remove();
});

test('a new search starts at the first option that matches; where none does, Enter chooses nothing', async () => {
	const { screen, search, active, open } = await show();
	await open();
	await userEvent.keyboard('{End}');
	await search.fill('phi');
	await expect.poll(() => active()).toBe(screen.getByRole('option').elements()[0]);
	await search.fill('no such model');
	await expect.element(screen.getByRole('status')).toHaveTextContent(/^No family matches/);
	expect(active()).toBeNull();
	await userEvent.keyboard('{Enter}');
	await expect.element(screen.getByRole('dialog')).toBeVisible();
	expect(app.selection.family.id).toBe('pocket');
});

test('Enter that is held since it opened the picker chooses nothing', async () => {
	const { screen, search, open } = await show();
	await open();
	search
		.element()
		.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', repeat: true, bubbles: true }));
	await aFrame();
	await expect.element(screen.getByRole('dialog')).toBeVisible();
});

test('keys of an input method stay with it', async () => {
	const { screen, search, open } = await show();
	await open();
	// Safari ends the composition before the Enter that confirmed it.
	for (const by of [{ isComposing: true }, { keyCode: 229 }])
		for (const key of ['ArrowDown', 'Enter'])
			search.element().dispatchEvent(new KeyboardEvent('keydown', { key, ...by, bubbles: true }));
	await aFrame();
	await expect.element(screen.getByRole('dialog')).toBeVisible();
	expect(app.selection.family.id).toBe('pocket');
});

test('every variant is judged once when the picker opens, and none while a person types or moves', async () => {
	const { search, open } = await show();
	const judged = vi.spyOn(app.planning, 'planOf');
	await open();
	const variants = app.catalog.families.flatMap((family) => family.variants);
	expect(judged).toHaveBeenCalledTimes(variants.length);
	await userEvent.keyboard('llama{ArrowDown}{End}');
	await search.fill('');
	await aFrame();
	expect(judged).toHaveBeenCalledTimes(variants.length);
});

describe('groups', () => {
	const groups = (screen: Awaited<ReturnType<typeof show>>['screen']) =>
		screen
			.getByRole('group')
			.elements()
			.map((group) => ({
				title: textOf(document.getElementById(group.getAttribute('aria-labelledby') ?? '')),
				options: [...group.querySelectorAll('[role=option]')].map(textOf)
			}));

	test('families are grouped by what they would do here, and listed once', async () => {
		const { screen, open } = await show({ heapBytes: 8 * 2 ** 30 });
		await open();
		const found = groups(screen);
		expect(found.map(({ title }) => title)).toEqual(['Fits here', 'Tight', 'Blocked']);
		expect(found.flatMap(({ options }) => options)).toHaveLength(app.catalog.families.length);
		expect(found.at(-1)?.options.join()).toContain('Llama 3.1 70B');
	});

	test('what was loaded last comes first, with its verdict', async () => {
		const { screen, open } = await show();
		const measurement = (variantId: string, at: number) => ({
			variantId,
			contextWindow: 4096,
			libraryUrl: 'https://example.test/library.wasm',
			adapter: 'a',
			afterLoadBytes: 1,
			peakBytes: 1,
			at
		});
		app.history.current = parseHistory({
			version: 1,
			measurements: [
				measurement('Qwen3-0.6B-q4f16_1-MLC', 1),
				measurement('Llama-3.2-1B-Instruct-q4f16_1-MLC', 2),
				measurement('no-such-variant', 3)
			],
			failures: []
		});
		await open();
		const [recent, ...others] = groups(screen);
		expect(recent?.title).toBe('Recently used');
		expect(recent?.options.map((text) => text.replace(/ q\d.*$/, ''))).toEqual([
			'Llama 3.2 1B Instruct',
			'Qwen3 0.6B'
		]);
		expect(recent?.options[0]).toMatch(/(fits|may fit|tight|blocked)$/);
		expect(others.flatMap(({ options }) => options).join()).not.toContain('Qwen3 0.6B');
	});
});
