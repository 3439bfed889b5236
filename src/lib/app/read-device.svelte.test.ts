import { describe, expect, it, vi } from 'vitest';
import { readDevice } from './read-device.ts';
import { budgetOf } from '#plan/device/budget.ts';
import { granted } from '#plan/device/granted.ts';

describe('readDevice in this browser', () => {
	it('describes the software adapter that tests run on', async () => {
		const reading = await readDevice();
		if (reading.kind !== 'ready') throw new Error(`${reading.sentence} ${reading.remedy}`);
		const { device } = reading;
		expect(device.software).toBe(true);
		expect(device.platform).not.toBe('unknown');
		expect(device.features.length).toBeGreaterThan(0);
		expect(granted(device.limits).kind).toBe('granted');
		expect(budgetOf(device).source).toBe('assumed');
		expect(() => structuredClone(device)).not.toThrow();
	});

	it('reports what the engine will be granted by the same request', async () => {
		const reading = await readDevice();
		const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
		if (reading.kind !== 'ready' || !adapter) throw new Error('no adapter');
		const tier = granted(reading.device.limits);
		if (tier.kind === 'refused') throw new Error(tier.sentence);
		const { maxBufferSize, maxStorageBufferBindingSize } = tier;
		const device = await adapter.requestDevice({
			requiredLimits: { maxBufferSize, maxStorageBufferBindingSize }
		});
		expect(device.limits.maxBufferSize).toBe(maxBufferSize);
		device.destroy();
	});

	it('leaves no WebGL context behind, however often it is called', async () => {
		const contexts: WebGLRenderingContext[] = [];
		const create = document.createElement.bind(document);
		const spy = vi.spyOn(document, 'createElement').mockImplementation((tag: string) => {
			const element = create(tag);
			if (element instanceof HTMLCanvasElement) {
				const get = element.getContext.bind(element);
				vi.spyOn(element, 'getContext').mockImplementation((...parameters) => {
					const context: RenderingContext | null = get(...parameters);
					if (context instanceof WebGLRenderingContext) contexts.push(context);
					return context;
				});
			}
			return element;
		});
		for (let i = 0; i < 3; i++) await readDevice();
		spy.mockRestore();
		expect(contexts.length).toBe(3);
		expect(contexts.every((context) => context.isContextLost())).toBe(true);
	});

	it('says so where the request fails', async () => {
		const spy = vi
			.spyOn(navigator.gpu, 'requestAdapter')
			.mockRejectedValue(new DOMException('The GPU process is gone', 'OperationError'));
		const reading = await readDevice();
		spy.mockRestore();
		expect(reading.kind).toBe('no-adapter');
		expect(reading.kind === 'no-adapter' && reading.sentence).toContain('The GPU process is gone');
	});

	it('says so where the browser gives no answer', async () => {
		const spy = vi
			.spyOn(navigator.gpu, 'requestAdapter')
			.mockReturnValue(new Promise<never>(() => {}));
		const reading = await readDevice(50);
		spy.mockRestore();
		expect(reading.kind === 'no-adapter' && reading.sentence).toContain('no answer for 0.05 s');
	});

	it('says so where there is no adapter', async () => {
		const spy = vi.spyOn(navigator.gpu, 'requestAdapter').mockResolvedValue(null);
		expect((await readDevice()).kind).toBe('no-adapter');
		spy.mockRestore();
	});
});
