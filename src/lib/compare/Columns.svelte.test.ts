import { expect, test, vi } from 'vitest';
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
const show = (run: Comparison, onpick = vi.fn()) =>
	render(Columns, {
		run,
		currentId: null,
		writing: new Map<string, string>(),
		nameOf: (id: string) => `Tiny ${id}`,
		onpick,
		onreveal: () => {},
		onuse: () => {}
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
