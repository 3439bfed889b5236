/** A renderer string that a browser reported, and what it stands for. */
export interface ReportedRenderer {
	renderer: string;
	/** The GPU of the table; null where it is in none. */
	gpu: string | null;
	/**
	 * GiB, the smallest the GPU is sold with (`null`: not known). `shared`: it uses the system's memory.
	 * `unnamed`: the string names no product.
	 */
	memory: number | 'shared' | 'unnamed' | null;
	/** Where it was reported; explained below. */
	source: string;
}

/**
 * - detect-gpu: github.com/pmndrs/detect-gpu, what visitors of a site reported to its analytics (data/analytics.csv
 *   at 031ba4fe, data/analytics.json at de61af38, test/data.ts at 42ed859a) and its tests (test/index.test.ts at 00347863)
 * - ixBrowser: the WebGL metadata that ixbrowser.com publishes (github.com/lozzsi/000-ixbrowser_api_docs,
 *   "54 WebGL Metadata Appendix.md" at f239d0cd)
 * - issues and pull requests of pmndrs/detect-gpu, mlc-ai/web-llm, Kitware/trame-vtklocal,
 *   saiarcot895/chromium-ubuntu-build, felixrieseberg/clippy, ubuntu/WSL, mozilla-mobile/fenix, termux/termux-packages
 */
const lines = `
ANGLE (NVIDIA GeForce GTX 1060 6GB Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 1060 | 6 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GTX 1060 3GB Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 1060 | 3 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GTX 1060 Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 1060 | 3 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GTX 1070 Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 1070 | 8 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GTX 1070 Ti Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 1070 Ti | 8 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GTX 1080 Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 1080 | 8 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GTX 1080 Ti Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 1080 Ti | 11 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GTX 1050 Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 1050 | 2 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GTX 1050 Ti Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 1050 Ti | 2 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GTX 950 Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 950 | 2 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GTX 960 Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 960 | 2 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GTX 970 Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 970 | 4 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GTX 980 Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 980 | 4 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GTX 980 Ti Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 980 Ti | 6 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GTX 750 Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 750 | 1 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GTX 750 Ti Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 750 Ti | 2 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GTX 745 Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 745 | 4 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GT 730 Direct3D11 vs_5_0 ps_5_0) | NVIDIA GT 730 | 1 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GT 710 Direct3D11 vs_5_0 ps_5_0) | NVIDIA GT 710 | 1 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GT 740 Direct3D11 vs_5_0 ps_5_0) | NVIDIA GT 740 | 1 | detect-gpu data/analytics.csv
ANGLE (NVIDIA Quadro K420 Direct3D11 vs_5_0 ps_5_0) | NVIDIA Quadro K420 | 1 | detect-gpu data/analytics.csv
ANGLE (NVIDIA GeForce GT 1030 Direct3D11 vs_5_0 ps_5_0) | NVIDIA GT 1030 | 2 | detect-gpu test/data.ts
ANGLE (NVIDIA GeForce GTX 965M Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 965M | 2 | detect-gpu test/data.ts
ANGLE (NVIDIA GeForce GTX 970M Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 970M | 3 | detect-gpu test/data.ts
ANGLE (NVIDIA GeForce GTX 980M Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 980M | 4 | detect-gpu test/data.ts
ANGLE (NVIDIA GeForce RTX 2070 Direct3D11 vs_5_0 ps_5_0) | NVIDIA RTX 2070 | 8 | detect-gpu test/data.ts
ANGLE (NVIDIA GeForce RTX 2080 Direct3D11 vs_5_0 ps_5_0) | NVIDIA RTX 2080 | 8 | detect-gpu test/data.ts
ANGLE (NVIDIA Quadro K620 Direct3D11 vs_5_0 ps_5_0) | NVIDIA Quadro K620 | 2 | detect-gpu test/data.ts
ANGLE (NVIDIA Quadro K1200 Direct3D11 vs_5_0 ps_5_0) | NVIDIA Quadro K1200 | 4 | detect-gpu test/data.ts
ANGLE (NVIDIA Quadro K2200 Direct3D11 vs_5_0 ps_5_0) | NVIDIA Quadro K2200 | 4 | detect-gpu test/data.ts
ANGLE (NVIDIA Quadro M2000 Direct3D11 vs_5_0 ps_5_0) | NVIDIA Quadro M2000 | 4 | detect-gpu test/data.ts
ANGLE (NVIDIA Quadro M4000 Direct3D11 vs_5_0 ps_5_0) | NVIDIA Quadro M4000 | 8 | detect-gpu test/data.ts
ANGLE (NVIDIA Quadro P600 Direct3D11 vs_5_0 ps_5_0) | NVIDIA Quadro P600 | 2 | detect-gpu test/data.ts
ANGLE (NVIDIA GeForce RTX 2080 Ti Direct3D11 vs_5_0 ps_5_0) | NVIDIA RTX 2080 Ti | 11 | detect-gpu test/index.test.ts
ANGLE (NVIDIA Quadro M1000M Direct3D11 vs_5_0 ps_5_0) | NVIDIA Quadro M1000M | 2 | detect-gpu data/analytics.json
NVIDIA GeForce GTX 1050 | NVIDIA GTX 1050 | 2 | detect-gpu test/data.ts
NVIDIA GeForce GTX 960 | NVIDIA GTX 960 | 2 | detect-gpu test/data.ts
GeForce RTX 2080 Ti/PCIe/SSE2 | NVIDIA RTX 2080 Ti | 11 | detect-gpu test/index.test.ts
GeForce GTX 750/PCIe/SSE2 | NVIDIA GTX 750 | 1 | detect-gpu test/index.test.ts
GeForce GTX 1060 | NVIDIA GTX 1060 | 3 | detect-gpu test/index.test.ts
ANGLE (NVIDIA, Vulkan 1.2.175 (NVIDIA NVIDIA GeForce GTX 970 (0x000013C2)), NVIDIA) | NVIDIA GTX 970 | 4 | detect-gpu issue 100
ANGLE (NVIDIA Corporation, NVIDIA GeForce GTX 970/PCIe/SSE2, OpenGL 4.5.0) | NVIDIA GTX 970 | 4 | detect-gpu issue 100
ANGLE (NVIDIA Corporation, NVIDIA GeForce GTX 1080/PCIe/SSE2, OpenGL 4.5.0 NVIDIA 530.41.03) | NVIDIA GTX 1080 | 8 | web-llm issue 36
ANGLE (NVIDIA, Vulkan 1.4.312 (NVIDIA NVIDIA GeForce RTX 5080 (0x00002C02)), NVIDIA) | NVIDIA RTX 5080 | 16 | trame-vtklocal pull 86
ANGLE (NVIDIA, NVIDIA GeForce GT 1030 Direct3D11 vs_5_0 ps_5_0, D3D11-23.21.13.8813) | NVIDIA GT 1030 | 2 | ixBrowser
ANGLE (NVIDIA, NVIDIA Quadro P2000 Direct3D11 vs_5_0 ps_5_0, D3D11-24.21.13.9797) | NVIDIA Quadro P2000 | 3.75 | ixBrowser
ANGLE (NVIDIA, NVIDIA Quadro K620 Direct3D11 vs_5_0 ps_5_0, D3D11) | NVIDIA Quadro K620 | 2 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce 840M Direct3D11 vs_5_0 ps_5_0, D3D11) | NVIDIA 840M | 2 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GTX 1660 Direct3D11 vs_5_0 ps_5_0, D3D11-26.21.14.4575) | NVIDIA GTX 1660 | 6 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GTX 750 Direct3D11 vs_5_0 ps_5_0, D3D11-10.18.13.5330) | NVIDIA GTX 750 | 1 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GTX 1060 6GB Direct3D11 vs_5_0 ps_5_0, D3D11-26.21.14.4274) | NVIDIA GTX 1060 | 6 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GTX 1060 5GB Direct3D11 vs_5_0 ps_5_0, D3D11-26.21.14.3160) | NVIDIA GTX 1060 | 5 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GTX 1060 3GB Direct3D11 vs_5_0 ps_5_0, D3D11-27.21.14.5671) | NVIDIA GTX 1060 | 3 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GTX 1050 Ti Direct3D11 vs_5_0 ps_5_0, D3D11-27.21.14.6611) | NVIDIA GTX 1050 Ti | 2 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce RTX 2060 Direct3D11 vs_5_0 ps_5_0, D3D11-26.21.14.4250) | NVIDIA RTX 2060 | 6 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GTX 1080 Direct3D11 vs_5_0 ps_5_0, D3D11-27.21.14.6647) | NVIDIA GTX 1080 | 8 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GTX 1660 Ti Direct3D11 vs_5_0 ps_5_0, D3D11-27.21.14.5671) | NVIDIA GTX 1660 Ti | 6 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce RTX 2060 SUPER Direct3D11 vs_5_0 ps_5_0, D3D11-27.21.14.5167) | NVIDIA RTX 2060 SUPER | 8 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GTX 980 Direct3D11 vs_5_0 ps_5_0, D3D11-27.21.14.6089) | NVIDIA GTX 980 | 4 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce RTX 2070 Direct3D11 vs_5_0 ps_5_0, D3D11-27.21.14.6611) | NVIDIA RTX 2070 | 8 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GTX 1650 Direct3D11 vs_5_0 ps_5_0, D3D11-27.21.14.6647) | NVIDIA GTX 1650 | 4 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce 930M Direct3D11 vs_5_0 ps_5_0, D3D11-26.21.14.4187) | NVIDIA 930M | 2 | ixBrowser
ANGLE (NVIDIA, NVIDIA Quadro M2000 Direct3D11 vs_5_0 ps_5_0, D3D11) | NVIDIA Quadro M2000 | 4 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GTX 1650 SUPER Direct3D11 vs_5_0 ps_5_0, D3D11-27.21.14.5671) | NVIDIA GTX 1650 SUPER | 4 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Laptop GPU Direct3D11 vs_5_0 ps_5_0, D3D11) | NVIDIA RTX 3060 Laptop | 6 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GTX 950 Direct3D11 vs_5_0 ps_5_0, D3D11-27.21.14.5671) | NVIDIA GTX 950 | 2 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce RTX 2070 SUPER Direct3D11 vs_5_0 ps_5_0, D3D11-27.21.14.5643) | NVIDIA RTX 2070 SUPER | 8 | ixBrowser
ANGLE (NVIDIA, NVIDIA Quadro P620 Direct3D11 vs_5_0 ps_5_0, D3D11) | NVIDIA Quadro P620 | 2 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce RTX 3070 Direct3D11 vs_5_0 ps_5_0, D3D11-27.21.14.6647) | NVIDIA RTX 3070 | 8 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce RTX 3070 Laptop GPU Direct3D11 vs_5_0 ps_5_0, D3D11-27.21.14.6221) | NVIDIA RTX 3070 Laptop | 8 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GTX 1660 SUPER Direct3D11 vs_5_0 ps_5_0, D3D11-27.21.14.6647) | NVIDIA GTX 1660 SUPER | 6 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GTX 1070 Direct3D11 vs_5_0 ps_5_0, D3D11-27.21.14.5671) | NVIDIA GTX 1070 | 8 | ixBrowser
ANGLE (NVIDIA GeForce GTX 950M Direct3D11 vs_5_0 ps_5_0) | NVIDIA GTX 950M | 2 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GTX 960 Direct3D9Ex vs_3_0 ps_3_0, D3D9Ex) | NVIDIA GTX 960 | 2 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GT 740 Direct3D9Ex vs_3_0 ps_3_0, nvd3dumx.dll-27.21.14.6589) | NVIDIA GT 740 | 1 | ixBrowser
ANGLE (NVIDIA GeForce GTX 1660 SUPER Direct3D9Ex vs_3_0 ps_3_0) | NVIDIA GTX 1660 SUPER | 6 | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GTX 770 Direct3D11 vs_5_0 ps_5_0, D3D11) | - | - | ixBrowser
ANGLE (NVIDIA, NVIDIA GeForce GT 635M Direct3D11 vs_5_0 ps_5_0, D3D11-10.18.13.6472) | - | - | ixBrowser
ANGLE (NVIDIA, NVIDIA Quadro K600 Direct3D11 vs_5_0 ps_5_0, D3D11) | - | - | ixBrowser
NVIDIA GeForce GT 750M OpenGL Engine | - | - | detect-gpu data/analytics.csv
NVIDIA Tegra K1 (nvgpu)/integrated | - | shared | detect-gpu test/data.ts
ANGLE (AMD, AMD Radeon RX 580 2048SP Direct3D11 vs_5_0 ps_5_0, D3D11-26.20.13003.1007) | AMD RX 580 2048SP | 4 | ixBrowser
ANGLE (AMD, Radeon RX Vega Direct3D11 vs_5_0 ps_5_0, D3D11-27.20.14501.18003) | AMD RX Vega | 8 | ixBrowser
ANGLE (AMD, AMD Radeon (TM) R9 380 Series Direct3D11 vs_5_0 ps_5_0, D3D11) | AMD R9 380 | 2 | ixBrowser
ANGLE (AMD, Radeon RX 580 Series Direct3D11 vs_5_0 ps_5_0, D3D11-27.20.12033.2007) | AMD RX 580 | 4 | ixBrowser
ANGLE (AMD, Radeon RX RX550/550 Series Direct3D11 vs_5_0 ps_5_0, D3D11) | AMD RX 550 | 2 | ixBrowser
ANGLE (AMD, Radeon(TM) RX 460 Graphics Direct3D11 vs_5_0 ps_5_0, D3D11-27.20.1034.6) | AMD RX 460 | 2 | ixBrowser
ANGLE (AMD, Radeon RX 570 Series Direct3D11 vs_5_0 ps_5_0, D3D11-27.20.1034.6) | AMD RX 570 | 4 | ixBrowser
ANGLE (AMD, Radeon RX 560 Series Direct3D11 vs_5_0 ps_5_0, D3D11-26.20.15029.27017) | AMD RX 560 | 2 | ixBrowser
ANGLE (AMD, Radeon RX(TM) RX 460 Graphics Direct3D11 vs_5_0 ps_5_0, D3D11) | AMD RX 460 | 2 | ixBrowser
ANGLE (AMD, AMD Radeon(TM) RX 560 Series Direct3D11 vs_5_0 ps_5_0, D3D11) | AMD RX 560 | 2 | ixBrowser
ANGLE (AMD, Radeon RX550/550 Series Direct3D11 vs_5_0 ps_5_0, D3D11-27.20.1034.6) | AMD RX 550 | 2 | ixBrowser
ANGLE (AMD, AMD Radeon RX 5700 XT Direct3D11 vs_5_0 ps_5_0, D3D11-27.20.21003.1028) | AMD RX 5700 XT | 8 | ixBrowser
ANGLE (AMD, Radeon (TM) RX 470 Graphics Direct3D11 vs_5_0 ps_5_0, D3D11-26.20.13031.18002) | AMD RX 470 | 4 | ixBrowser
ANGLE (AMD, Radeon RX 5500 XT Direct3D11 vs_5_0 ps_5_0, D3D11-27.20.21003.8013) | AMD RX 5500 XT | 4 | ixBrowser
ANGLE (AMD, Radeon RX RX 580 Series Direct3D11 vs_5_0 ps_5_0, D3D11) | AMD RX 580 | 4 | ixBrowser
ANGLE (AMD, AMD Radeon (TM) R9 370 Series Direct3D11 vs_5_0 ps_5_0, D3D11) | AMD R9 370 | 2 | ixBrowser
ANGLE (AMD, AMD Radeon R9 M370X Direct3D11 vs_5_0 ps_5_0, D3D11) | AMD R9 M370X | 2 | ixBrowser
ANGLE (AMD, AMD Radeon Series Direct3D11 vs_5_0 ps_5_0, D3D11-25.20.15003.5010) | - | - | ixBrowser
ANGLE (AMD, AMD Radeon R7 430 Direct3D11 vs_5_0 ps_5_0, D3D11) | - | - | ixBrowser
ANGLE (AMD, AMD Radeon(TM) R9 270 Direct3D11 vs_5_0 ps_5_0, D3D11-26.20.13031.18002) | - | - | ixBrowser
ANGLE (AMD, AMD Radeon R7 350 Series Direct3D11 vs_5_0 ps_5_0, D3D11) | - | - | ixBrowser
ANGLE (AMD, AMD Radeon (TM) R9 200 Series Direct3D11 vs_5_0 ps_5_0, D3D11-27.20.1034.6) | - | - | ixBrowser
ANGLE (Radeon (TM) RX 480 Graphics Direct3D11 vs_5_0 ps_5_0) | AMD RX 480 | 4 | detect-gpu data/analytics.csv
ANGLE (Radeon RX 580 Series Direct3D11 vs_5_0 ps_5_0) | AMD RX 580 | 4 | detect-gpu data/analytics.csv
ANGLE (ASUS Radeon RX 580 Series Direct3D11 vs_5_0 ps_5_0) | AMD RX 580 | 4 | detect-gpu data/analytics.csv
ANGLE (Radeon(TM) RX 460 Graphics Direct3D11 vs_5_0 ps_5_0) | AMD RX 460 | 2 | detect-gpu test/data.ts
ANGLE (Radeon RX Vega M GH Graphics Direct3D11 vs_5_0 ps_5_0) | AMD RX Vega M GH | 4 | detect-gpu test/index.test.ts
ANGLE (Radeon (TM) RX 470 Series Direct3D11 vs_5_0 ps_5_0) | AMD RX 470 | 4 | detect-gpu test/index.test.ts
ANGLE (AMD Radeon (TM) R9 390 Series Direct3D11 vs_5_0 ps_5_0) | AMD R9 390 | 8 | detect-gpu data/analytics.csv
ANGLE (AMD Radeon R9 200 / HD 7900 Series Direct3D11 vs_5_0 ps_5_0) | - | - | detect-gpu test/data.ts
AMD Radeon Pro 450 OpenGL Engine | AMD Radeon Pro 450 | 2 | detect-gpu data/analytics.csv
AMD Radeon Pro 455 OpenGL Engine | AMD Radeon Pro 455 | 2 | detect-gpu data/analytics.csv
AMD Radeon Pro 460 OpenGL Engine | AMD Radeon Pro 460 | 4 | detect-gpu data/analytics.csv
AMD Radeon Pro 555 OpenGL Engine | AMD Radeon Pro 555 | 2 | detect-gpu data/analytics.csv
AMD Radeon Pro 555X OpenGL Engine | AMD Radeon Pro 555X | 4 | detect-gpu data/analytics.csv
AMD Radeon Pro 560 OpenGL Engine | AMD Radeon Pro 560 | 4 | detect-gpu data/analytics.csv
AMD Radeon Pro 560X OpenGL Engine | AMD Radeon Pro 560X | 4 | detect-gpu data/analytics.csv
AMD Radeon Pro 570 OpenGL Engine | AMD Radeon Pro 570 | 4 | detect-gpu data/analytics.csv
AMD Radeon Pro 575 OpenGL Engine | AMD Radeon Pro 575 | 4 | detect-gpu data/analytics.csv
AMD Radeon Pro 580 OpenGL Engine | AMD Radeon Pro 580 | 8 | detect-gpu data/analytics.csv
AMD Radeon Pro Vega 56 OpenGL Engine | AMD Radeon Pro Vega 56 | 8 | detect-gpu test/data.ts
AMD Radeon Pro Vega 64 OpenGL Engine | AMD Radeon Pro Vega 64 | 16 | detect-gpu test/data.ts
ANGLE (AMD, AMD Radeon Pro 5300M OpenGL Engine, OpenGL 4.1) | AMD Radeon Pro 5300M | 4 | ixBrowser
ANGLE (AMD, AMD Radeon RX 590 OpenGL Engine, OpenGL 4.1) | AMD RX 590 | 8 | ixBrowser
ANGLE (AMD, AMD Radeon Pro 5500M OpenGL Engine, OpenGL 4.1) | - | - | ixBrowser
ANGLE (AMD, AMD Radeon R9 M290X OpenGL Engine, OpenGL 4.1) | AMD R9 M290X | 2 | ixBrowser
ANGLE (AMD, AMD Radeon Pro Vega 20 OpenGL Engine, OpenGL 4.1) | AMD Radeon Pro Vega 20 | 4 | ixBrowser
ANGLE (AMD, AMD Radeon Pro 5500 XT OpenGL Engine, OpenGL 4.1) | AMD Radeon Pro 5500 XT | 8 | ixBrowser
ANGLE (AMD, AMD Radeon Pro 575X OpenGL Engine, OpenGL 4.1) | AMD Radeon Pro 575X | 4 | ixBrowser
ANGLE (AMD, AMD Radeon RX 570 OpenGL Engine, OpenGL 4.1) | AMD RX 570 | 4 | ixBrowser
ANGLE (AMD, AMD Radeon RX 580 OpenGL Engine, OpenGL 4.1) | AMD RX 580 | 4 | ixBrowser
ANGLE (AMD, AMD Radeon R9 M390 OpenGL Engine, OpenGL 4.1) | AMD R9 M390 | 2 | ixBrowser
AMD Radeon R9 M395X OpenGL Engine | AMD R9 M395X | 4 | detect-gpu data/analytics.csv
AMD Radeon R9 M380 OpenGL Engine | AMD R9 M380 | 2 | detect-gpu data/analytics.csv
ANGLE (AMD, AMD Radeon(TM) Graphics Direct3D11 vs_5_0 ps_5_0, D3D11-27.20.1028.1) | - | shared | ixBrowser
ANGLE (AMD, AMD Radeon(TM) Vega 8 Graphics Direct3D11 vs_5_0 ps_5_0, D3D11-27.20.1034.6) | - | shared | ixBrowser
ANGLE (AMD, AMD Radeon(TM) RX Vega 10 Graphics Direct3D11 vs_5_0 ps_5_0, D3D11-26.20.11030.22001) | - | shared | ixBrowser
ANGLE (AMD, AMD Radeon(TM) RX Vega 11 Graphics Direct3D11 vs_5_0 ps_5_0, D3D11-27.20.1020.1) | - | shared | ixBrowser
ANGLE (AMD, AMD Radeon(TM) R5 Graphics Direct3D11 vs_5_0 ps_5_0, D3D11) | - | shared | ixBrowser
ANGLE (AMD, AMD Radeon(TM) R3 Graphics Direct3D11 vs_5_0 ps_5_0, D3D11-27.20.1028.1) | - | shared | ixBrowser
ANGLE (AMD, AMD Radeon R7 Graphics Direct3D11 vs_5_0 ps_5_0, D3D11) | - | shared | ixBrowser
ANGLE (AMD, AMD Radeon(TM) Vega 8 Mobile Graphics Direct3D9Ex vs_3_0 ps_3_0, D3D11) | - | shared | ixBrowser
ANGLE (AMD Radeon(TM) Vega 3 Graphics Direct3D11 vs_5_0 ps_5_0) | - | shared | detect-gpu test/data.ts
AMD STONEY (DRM 3.23.0 / 4.15.0-23-generic, LLVM 5.0.1) | - | shared | detect-gpu data/analytics.csv
ANGLE (Intel(R) HD Graphics 620 Direct3D11 vs_5_0 ps_5_0) | - | shared | detect-gpu data/analytics.csv
ANGLE (Intel(R) UHD Graphics 620 Direct3D11 vs_5_0 ps_5_0) | - | shared | detect-gpu data/analytics.csv
ANGLE (Intel(R) UHD Graphics 630 Direct3D11 vs_5_0 ps_5_0) | - | shared | detect-gpu data/analytics.csv
ANGLE (Intel(R) HD Graphics Direct3D11 vs_5_0 ps_5_0) | - | shared | detect-gpu data/analytics.csv
ANGLE (Intel(R) Iris(TM) Graphics 540 Direct3D11 vs_5_0 ps_5_0) | - | shared | detect-gpu data/analytics.csv
ANGLE (Intel(R) UHD Graphics 605 Direct3D11 vs_5_0 ps_5_0) | - | shared | detect-gpu test/data.ts
ANGLE (Intel(R) Iris(R) Plus Graphics 640 Direct3D11 vs_5_0 ps_5_0) | - | shared | detect-gpu test/data.ts
ANGLE (Intel, Intel(R) HD Graphics 630, OpenGL 4.1) | - | shared | ixBrowser
ANGLE (Intel, Intel(R) Iris(TM) Plus Graphics 655, OpenGL 4.1) | - | shared | ixBrowser
ANGLE (Intel, Intel Iris Pro OpenGL Engine, OpenGL 4.1) | - | shared | ixBrowser
ANGLE (Intel, Intel(R) UHD Graphics 617, OpenGL 4.1) | - | shared | ixBrowser
ANGLE (Intel, Intel(R) Iris(TM) Plus Graphics OpenGL Engine (1x6x8 (fused) LP, OpenGL 4.1) | - | shared | ixBrowser
Mesa DRI Intel(R) HD Graphics 400 (Braswell) | - | shared | detect-gpu data/analytics.csv
Mesa DRI Intel(R) HD Graphics 620 (Kaby Lake GT2) | - | shared | detect-gpu data/analytics.csv
Mesa DRI Intel(R) UHD Graphics 630 (Coffeelake 3x8 GT2) | - | shared | detect-gpu test/index.test.ts
ANGLE (Intel, Mesa Intel(R) HD Graphics 620 (KBL GT2), OpenGL 4.6 core) | - | shared | chromium-ubuntu-build issue 91
ANGLE (Intel, Intel(R) HD Graphics Direct3D9Ex vs_3_0 ps_3_0, igdumd64.dll -9.17.10.4459) | - | shared | clippy issue 129
D3D12 (Intel(R) Arc(TM) Graphics) | - | shared | ubuntu/WSL issue 502
Intel(R) HD Graphics for Atom(TM) x5/x7 | - | shared | fenix issue 20862
ANGLE (Apple, Apple M1, OpenGL 4.1) | Apple M1 | 8 | ixBrowser
ANGLE (Apple, Apple M1 Pro, OpenGL 4.1) | Apple M1 Pro | 16 | ixBrowser
ANGLE (Apple, Apple M1 Max, OpenGL 4.1) | Apple M1 Max | 16 | ixBrowser
ANGLE (Apple, Apple M2, OpenGL 4.1) | Apple M2 | 8 | ixBrowser
ANGLE (Apple, Apple M2 Pro, OpenGL 4.1) | Apple M2 Pro | 16 | ixBrowser
ANGLE (Apple, Apple M2 Max, OpenGL 4.1) | Apple M2 Max | 32 | ixBrowser
Apple A8 GPU | - | shared | detect-gpu data/analytics.csv
Apple A9 GPU | - | shared | detect-gpu data/analytics.csv
Apple A10 GPU | - | shared | detect-gpu data/analytics.csv
Apple A11 GPU | - | shared | detect-gpu data/analytics.csv
Apple A8X GPU | - | shared | detect-gpu data/analytics.csv
Apple A10X GPU | - | shared | detect-gpu data/analytics.csv
Adreno (TM) 308 | - | shared | detect-gpu data/analytics.csv
Adreno (TM) 405 | - | shared | detect-gpu data/analytics.csv
Adreno (TM) 506 | - | shared | detect-gpu data/analytics.csv
Adreno (TM) 530 | - | shared | detect-gpu data/analytics.csv
Adreno (TM) 540 | - | shared | detect-gpu data/analytics.csv
Adreno (TM) 630 | - | shared | detect-gpu data/analytics.csv
Mali-G71 | - | shared | detect-gpu data/analytics.csv
Mali-G72 | - | shared | detect-gpu data/analytics.csv
Mali-T760 | - | shared | detect-gpu data/analytics.csv
Mali-T830 | - | shared | detect-gpu data/analytics.csv
Mali-T880 | - | shared | detect-gpu data/analytics.csv
Mali-400 MP | - | shared | detect-gpu data/analytics.csv
Adreno(TM) 616 | - | shared | ixBrowser
Adreno(TM) 620 | - | shared | ixBrowser
Adreno(TM) 640 | - | shared | ixBrowser
Adreno(TM) 650 | - | shared | ixBrowser
Mali-G52 | - | shared | ixBrowser
Mali-G76 | - | shared | ixBrowser
Mali-G51 | - | shared | detect-gpu test/index.test.ts
zink Vulkan 1.4(Turnip Adreno (TM) 710 (MESA_TURNIP)) | - | shared | termux-packages issue 26526
PowerVR Rogue GX6250 | - | - | detect-gpu test/data.ts
Vivante GC7000UL | - | - | detect-gpu data/analytics.csv
ANGLE (Samsung Xclipse 920) on Vulkan 1.1.179 | - | - | detect-gpu test/index.test.ts
Apple GPU | - | unnamed | ixBrowser
Google SwiftShader | - | unnamed | detect-gpu data/analytics.csv
Microsoft Basic Render Driver | - | unnamed | detect-gpu data/analytics.csv
ANGLE (Microsoft Basic Render Driver Direct3D11 vs_5_0 ps_5_0) | - | unnamed | detect-gpu data/analytics.csv
ANGLE (Software Adapter Direct3D11 vs_5_0 ps_5_0) | - | unnamed | detect-gpu test/data.ts
`;

export const reportedRenderers: readonly ReportedRenderer[] = lines
	.trim()
	.split('\n')
	.map((line) => {
		const [renderer = '', gpu = '', memory = '', source = ''] = line.split(' | ');
		return {
			renderer,
			gpu: gpu === '-' ? null : gpu,
			memory:
				memory === '-'
					? null
					: memory === 'shared' || memory === 'unnamed'
						? memory
						: Number(memory),
			source
		};
	});
