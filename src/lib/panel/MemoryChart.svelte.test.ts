import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import MemoryChart from './MemoryChart.svelte';
import type { Sample } from '../app/memory-series.ts';

const MiB = 2 ** 20;
const samples: Sample[] = [
	{ atMs: 100, bytes: 0, phase: 'idle' },
	{ atMs: 1000, bytes: 0, phase: 'load' },
	{ atMs: 2000, bytes: 400 * MiB, phase: 'load' },
	{ atMs: 3000, bytes: 400 * MiB, phase: 'idle' },
	{ atMs: 9000, bytes: 400 * MiB, phase: 'prefill' },
	{ atMs: 9500, bytes: 431 * MiB, phase: 'decode' }
];

test('the curve is told in words: what is held now, the most, and each phase with its time and peak', async () => {
	const screen = await render(MemoryChart, { samples, budgetBytes: 2 ** 30 });
	await expect
		.element(screen.getByRole('img'))
		.toHaveAccessibleName('GPU memory over the last 9 s: now 431 MiB, at most 431 MiB.');
	const phases = screen.getByRole('listitem').elements();
	expect(phases.map(({ textContent }) => textContent.replace(/\s+/g, ' ').trim())).toEqual([
		'decode 0.5 s 431 MiB',
		'prefill 0.5 s 400 MiB',
		'load 2.0 s 400 MiB'
	]);
});

test('the budget is drawn only where it lies within the chart', async () => {
	const far = await render(MemoryChart, { samples, budgetBytes: 8 * 2 ** 30 });
	expect(far.container.querySelector('.budget')).toBeNull();
	const near = await render(MemoryChart, { samples, budgetBytes: 450 * MiB });
	expect(near.container.querySelector('.budget')).not.toBeNull();
});

test('before the first load there is a sentence and no empty chart', async () => {
	const screen = await render(MemoryChart, { samples: samples.slice(0, 1), budgetBytes: null });
	await expect.element(screen.getByText('Nothing has been loaded yet.')).toBeVisible();
	expect(screen.container.querySelector('svg')).toBeNull();
});
