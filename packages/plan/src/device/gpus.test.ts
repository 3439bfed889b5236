import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gpuKey, hasOwnMemory, productName, vendorOf } from './gpu-name.ts';
import { gpus, lookUpGpu } from './gpus.ts';
import { reportedRenderers } from './renderers.fixture.ts';

/** Renderer strings as browsers report them; the GPU's smallest memory in GiB, or null where it is unknown. */
const renderers: readonly [renderer: string, name: string | null, gib: number | null][] = [
	// NVIDIA, Windows
	[
		'ANGLE (NVIDIA, NVIDIA GeForce RTX 4060 (0x00002882) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA GeForce RTX 4060',
		8
	],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce RTX 4060 Laptop GPU (0x000028E0) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA GeForce RTX 4060 Laptop GPU',
		8
	],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce RTX 4060 Ti (0x00002803) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA GeForce RTX 4060 Ti',
		8
	],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce RTX 5060 Ti (0x00002D04) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA GeForce RTX 5060 Ti',
		8
	],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce RTX 4070 SUPER (0x00002783) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA GeForce RTX 4070 SUPER',
		12
	],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce RTX 4070 Ti (0x00002782) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA GeForce RTX 4070 Ti',
		12
	],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce RTX 4070 Ti SUPER (0x00002705) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA GeForce RTX 4070 Ti SUPER',
		16
	],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce RTX 4070 Laptop GPU (0x00002860) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA GeForce RTX 4070 Laptop GPU',
		8
	],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce RTX 4090 D (0x00002685) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA GeForce RTX 4090 D',
		24
	],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce RTX 4090 Laptop GPU (0x00002757) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA GeForce RTX 4090 Laptop GPU',
		16
	],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce RTX 3080 Direct3D11 vs_5_0 ps_5_0, D3D11-30.0.14.7141)',
		'NVIDIA GeForce RTX 3080',
		10
	],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce RTX 3080 Laptop GPU (0x0000249C) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA GeForce RTX 3080 Laptop GPU',
		8
	],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce RTX 3080 Ti Laptop GPU (0x00002420) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA GeForce RTX 3080 Ti Laptop GPU',
		16
	],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce RTX 3070 Laptop GPU (0x0000249D) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA GeForce RTX 3070 Laptop GPU',
		8
	],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Laptop GPU (0x00002520) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA GeForce RTX 3060 Laptop GPU',
		6
	],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce RTX 2070 SUPER with Max-Q Design Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA GeForce RTX 2070 SUPER with Max-Q Design',
		8
	],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce RTX 2070 with Max-Q Design Direct3D11 vs_5_0 ps_5_0, D3D11-30.0.14.7141)',
		'NVIDIA GeForce RTX 2070 with Max-Q Design',
		8
	],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce GTX 1660 SUPER Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA GeForce GTX 1660 SUPER',
		6
	],
	[
		'ANGLE (NVIDIA GeForce GTX 1060 6GB Direct3D11 vs_5_0 ps_5_0)',
		'NVIDIA GeForce GTX 1060 6GB',
		6
	],
	[
		'ANGLE (NVIDIA GeForce GTX 1060 3GB Direct3D11 vs_5_0 ps_5_0)',
		'NVIDIA GeForce GTX 1060 3GB',
		3
	],
	['ANGLE (NVIDIA GeForce GTX 1060 Direct3D11 vs_5_0 ps_5_0)', 'NVIDIA GeForce GTX 1060', 3],
	[
		'ANGLE (NVIDIA, NVIDIA GeForce GTX 750 Ti Direct3D9Ex vs_3_0 ps_3_0, nvd3dumx.dll)',
		'NVIDIA GeForce GTX 750 Ti',
		2
	],
	[
		'ANGLE (NVIDIA, NVIDIA RTX A2000 Laptop GPU (0x000025B8) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA RTX A2000 Laptop GPU',
		4
	],
	[
		'ANGLE (NVIDIA, NVIDIA RTX 3500 Ada Generation Laptop GPU (0x000027BB) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA RTX 3500 Ada Generation Laptop GPU',
		12
	],
	[
		'ANGLE (NVIDIA, NVIDIA RTX 2000 Ada Generation Laptop GPU (0x000028B8) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA RTX 2000 Ada Generation Laptop GPU',
		8
	],
	[
		'ANGLE (NVIDIA, NVIDIA RTX PRO 6000 Blackwell Workstation Edition (0x00002BB1) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'NVIDIA RTX PRO 6000 Blackwell Workstation Edition',
		96
	],
	[
		'ANGLE (NVIDIA, Quadro RTX 5000 (0x00001EB0) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'Quadro RTX 5000',
		16
	],
	['ANGLE (NVIDIA, NVIDIA TITAN RTX Direct3D11 vs_5_0 ps_5_0, D3D11)', 'NVIDIA TITAN RTX', 24],
	// NVIDIA, Linux
	['NVIDIA GeForce RTX 3080/PCIe/SSE2', 'NVIDIA GeForce RTX 3080', 10],
	[
		'ANGLE (NVIDIA Corporation, NVIDIA GeForce RTX 3090/PCIe/SSE2, OpenGL 4.5.0)',
		'NVIDIA GeForce RTX 3090',
		24
	],
	[
		'ANGLE (NVIDIA Corporation, NVIDIA GeForce RTX 4060 Laptop GPU/PCIe/SSE2, OpenGL ES 3.2)',
		'NVIDIA GeForce RTX 4060 Laptop GPU',
		8
	],
	['NVIDIA GeForce RTX 3050 6GB Laptop GPU/PCIe/SSE2', 'NVIDIA GeForce RTX 3050 6GB Laptop GPU', 6],
	['NVIDIA GeForce RTX 3050 Ti Laptop GPU/PCIe/SSE2', 'NVIDIA GeForce RTX 3050 Ti Laptop GPU', 4],
	['NVIDIA GeForce RTX 5070 Ti Laptop GPU/PCIe/SSE2', 'NVIDIA GeForce RTX 5070 Ti Laptop GPU', 12],
	[
		'ANGLE (NVIDIA, Vulkan 1.3.277 (NVIDIA NVIDIA GeForce RTX 4090 (0x00002684)), NVIDIA)',
		'NVIDIA GeForce RTX 4090',
		24
	],
	[
		'ANGLE (NVIDIA, Vulkan 1.4.312 (NVIDIA GeForce RTX 5090), NVIDIA)',
		'NVIDIA GeForce RTX 5090',
		32
	],
	[
		'ANGLE (NVIDIA, Vulkan 1.1.119 (NVIDIA Quadro P1000 (0x00001CB1)), NVIDIA-440.400.0)',
		'NVIDIA Quadro P1000',
		4
	],
	[
		'ANGLE (Mesa, zink Vulkan 1.3(NVIDIA GeForce RTX 3060 (NVK GA106) (MESA_NVK)), OpenGL 4.6 (Core Profile) Mesa 24.1.0)',
		'NVIDIA GeForce RTX 3060',
		8
	],
	['ANGLE (Mesa, NV167, OpenGL 4.3 (Core Profile) Mesa 23.2.1)', 'NV167', null],
	['NVIDIA A100-SXM4-40GB/PCIe/SSE2', 'NVIDIA A100-SXM4-40GB', 40],
	['Tesla T4/PCIe/SSE2', 'Tesla T4', 16],
	['NVIDIA Tegra Orin (nvgpu)/integrated', 'NVIDIA Tegra Orin', null],
	// AMD
	[
		'ANGLE (AMD, AMD Radeon RX 6700 XT (0x000073DF) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'AMD Radeon RX 6700 XT',
		12
	],
	[
		'ANGLE (AMD, AMD Radeon RX 6800 XT Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'AMD Radeon RX 6800 XT',
		16
	],
	['ANGLE (AMD, AMD Radeon RX 6800 Direct3D11 vs_5_0 ps_5_0, D3D11)', 'AMD Radeon RX 6800', 16],
	[
		'ANGLE (AMD, AMD Radeon RX 6600M (0x000073FF) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'AMD Radeon RX 6600M',
		8
	],
	['ANGLE (AMD, Radeon RX 580 Series Direct3D11 vs_5_0 ps_5_0, D3D11)', 'Radeon RX 580 Series', 4],
	[
		'ANGLE (AMD, AMD Radeon(TM) Graphics (0x00001638) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'AMD Radeon Graphics',
		null
	],
	[
		'ANGLE (AMD, AMD Radeon(TM) 8060S Graphics (0x00001586) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'AMD Radeon 8060S Graphics',
		null
	],
	[
		'ANGLE (AMD, AMD Radeon 780M Graphics (0x000015BF) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'AMD Radeon 780M Graphics',
		null
	],
	[
		'AMD Radeon RX 7800 XT (radeonsi, navi32, LLVM 20.1.8, DRM 3.64, 6.16.4-114.bazzite.fc42.x86_64)',
		'AMD Radeon RX 7800 XT',
		16
	],
	[
		'ANGLE (AMD, AMD Radeon RX 5500 XT (radeonsi navi14 LLVM 15.0.7), OpenGL 4.6 (Core Profile) Mesa 23.2.1)',
		'AMD Radeon RX 5500 XT',
		4
	],
	[
		'AMD Radeon RX 6600/6600 XT/6600M (navi23, LLVM 14.0.6, DRM 3.49, 6.1.0-13-amd64)',
		'AMD Radeon RX 6600/6600 XT/6600M',
		8
	],
	[
		'ANGLE (AMD, Vulkan 1.4.305 (AMD Radeon RX 6650 XT (RADV NAVI23)), radv)',
		'AMD Radeon RX 6650 XT',
		8
	],
	[
		'ANGLE (AMD, Vulkan 1.4.354 (AMD Radeon RX 9070 XT (RADV GFX1201) (0x00007550)), radv)',
		'AMD Radeon RX 9070 XT',
		16
	],
	[
		'ANGLE (AMD, ANGLE Metal Renderer: AMD Radeon Pro 5300M, Unspecified Version)',
		'AMD Radeon Pro 5300M',
		4
	],
	[
		'ANGLE (ATI Technologies Inc., AMD Radeon Pro 560X OpenGL Engine, OpenGL 4.1)',
		'AMD Radeon Pro 560X',
		4
	],
	// Intel
	[
		'ANGLE (Intel, Intel(R) Arc(TM) A770 Graphics (0x000056A0) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'Intel Arc A770 Graphics',
		8
	],
	['Mesa Intel(R) Arc(tm) A380 Graphics (DG2)', 'Intel Arc A380 Graphics', 6],
	[
		'ANGLE (Intel, Intel(R) Arc(TM) Pro B50 Graphics (0x0000E212) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'Intel Arc Pro B50 Graphics',
		16
	],
	[
		'ANGLE (Intel, Intel(R) Arc(TM) A770M Graphics (0x00005690) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'Intel Arc A770M Graphics',
		16
	],
	[
		'ANGLE (Intel, Intel(R) Arc(TM) Graphics (0x00007D55) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'Intel Arc Graphics',
		null
	],
	[
		'ANGLE (Intel, Intel(R) Arc(TM) 140V GPU (16GB) (0x000064A0) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'Intel Arc 140V GPU',
		null
	],
	[
		'ANGLE (Intel, Intel(R) Iris(R) Xe Graphics (0x0000A7A1) Direct3D11 vs_5_0 ps_5_0, D3D11-32.0.101.7077)',
		'Intel Iris Xe Graphics',
		null
	],
	[
		'ANGLE (Intel, Mesa Intel(R) UHD Graphics 620 (KBL GT2), OpenGL 4.6 (Core Profile) Mesa 22.0.1)',
		'Intel UHD Graphics 620',
		null
	],
	[
		'ANGLE (Intel Inc., Intel(R) Iris(TM) Plus Graphics OpenGL Engine, OpenGL 4.1)',
		'Intel Iris Plus Graphics',
		null
	],
	// Apple
	['ANGLE (Apple, ANGLE Metal Renderer: Apple M1, Unspecified Version)', 'Apple M1', 8],
	['ANGLE (Apple, ANGLE Metal Renderer: Apple M3 Pro, Unspecified Version)', 'Apple M3 Pro', 18],
	['ANGLE (Apple, Apple M2, OpenGL 4.1)', 'Apple M2', 8],
	['Apple M4 Max', 'Apple M4 Max', 36],
	['Apple GPU', null, null],
	['Apple A16 GPU', 'Apple A16 GPU', null],
	// Qualcomm, ARM, Samsung, Imagination
	['ANGLE (Qualcomm, Adreno (TM) 740, OpenGL ES 3.2 V@0676.0)', 'Adreno 740', null],
	[
		'ANGLE (Qualcomm, Vulkan 1.1.128 (Adreno (TM) 540 (0x05040001)), Qualcomm Technologies Inc. Adreno Vulkan Driver-512.555.0)',
		'Adreno 540',
		null
	],
	[
		'ANGLE (Qualcomm, Qualcomm(R) Adreno(TM) X1-85 GPU (0x36334330) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		'Qualcomm Adreno X1-85 GPU',
		null
	],
	['Adreno (TM) 650', 'Adreno 650', null],
	['ANGLE (ARM, Mali-G78, OpenGL ES 3.2)', 'Mali-G78', null],
	['ANGLE (ARM, Immortalis-G715, OpenGL ES 3.2)', 'Immortalis-G715', null],
	[
		'ANGLE (Samsung Electronics Co., Ltd., Samsung Xclipse 940, OpenGL ES 3.2)',
		'Samsung Xclipse 940',
		null
	],
	['ANGLE (Samsung Xclipse 920) on Vulkan 1.1.179', 'Samsung Xclipse 920', null],
	['PowerVR Rogue GE8320', 'PowerVR Rogue GE8320', null],
	// Software, masked, or a group
	[
		'ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)',
		null,
		null
	],
	['ANGLE (Mesa, llvmpipe (LLVM 20.1.2 256 bits), OpenGL 4.5)', null, null],
	[
		'ANGLE (Microsoft, Microsoft Basic Render Driver (0x0000008C) Direct3D11 vs_5_0 ps_5_0, D3D11)',
		null,
		null
	],
	['ANGLE (NVIDIA, NVIDIA GeForce GTX 980 Direct3D11 vs_5_0 ps_5_0), or similar', null, null],
	['Radeon HD 3200 Graphics, or similar', null, null],
	['WebKit WebGL', null, null],
	['', null, null]
];

describe('renderer strings', () => {
	it.each(renderers)('%s', (renderer, name, gib) => {
		expect(productName(renderer)).toBe(name);
		const sizes = lookUpGpu(renderer)?.sizesBytes ?? [null];
		expect(sizes[0]).toBe(gib === null ? null : gib * 2 ** 30);
	});

	it.each(reportedRenderers)('$renderer stands for $gpu with $memory', (reported) => {
		const { renderer, gpu, memory } = reported;
		const found = lookUpGpu(renderer);
		expect(found?.name ?? null).toBe(gpu);
		if (typeof memory === 'number') expect(found?.sizesBytes[0]).toBe(memory * 2 ** 30);
		const name = productName(renderer);
		if (memory === 'unnamed') expect(name).toBeNull();
		else if (memory === 'shared') expect(hasOwnMemory(name ?? '')).toBe(false);
		else if (found) expect(hasOwnMemory(name ?? '')).toBe(!found.shared);
		else expect(name).not.toBeNull();
	});

	it('are at least 120 from reports, each with its source', () => {
		expect(new Set(reportedRenderers.map(({ renderer }) => renderer)).size).toBeGreaterThan(120);
		for (const { source } of reportedRenderers) expect(source).not.toBe('');
	});

	it('are looked up alike by the name they contain', () => {
		const all = [
			...renderers.map(([renderer]) => renderer),
			...reportedRenderers.map((r) => r.renderer)
		];
		for (const renderer of all)
			expect(lookUpGpu(productName(renderer))).toEqual(lookUpGpu(renderer));
	});

	it('of any form give a name or null, and never throw', () => {
		const piece = fc.constantFrom(
			'ANGLE (',
			')',
			', ',
			'Vulkan 1.3 (',
			'RTX 4060',
			'/',
			'(R)',
			' '
		);
		const text = fc.oneof(
			fc.string(),
			fc.array(fc.oneof(piece, fc.string())).map((p) => p.join(''))
		);
		fc.assert(
			fc.property(text, (renderer) => {
				expect(productName(renderer)).not.toBe('');
				lookUpGpu(renderer);
			})
		);
	});
});

describe('lookUpGpu', () => {
	it('never takes a product for another with one word more', () => {
		const more = fc.constantFrom(
			'Ti',
			'SUPER',
			'XT',
			'XTX',
			'Laptop GPU',
			'M',
			'D',
			'GRE',
			'Max-Q'
		);
		fc.assert(
			fc.property(fc.constantFrom(...gpus), more, (gpu, word) => {
				const found = lookUpGpu(`${gpu.name} ${word}`);
				expect(found?.name).not.toBe(gpu.name);
			})
		);
	});

	it('finds every GPU of the table by its own name, and no key stands for two', () => {
		for (const gpu of gpus) expect(lookUpGpu(gpu.name)?.name).toBe(gpu.name);
		expect(new Set(gpus.map(({ name }) => gpuKey(name))).size).toBe(gpus.length);
	});

	it('keeps laptop and desktop GPUs of one number apart', () => {
		for (const number of ['3080', '4070', '4080', '4090', '5090']) {
			const desktop = lookUpGpu(`NVIDIA GeForce RTX ${number}`)?.sizesBytes[0] ?? 0;
			const laptop = lookUpGpu(`NVIDIA GeForce RTX ${number} Laptop GPU`)?.sizesBytes[0] ?? 0;
			expect(laptop).toBeGreaterThan(0);
			expect(desktop).toBeGreaterThan(laptop);
		}
	});

	it('takes the smallest of the products that share a name', () => {
		const sizes = (name: string) => lookUpGpu(name)?.sizesBytes.map((size) => size / 2 ** 30);
		expect(sizes('AMD Radeon RX 470/480')).toEqual([4, 8]);
		expect(sizes('AMD Radeon RX 6400/6500 XT/6500M')).toEqual([4]);
		expect(sizes('Radeon RX RX550/550 Series')).toEqual([2]);
		expect(sizes('AMD Radeon RX 6600/6601')).toBeUndefined();
	});

	it('lists sizes from small to large', () => {
		expect(gpus.length).toBeGreaterThan(450);
		for (const { sizesBytes } of gpus)
			expect(sizesBytes).toEqual([...sizesBytes].sort((a, b) => a - b));
	});
});

describe('hasOwnMemory', () => {
	it.each([
		['NVIDIA GeForce RTX 4060 Laptop GPU', true],
		['NVIDIA GeForce GTX 960', true],
		['NVIDIA Tegra Orin', false],
		['AMD Radeon RX 6600M', true],
		['AMD Radeon R7 200 Series', true],
		['AMD Radeon R7 Graphics', false],
		['Radeon RX Vega M GH Graphics', true],
		['AMD Radeon Pro Vega 20', true],
		['Radeon 540X', true],
		['AMD RENOIR', false],
		['AMD Custom GPU 0405', false],
		['AMD Radeon 8060S Graphics', false],
		['Intel Iris Xe MAX Graphics', true],
		['AMD Radeon Pro 5300M', true],
		['AMD Radeon Graphics', false],
		['AMD Radeon 780M Graphics', false],
		['AMD Radeon RX Vega 10 Graphics', false],
		['AMD Ryzen 7 5800H with Radeon Graphics', false],
		['Radeon RX Vega', true],
		['Intel Arc A770 Graphics', true],
		['Intel Arc Pro B50 Graphics', true],
		['Intel Arc 140V GPU', false],
		['Intel Arc Graphics', false],
		['Intel UHD Graphics 620', false],
		['Apple M2', false],
		['Qualcomm Adreno X1-85 GPU', false],
		['Mali-G78', false],
		['Samsung Xclipse 940', null]
	])('of %s is %s', (name, own) => {
		expect(hasOwnMemory(name)).toBe(own);
	});
});

describe('vendorOf', () => {
	it.each([
		['Quadro RTX 5000', 'nvidia'],
		['Radeon RX 580 Series', 'amd'],
		['Intel Iris Xe Graphics', 'intel'],
		['Apple M1', 'apple'],
		['Adreno 740', 'qualcomm'],
		['Mali-G78', 'arm'],
		['NV167', null]
	])('of %s is %s', (name, vendor) => {
		expect(vendorOf(name)).toBe(vendor);
	});
});
