import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { DEFAULT_BOUND } from './bound.ts';
import { PROMPTS } from './prompts.ts';
import { recordOf, summaryOf } from './quality.fixture.ts';
import type { Row } from './open-run.ts';
import QualitySection from './QualitySection.svelte';

const measured = (variantId: string, sameToken: number, divergence: number): Row => ({
	kind: 'measured',
	variantId,
	record: recordOf({ variantId, summary: summaryOf({ sameToken, divergence }) })
});
const rows: Row[] = [
	measured('q0f16', 1, 2.1e-8),
	measured('q4f32_1', 0.88, 0.2),
	{ kind: 'too-few', variantId: 'q4f16_1', positions: 80 },
	{ kind: 'failed', variantId: 'q3f16_1', message: 'It computes wrongly here.', advice: 'Try f32.' }
];
const idle = {
	status: { kind: 'idle' as const },
	rows: [] as readonly Row[],
	problem: null,
	scope: 'unquantized' as const,
	bound: DEFAULT_BOUND,
	nameOf: (id: string) => `pocket ${id}`,
	onstart: vi.fn(),
	onstop: vi.fn()
};

test('a variant beyond the bound is marked with the reason, and the bound can be another one', async () => {
	const screen = await render(QualitySection, { ...idle, rows });
	const row = screen.getByRole('row', { name: /pocket q4f32_1/ });
	await expect
		.element(row)
		.toHaveTextContent('Differs strongly: same next token below 90%, mean KLD above 0.1.');
	await expect.element(row).toHaveTextContent('88.0% ± 0.2%');
	await expect
		.element(screen.getByRole('row', { name: /pocket q0f16/ }))
		.not.toHaveTextContent('Differs');
	await screen.rerender({ ...idle, rows, bound: { sameToken: 0.8, divergence: 0.5 } });
	await expect.element(row).not.toHaveTextContent('Differs');
});

test('rows without figures say why', async () => {
	const screen = await render(QualitySection, { ...idle, rows });
	await expect
		.element(screen.getByRole('row', { name: /q4f16_1/ }))
		.toHaveTextContent('statistics need at least 100');
	await expect
		.element(screen.getByRole('row', { name: /q3f16_1/ }))
		.toHaveTextContent('It computes wrongly here. Try f32.');
});

test('a family without an unquantized variant is headed as a comparison of arithmetic', async () => {
	const screen = await render(QualitySection, { ...idle, scope: 'arithmetic' });
	await expect
		.element(screen.getByRole('region', { name: 'Differences of arithmetic only' }))
		.toHaveTextContent('do not show what quantization costs');
});

test('the set is compared, with a question of one’s own behind it', async () => {
	const onstart = vi.fn();
	const screen = await render(QualitySection, { ...idle, onstart });
	const compare = screen.getByRole('button', { name: 'Compare' });
	await compare.click();
	expect(onstart).toHaveBeenLastCalledWith(PROMPTS);
	await screen.getByLabelText(/Your own question/).fill(' Why? ');
	await compare.click();
	expect(onstart).toHaveBeenLastCalledWith([...PROMPTS, { kind: 'own', text: 'Why?' }]);
	await screen.getByLabelText(/Your own question/).fill('x'.repeat(2001));
	await compare.click();
	await expect.element(screen.getByRole('alert')).toHaveTextContent('at most 2000 characters');
	expect(onstart).toHaveBeenCalledTimes(2);
});

test('a run shows what it does, and is stopped with one click', async () => {
	const onstop = vi.fn();
	const status = {
		...{ kind: 'running' as const, variantId: 'q4f32_1', step: 'comparing' as const },
		...{ done: 3, total: 24 }
	};
	const screen = await render(QualitySection, { ...idle, status, onstop });
	await expect.element(screen.getByRole('status')).toHaveTextContent('Comparing pocket q4f32_1');
	await expect.element(screen.getByText('3 of 24')).toBeVisible();
	await screen.getByRole('button', { name: 'Stop' }).click();
	expect(onstop).toHaveBeenCalledOnce();
});

test('a problem of the reference is told with what to do', async () => {
	const problem = { message: 'The reference is wrong.', advice: 'Choose another.' };
	const screen = await render(QualitySection, { ...idle, problem });
	await expect
		.element(screen.getByRole('alert'))
		.toHaveTextContent('The reference is wrong. Choose another.');
});
