import type { Device } from './adapter.ts';

/**
 * Why a GPU offers no 16-bit shaders and what to do, in sentences for a person. Chromium's Vulkan backend, which
 * it uses on Linux and ChromeOS, keeps shader-f16 from NVIDIA drivers before 615.71 for wrong results.
 * Source: "[vulkan] Enable ShaderF16 on newer Nvidia drivers", Dawn 8f96ae09 (crbug.com/42251215).
 */
export function withoutShaderF16({ vendor, platform }: Device): string {
	if (vendor === 'nvidia' && (platform === 'linux' || platform === 'chromeos'))
		return 'On NVIDIA cards, Chromium offers them only with driver 615.71 or newer, because older drivers compute some of them wrong. Choose an f32 quantization, or update the driver.';
	return 'This GPU does not offer them here. Choose an f32 quantization.';
}
