import type { Component } from 'svelte';
import { describe, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { aFrame, anApp } from './an-app.fixture.ts';
import InApp from './InApp.fixture.svelte';
import Opener from './Opener.fixture.svelte';

interface Case {
	title: string;
	// eslint-disable-next-line @typescript-eslint/no-explicit-any -- every dialog has props of its own
	load: () => Promise<{ default: Component<any> }>;
	props?: object;
	/** The name of what has the focus when it is open; null: the dialog itself. */
	focused: RegExp | null;
}

const dialogs: Case[] = [
	{
		title: 'Settings',
		load: () => import('../settings/SettingsDialog.svelte'),
		focused: /^Temperature/
	},
	{
		title: 'This conversation',
		load: () => import('../settings/ConversationDialog.svelte'),
		focused: /^System prompt/
	},
	{ title: 'Shortcuts', load: () => import('../chat/ShortcutsDialog.svelte'), focused: null },
	{ title: 'GPU memory', load: () => import('./BudgetForm.svelte'), focused: /^GPU/ },
	{ title: 'Report', load: () => import('./ReportView.svelte'), focused: /^Copy$/ },
	{ title: 'Best fit', load: () => import('./BestFitDialog.svelte'), focused: /^Choose / },
	{
		title: 'Choose a family',
		load: () => import('./FamilyList.svelte'),
		props: { typed: '' },
		focused: /^Search by name/
	},
	{
		title: 'Choose your GPU',
		load: () => import('./GpuList.svelte'),
		props: { typed: '', chosen: null, onpick: () => {} },
		focused: /^Search by name/
	}
];

function nameOf(element: Element | null): string {
	if (!element) return '';
	const labels =
		element.getAttribute('aria-label') ??
		(element.getAttribute('aria-labelledby') ?? '')
			.split(' ')
			.map((id) => document.getElementById(id)?.textContent ?? '')
			.join(' ');
	const field = element as HTMLInputElement;
	return (labels.trim() || (field.labels?.[0]?.textContent ?? element.textContent)).trim();
}

describe.each(dialogs)('the dialog “$title”', ({ title, load, props = {}, focused }) => {
	const open = async () => {
		await load();
		const screen = await render(InApp, {
			app: await anApp(),
			View: Opener,
			given: { load, props }
		});
		return {
			opener: screen.getByRole('button', { name: 'Open', exact: true }),
			dialog: screen.getByRole('dialog', { name: title })
		};
	};

	test('takes the focus where a person begins, and never to Close', async () => {
		const { opener, dialog } = await open();
		await opener.click();
		await expect.element(dialog).toBeVisible();
		if (focused === null) await expect.poll(() => document.activeElement).toBe(dialog.element());
		else await expect.poll(() => nameOf(document.activeElement)).toMatch(focused);
	});

	test('Escape closes it and gives the focus back to what opened it', async () => {
		const { opener, dialog } = await open();
		await opener.click();
		await expect.element(dialog).toBeVisible();
		await userEvent.keyboard('{Escape}');
		await expect.element(dialog).not.toBeInTheDocument();
		await expect.element(opener).toHaveFocus();
	});

	test('opened, closed and opened again within a frame, it is open', async () => {
		const { opener, dialog } = await open();
		const button = opener.element() as HTMLElement;
		button.focus();
		button.click();
		await expect.element(dialog).toBeVisible();
		(dialog.element() as HTMLDialogElement).close();
		button.click();
		await aFrame();
		await aFrame();
		await expect.element(dialog).toBeVisible();
		expect(document.querySelectorAll('dialog')).toHaveLength(1);
		await userEvent.keyboard('{Escape}');
		await expect.element(dialog).not.toBeInTheDocument();
		await expect.element(opener).toHaveFocus();
	});
});

test('closed by its button and by Escape at once, a dialog is closed once', async () => {
	let closings = 0;
	const screen = await render(InApp, {
		app: await anApp(),
		View: Opener,
		given: {
			load: () => import('../chat/ShortcutsDialog.svelte'),
			onclosed: () => closings++
		}
	});
	await screen.getByRole('button', { name: 'Open' }).click();
	const dialog = screen.getByRole('dialog', { name: 'Shortcuts' });
	await expect.element(dialog).toBeVisible();
	const element = dialog.element() as HTMLDialogElement;
	element.requestClose();
	(element.querySelector('[aria-label="Close"]') as HTMLElement).click();
	await aFrame();
	await aFrame();
	expect(closings).toBe(1);
	await expect.element(dialog).not.toBeInTheDocument();
});

test('opened twice before its script is there, a dialog opens once', async () => {
	let arrive = () => {};
	const script = new Promise<void>((resolve) => (arrive = resolve));
	const screen = await render(InApp, {
		app: await anApp(),
		View: Opener,
		given: { load: () => script.then(() => import('../chat/ShortcutsDialog.svelte')) }
	});
	const button = screen.getByRole('button', { name: 'Open' }).element() as HTMLElement;
	button.click();
	button.click();
	arrive();
	await expect.element(screen.getByRole('dialog', { name: 'Shortcuts' })).toBeVisible();
	await aFrame();
	expect(document.querySelectorAll('dialog')).toHaveLength(1);
});

test('a dialog whose script cannot be fetched says so, and can be opened again', async () => {
	let fails = true;
	const screen = await render(InApp, {
		app: await anApp(),
		View: Opener,
		given: {
			load: () =>
				fails
					? Promise.reject(new TypeError('Failed to fetch'))
					: import('../chat/ShortcutsDialog.svelte')
		}
	});
	await screen.getByRole('button', { name: 'Open' }).click();
	await expect.element(screen.getByRole('alert')).toHaveTextContent(/could not be loaded/);
	fails = false;
	await screen.getByRole('button', { name: 'Open' }).click();
	await expect.element(screen.getByRole('dialog', { name: 'Shortcuts' })).toBeVisible();
	await expect.element(screen.getByRole('alert')).not.toBeInTheDocument();
});

test('Escape while the GPU memory is being saved breaks nothing', async () => {
	const errors: unknown[] = [];
	const note = (event: PromiseRejectionEvent) => errors.push(event.reason);
	addEventListener('unhandledrejection', note);
	const app = await anApp();
	const screen = await render(InApp, {
		app,
		View: Opener,
		given: { load: () => import('./BudgetForm.svelte') }
	});
	await screen.getByRole('button', { name: 'Open' }).click();
	await screen.getByLabelText('GPU memory (GiB)').fill('8');
	(screen.getByRole('button', { name: 'Save' }).element() as HTMLElement).click();
	(screen.getByRole('dialog').element() as HTMLDialogElement).requestClose();
	await expect.poll(() => app.settings.current.budgetBytes).toBe(8 * 2 ** 30);
	await expect.element(screen.getByRole('dialog')).not.toBeInTheDocument();
	await aFrame();
	expect(errors).toEqual([]);
	removeEventListener('unhandledrejection', note);
});
