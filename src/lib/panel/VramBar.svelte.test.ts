import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { estimate } from '#plan/memory/estimate.ts';
import { newerQwen, newerQwenMetadata } from '#plan/memory/newer-libraries.fixture.ts';
import { budget, GiB } from '#plan/memory/samples.fixture.ts';
import { qwenVariant } from '#plan/memory/worked-example.fixture.ts';
import VramBar from './VramBar.svelte';

const { memory_usage } = newerQwenMetadata('q4f16_1');
const facts = newerQwen('q4f16_1', { memory_usage: { ...memory_usage, argsort_probs: 0 } });

const show = (sampling: 'engine' | 'lean') =>
	render(VramBar, {
		estimate: estimate(qwenVariant('q4f16_1'), 4096, facts, [], { sampling }),
		budget: budget(GiB),
		thresholdRatio: 0.9,
		verdict: 'fits',
		liveBytes: 0
	});

const widthOf = (segment: Element | null) => Number(segment?.getAttribute('width'));

test('sampling is a segment of its own, as wide as its bytes, with its own pattern', async () => {
	const screen = await show('engine');
	const segments = [...screen.container.querySelectorAll('.segment')];
	const sampling = segments.at(-1) ?? null;
	expect(sampling?.classList.contains('sampling')).toBe(true);
	const total = segments.reduce((sum, segment) => sum + widthOf(segment), 0);
	expect(widthOf(sampling) / total).toBeCloseTo(466_747_392 / 843_464_320, 2);
	const pattern = screen.container.querySelector('rect[fill$="-dots)"]');
	expect(widthOf(pattern)).toBe(widthOf(sampling));
	await expect
		.element(screen.getByRole('img'))
		.toHaveAccessibleName(/804 MiB of 1\.00 GiB: .+, Sampling 445 MiB\./);
});

test('sampling is explained on focus, and told from the other parts by its highlight', async () => {
	const screen = await show('engine');
	const button = screen.getByRole('button', { name: /Sampling/ });
	const words = 'buffers for a batch of 128 that the library was compiled for';
	await expect.element(button).toHaveAccessibleDescription(new RegExp(words));
	(button.element() as HTMLElement).focus();
	await expect
		.element(screen.container.querySelector('.explanation') as HTMLElement)
		.toHaveTextContent(words);
	expect(screen.container.querySelector('.segment.explained')?.classList).toContain('sampling');
});

test('there is no such segment where the page chooses the tokens', async () => {
	const screen = await show('lean');
	expect(screen.container.querySelector('.sampling')).toBeNull();
	expect(screen.getByRole('button', { name: /Sampling/ }).elements()).toEqual([]);
});
