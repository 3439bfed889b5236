import { HeadroomPage } from './page.ts';
import { expect, test } from './story.ts';

test('a script plans, loads, chats, swaps, reads statistics and clears them by window.headroom alone, once it may', async ({
	page
}) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await page.waitForFunction(() => window.headroom !== undefined);

	const before = await page.evaluate(async () => {
		const { status, prediction, exists, reload } = window.headroom!;
		const refused = await reload({ model: 'pocket-q4f32_1' }).catch((error: unknown) =>
			JSON.stringify(error)
		);
		return {
			status: await status(),
			plan: await prediction({ model: 'pocket', inputTokens: 100, outputTokens: 50 }),
			named: await exists({ model: 'llama3.2:1b-instruct-q4' }),
			refused
		};
	});
	expect(before.status).toMatchObject({ loaded: [], permitted: false, loader: 'idle' });
	expect(before.plan).toMatchObject({ totalTokens: 150, fits: true, verdict: 'fits' });
	// Which compute type depends on the GPU's shaders.
	expect(before.named.model).toMatch(/^Llama-3\.2-1B-Instruct-q4f(16|32)_1-MLC$/);
	expect(before.refused).toContain('permission_denied');

	await page.getByRole('button', { name: 'Settings' }).click();
	const leave = page.getByRole('checkbox', { name: /^Scripts and extensions/ });
	await expect(leave).not.toBeChecked();
	await leave.check();
	await page.keyboard.press('Escape');

	const after = await page.evaluate(async () => {
		const { reload, chat, statistics, clearStatistics, on } = window.headroom!;
		const told: string[] = [];
		await on('swapped', ({ from, model }) => told.push(`${from} to ${model}`));
		await reload({ model: 'pocket-q4f32_1' });
		const question = { messages: [{ role: 'user' as const, content: 'What is memory?' }] };
		const answer = await chat({ ...question, temperature: 0 });
		let streamed = '';
		for await (const { choices } of await chat({ ...question, temperature: 0, stream: true }))
			streamed += choices[0]?.delta.content ?? '';
		await reload({ quantization: 'q0f32' });
		const counted = await statistics();
		const { cleared } = await clearStatistics();
		return { answer, streamed, told, counted, cleared, left: (await statistics()).models };
	});
	const text = after.answer.choices[0]?.message.content;
	expect(text).not.toBe('');
	expect(after.streamed).toBe(text);
	expect(after.answer.usage.completion_tokens).toBeGreaterThan(0);
	expect(after.told).toEqual(['pocket-q4f32_1 to pocket-q0f32']);
	expect(
		after.counted.models.find(({ model }) => model === 'pocket-q4f32_1')?.answers
	).toMatchObject({ complete: 2, failed: 0 });
	expect(after.cleared).toBeGreaterThan(0);
	expect(after.left).toEqual([]);
	// What the person sees is what was loaded; their conversations have nothing of it.
	await expect(headroom.quantization.locator('option:checked')).toContainText('q0f32');
	await expect(page.getByRole('article')).toHaveCount(0);
});
