import { expect, test } from 'vitest';
import { Heap } from './heap.ts';

const PAGE_BYTES = 65_536;

/** A module with one memory of a page under the name `memory`, and an exported global of that name. */
function moduleWith(name: string): Uint8Array<ArrayBuffer> {
	const text = (value: string) => [value.length, ...new TextEncoder().encode(value)];
	const section = (id: number, content: number[]) => [id, content.length, ...content];
	return Uint8Array.from([
		...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
		...section(5, [1, 0, 1]),
		// One i32 global, const 0.
		...section(6, [1, 0x7f, 0, 0x41, 0, 0x0b]),
		...section(7, [2, ...text('memory'), 2, 0, ...text(name), 3, 0])
	]);
}

function anInstalledHeap() {
	const scope = { instantiate: WebAssembly.instantiate };
	const heap = new Heap();
	heap.install(scope);
	return { heap, scope };
}

test('the memory of the runtime is read as it grows', async () => {
	const { heap, scope } = anInstalledHeap();
	expect(heap.bytes).toBeNull();
	const { instance } = await scope.instantiate(moduleWith('TVMWasmAllocSpace'), {});
	expect(heap.bytes).toBe(PAGE_BYTES);
	(instance.exports.memory as WebAssembly.Memory).grow(2);
	expect(heap.bytes).toBe(3 * PAGE_BYTES);
});

test('other modules are not counted, and every instance is passed on', async () => {
	const { heap, scope } = anInstalledHeap();
	const { instance, module } = await scope.instantiate(moduleWith('other'), {});
	expect(instance.exports).toHaveProperty('other');
	expect(heap.bytes).toBeNull();
	const again = await scope.instantiate(module, {});
	expect(again).toBeInstanceOf(WebAssembly.Instance);
	await expect(scope.instantiate(new Uint8Array([1, 2, 3]))).rejects.toThrow(
		WebAssembly.CompileError
	);
});
