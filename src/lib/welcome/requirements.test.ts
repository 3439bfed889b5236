import { expect, test } from 'vitest';
import { aDevice, anAdapter, aReading } from '#plan/device/a-device.fixture.ts';
import { describe as read, type RawReading } from '#plan/device/adapter.ts';
import { budgetOf } from '#plan/device/budget.ts';
import { requirements } from './requirements.ts';

function found(raw: Partial<RawReading> = {}) {
	const reading = read(aReading(raw));
	const budget = reading.kind === 'ready' ? budgetOf(reading.device) : null;
	const [browser, gpu, memory] = requirements(reading, budget);
	return { browser, gpu, memory };
}

test('browser, GPU and memory are named with what is needed, whatever is found', () => {
	for (const raw of [{}, { webgpu: false }, { adapter: null }]) {
		const { browser, gpu, memory } = found(raw);
		expect(browser?.needs).toMatch(/Chrome.*Safari 26.*Firefox 147/);
		expect(gpu?.needs).toMatch(/GPU/);
		expect(memory?.needs).toMatch(/GiB/);
	}
});

test('a GPU that the table knows meets all three', () => {
	const { browser, gpu, memory } = found();
	expect([browser?.state, gpu?.state, memory?.state]).toEqual(['met', 'met', 'met']);
	expect(gpu?.found).toBe('Found: NVIDIA GeForce RTX 4060.');
	expect(memory?.found).toMatch(/^7\.50 GiB can be used\./);
});

test('without WebGPU the browser is what is missing, and the rest is not known', () => {
	const { browser, gpu, memory } = found({ webgpu: false });
	expect([browser?.state, gpu?.state, memory?.state]).toEqual(['missing', 'unknown', 'unknown']);
	expect(browser?.found).toMatch(/WebGPU/);
});

test('without an adapter the browser is fine and the GPU is missing', () => {
	const { browser, gpu, memory } = found({ adapter: null });
	expect([browser?.state, gpu?.state, memory?.state]).toEqual(['met', 'missing', 'unknown']);
});

test('a GPU below the engine’s limits is missing, with the limit', () => {
	const { limits } = anAdapter();
	const { gpu } = found({ adapter: anAdapter({ limits: { ...limits, maxBufferSize: 2 ** 20 } }) });
	expect(gpu?.state).toBe('missing');
	expect(gpu?.found).toMatch(/256 MiB/);
});

test('software rendering and missing 16-bit arithmetic limit what runs', () => {
	const software = found({ adapter: anAdapter({ isFallbackAdapter: true }) });
	expect(software.gpu?.state).toBe('limited');
	expect(software.gpu?.found).toMatch(/graphics acceleration/);
	const f32 = found({ adapter: anAdapter({ features: [] }) });
	expect(f32.gpu?.state).toBe('limited');
	expect(f32.gpu?.found).toMatch(/f32/);
});

test('assumed memory is not known, and little memory is a limit', () => {
	expect(found({ renderer: null }).memory?.state).toBe('unknown');
	const reading = { kind: 'ready', device: aDevice({ heapBytes: 2 ** 30 }) } as const;
	const [, , memory] = requirements(reading, budgetOf(reading.device));
	expect(memory?.state).toBe('limited');
});
