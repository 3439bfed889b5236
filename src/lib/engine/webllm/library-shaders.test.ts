import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shadersIn } from './library-shaders.ts';

/** WGSL as TVM writes it. */
const wgsl = (name: string, bindings: readonly string[], body = '  return;') =>
	`//----------------------------------------\n// Function: ${name}\n` +
	'//----------------------------------------\nenable f16;\n\n' +
	bindings.map((kind, i) => `@group(0) @binding(${i}) var<${kind}> v${i} : A;\n`).join('') +
	`\n@compute @workgroup_size(64, 1, 1)\nfn ${name}(\n  @builtin(workgroup_id) blockIdx : vec3<u32>\n) {\n${body}\n}\n\n`;

/** As a stream of TVM has a text: its length, then its bytes. */
function written(text: string): number[] {
	const bytes = [...new TextEncoder().encode(text)];
	const length = new Uint8Array(8);
	new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
	return [...length, ...bytes];
}
const file = (...parts: (number[] | string)[]) =>
	new Uint8Array([
		0,
		...parts.flatMap((part) => (typeof part === 'string' ? written(part) : part))
	]);

const KINDS = ['storage, read', 'storage, read_write', 'uniform'];
const MATMUL = wgsl('matmul_kernel', KINDS);

describe('shaders in a library', () => {
	test('are found with their entry point and what is bound, as the engine lays it out', () => {
		expect(shadersIn(file('matmul_kernel', MATMUL))).toEqual([
			{
				code: MATMUL,
				entryPoint: 'matmul_kernel',
				layouts: [
					[
						{ binding: 0, visibility: 4, type: 'read-only-storage' },
						{ binding: 1, visibility: 4, type: 'storage' },
						{ binding: 2, visibility: 4, type: 'uniform' }
					]
				]
			}
		]);
	});

	test('are all found, wherever they lie and whatever lies between them', () => {
		fc.assert(
			fc.property(
				fc.array(fc.array(fc.nat(255), { maxLength: 40 }), { minLength: 1, maxLength: 6 }),
				(between) => {
					const texts = between.map((_, i) => wgsl(`kernel_${i}`, KINDS, `  let a = ${i}u;`));
					const library = file(...between.flatMap((bytes, i) => [bytes, texts[i] ?? '']), [7]);
					expect(shadersIn(library).map(({ code }) => code)).toEqual(texts);
				}
			)
		);
	});

	test('are sorted by binding, and left out where one is missing or of another group', () => {
		const swapped =
			'@group(0) @binding(1) var<uniform> b : B;\n@group(0) @binding(0) var<storage, read> a : A;\n' +
			'@compute @workgroup_size(1)\nfn swapped() {}\n';
		expect(shadersIn(file(swapped))[0]?.layouts[0]?.map(({ type }) => type)).toEqual([
			'read-only-storage',
			'uniform'
		]);
		expect(shadersIn(file(swapped.replace('binding(0)', 'binding(2)')))).toEqual([]);
		expect(shadersIn(file(swapped.replace('group(0)', 'group(1)')))).toEqual([]);
		expect(shadersIn(file('@compute @workgroup_size(1)\nfn nothing() {}\n'))).toEqual([]);
	});

	test('are found where a text begins right behind the first eight bytes', () => {
		expect(shadersIn(Uint8Array.from(written(MATMUL))).map(({ code }) => code)).toEqual([MATMUL]);
	});

	test('are 2,000 at most', () => {
		const kernels = Array.from({ length: 2001 }, (_, i) => wgsl(`kernel_${i}`, ['uniform']));
		const found = shadersIn(file(...kernels));
		expect(found).toHaveLength(2000);
		expect(found.at(-1)?.entryPoint).toBe('kernel_1999');
	});

	test('of one name count once: the engine has one function of it', () => {
		expect(shadersIn(file(MATMUL, MATMUL))).toHaveLength(1);
	});

	test.each([
		['without its length', new Uint8Array([0, 0, ...new TextEncoder().encode(MATMUL)])],
		['cut off', file(MATMUL).subarray(0, 200)],
		[
			'with a length beyond the file',
			file([255, 255, 0, 0, 0, 0, 0, 0, ...new TextEncoder().encode(MATMUL)])
		],
		[
			'with a length that ends before it',
			file([9, 0, 0, 0, 0, 0, 0, 0, ...new TextEncoder().encode(MATMUL)])
		],
		['with a zero byte in it', file(wgsl('matmul_kernel', KINDS, '\0'))],
		['without an entry point', file('@compute but nothing more')],
		['at the very beginning', new TextEncoder().encode(MATMUL)]
	])('are left out where a text is %s', (_, library) => {
		expect(shadersIn(library)).toEqual([]);
	});

	test('are looked for in any bytes without failing', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(300), (bytes, at) => {
				bytes.set(
					new TextEncoder().encode('@compute').subarray(0, Math.max(0, bytes.length - at)),
					Math.min(at, bytes.length)
				);
				expect(Array.isArray(shadersIn(bytes))).toBe(true);
			})
		);
	});
});
