import { expect, test } from 'vitest';
import { variantById } from '#plan/models/catalog-data.ts';
import type { Variant } from '#plan/models/catalog.ts';
import { defaultSampling } from '../sampling.ts';
import { engineRecord } from './engine-record.ts';
import { WebLlmEngine } from './client.ts';

// The page's own worker, with the built-in model on the real engine.
const signal = new AbortController().signal;
const messages = [{ role: 'user' as const, content: 'What is quantization?' }];

async function withEngine<T>(quantization: string, use: (engine: WebLlmEngine) => Promise<T>) {
	const variant = variantById.get(`pocket-${quantization}`) as Variant;
	const engine = new WebLlmEngine();
	try {
		await engine.load(
			{
				record: engineRecord(variant, 1024, new URL('/', location.href).href),
				overrides: {},
				tokenSampling: 'lean',
				mayFallBack: false
			},
			{ signal, onPhase: () => undefined }
		);
		return await use(engine);
	} finally {
		await engine.dispose();
	}
}

test('an answer that is kept by one engine is compared by another, and by itself with exactly 0', async () => {
	const kept = await withEngine('q0f32', async (engine) => {
		const kept = await engine.keepAnswer({ messages, mostTokens: 24 }, { signal });
		expect(kept.length).toBeGreaterThan(10);
		const itself = await engine.compareAnswer({ messages, kept }, { signal });
		expect(itself.map(({ divergence }) => divergence)).toEqual(kept.map(() => 0));
		// What was forced belongs to no conversation: the engine goes on answering.
		let text = '';
		await engine.generate(
			{ messages, sampling: { ...defaultSampling, temperature: 0, maxTokens: 8 } },
			{ signal, onText: (added) => (text += added) }
		);
		expect(text).not.toBe('');
		return kept;
	});
	const differences = await withEngine('q4f32_1', (engine) =>
		engine.compareAnswer({ messages, kept }, { signal })
	);
	expect(differences).toHaveLength(kept.length);
	const mean =
		differences.reduce((sum, { divergence }) => sum + divergence, 0) / differences.length;
	expect(mean).toBeGreaterThan(1e-6);
	expect(mean).toBeLessThan(0.1);
});
