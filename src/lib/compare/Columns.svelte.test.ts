import { describe, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Columns from './Columns.svelte';
import { aBlindOne, aComparison, anAnswer } from './compare.fixture.ts';
import type { Comparison } from './record.ts';

const failed = {
	kind: 'failed' as const,
	...{ variantId: 'c', label: 'Tiny', quantization: 'c', at: 1 },
	failure: { kind: 'device-lost', message: 'Tiny c lost the GPU.' }
};
const rows = [
	anAnswer('a', { text: 'It is four.' }),
	anAnswer('b', { text: 'It is five.' }),
	failed
];
const show = (run: Comparison, onpick = vi.fn(), given: object = {}) =>
	render(Columns, {
		run,
		currentId: null,
		writing: new Map<string, string>(),
		nameOf: (id: string) => `Tiny ${id}`,
		onpick,
		onreveal: () => {},
		useOf: () => () => {},
		usedId: null,
		...given
	});

test('the first word that differs is marked, and one that failed says how', async () => {
	const screen = await show(aComparison(rows));
	const marks = [...screen.container.querySelectorAll('mark')].map((each) => each.textContent);
	expect(marks).toEqual(['four', 'five']);
	await expect.element(screen.getByRole('article', { name: 'Tiny a' })).toHaveTextContent('30.0');
	await expect.element(screen.getByText('Tiny c lost the GPU.')).toBeVisible();
});

test('blind, neither names nor figures are shown, and a letter is picked', async () => {
	const onpick = vi.fn();
	const screen = await show(aBlindOne(rows), onpick);
	await expect.element(screen.getByText('It is four.')).toBeVisible();
	expect(screen.container.textContent).not.toMatch(/Tiny|30\.0|GPU memory/);
	expect(screen.container.innerHTML).not.toMatch(/data-variant/);
	await screen.getByRole('button', { name: 'B is better' }).click();
	expect(onpick).toHaveBeenCalledWith('b');
});

describe('a server’s answer', () => {
	const { loadMs, peakBytes, contextWindow } = {
		loadMs: null,
		peakBytes: null,
		contextWindow: null
	};
	const mine = anAnswer('server mine', { loadMs, peakBytes, contextWindow, quantization: '' });
	const asked = aComparison([anAnswer('a', { together: true }), mine]);

	test('has the figures that are known of it', async () => {
		const screen = await show(asked);
		const column = screen.getByRole('article', { name: 'Tiny server mine' });
		await expect.element(column).toHaveTextContent('Tokens/s 30.0');
		await expect.element(column).not.toHaveTextContent(/Load|GPU memory|null|NaN/);
	});

	test('is used by a click, unless the server answers already or is gone', async () => {
		const used = vi.fn<(id: string) => void>();
		const useOf = vi.fn((row: { variantId: string }) => () => used(row.variantId));
		const first = await show(asked, undefined, { useOf });
		await first.getByRole('button', { name: 'Use Tiny server mine' }).click();
		expect(used).toHaveBeenCalledExactlyOnceWith('server mine');
		await first.rerender({ usedId: 'server mine' });
		await expect.element(first.getByText('Answers your messages')).toBeVisible();
		await expect.element(first.getByRole('button')).toHaveTextContent('Use this one');
		await first.rerender({ usedId: null, useOf: () => null });
		await expect.element(first.getByRole('button')).not.toBeInTheDocument();
	});

	test('blind, is not told apart by how the others were written', async () => {
		const screen = await show(aBlindOne(asked.rows));
		await expect.element(screen.getByText('Answer of server mine.')).toBeVisible();
		expect(screen.container.textContent).not.toMatch(/Tiny|at the same time/);
	});
});
