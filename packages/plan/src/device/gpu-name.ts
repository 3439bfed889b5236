/**
 * What scripts/gpus.ts writes: names by maker and by the sizes they are sold with, in GiB and ascending:
 * `{ "NVIDIA 8 16": ["RTX 4060 Ti"] }`.
 */
export interface GpuTable {
	dedicated: Readonly<Record<string, readonly string[]>>;
	/** The GPU shares the system's memory: sizes are the system's. */
	unified: Readonly<Record<string, readonly string[]>>;
}

export type Vendor = 'nvidia' | 'amd' | 'intel' | 'apple' | 'qualcomm' | 'arm';

export const isSoftware = (text: string) =>
	/swiftshader|llvmpipe|softpipe|lavapipe|basic render|\bwarp\b|\bsoftware\b/i.test(text);

/**
 * The product inside a WebGL renderer string: "ANGLE (NVIDIA, NVIDIA GeForce RTX 4060 (0x00002882) Direct3D11
 * vs_5_0 ps_5_0, D3D11)" names the "NVIDIA GeForce RTX 4060". null where it names none: masked, software, or
 * Firefox's "or similar", which stands for a whole group of GPUs.
 */
export function productName(renderer: string | null): string | null {
	if (renderer === null || isSoftware(renderer) || /or similar/i.test(renderer)) return null;
	let name = inner(renderer.trim());
	for (let before = ''; before !== name;) {
		before = name;
		name = name
			.replace(/ Direct3D.*$/, '')
			.replace(/\/(PCIe|PCI|AGP|integrated)?(\/.*)?$/, '')
			.replace(/ OpenGL Engine.*$/, '')
			.replace(/^Mesa /, '')
			.replace(/^(NVIDIA|AMD|Intel|Apple|Qualcomm)(?: Corporation)? (?=\1)/, '')
			// The chip, the driver or the device's number.
			.replace(/\s*\((?!(?:R|TM)\))[^()]*\)$/i, '')
			.trim();
	}
	name = name
		.replace(/\s*\((?:R|TM)\)\s*/gi, ' ')
		.replace(/\s+/g, ' ')
		.trim();
	return /^(Apple GPU|WebKit WebGL|WebGL|Mozilla|Generic Renderer)?$/.test(name) ? null : name;
}

/** Unwraps ANGLE (vendor, product, driver), Vulkan 1.3 (product) and the like. */
function inner(text: string): string {
	const angle = /^ANGLE \((.*)\)(?: on .*)?$/.exec(text);
	if (angle) {
		const parts = topLevelParts(angle[1] ?? '').filter((part) => part !== 'Ltd.');
		return inner(parts[1] ?? parts[0] ?? '');
	}
	const wrapped =
		/^(?:(?:zink )?Vulkan [\d.]+|D3D12) ?\((.*)\)$/.exec(text) ??
		/^ANGLE Metal Renderer: (.*)$/.exec(text);
	return wrapped ? inner(wrapped[1] ?? '') : text;
}

function topLevelParts(text: string): string[] {
	const parts = [''];
	let depth = 0;
	for (const character of text) {
		if (character === '(') depth++;
		if (character === ')') depth--;
		if (character === ',' && depth === 0) parts.push('');
		else parts[parts.length - 1] += character;
	}
	return parts.map((part) => part.trim());
}

/** Words that a driver or the table may add without meaning another product. */
const noise =
	/^(nvidia|amd|asus|intel|ati|geforce|radeon|instinct|tesla|graphics|gpu|series|generation|edition|blackwell|workstation|ws|ai|with|design|sxm\d?|pcie|hbm\d?e?|\d+gb)$/;

/**
 * Two names are the same product exactly if their keys are equal. Every word that is not noise counts, so that
 * Ti, SUPER, XT, M or Laptop never get lost, and "TITAN RTX" is "RTX Titan".
 */
export function gpuKey(name: string): string {
	const words = name
		.toLowerCase()
		.replace(/\((r|tm)\)|[®™]/g, ' ')
		.replace(/\b(\d{4})d\b/, '$1 d')
		.replace(/\brx(?=\d)/g, 'rx ')
		.split(/[\s-]+/)
		.map((word) => (word === 'laptop' ? 'mobile' : word))
		.filter((word) => word !== '' && !noise.test(word));
	// Intel's workstation cards are listed with and without their Pro.
	const kept = words.includes('arc') ? words.filter((word) => word !== 'pro') : words;
	// AMD's driver says one word twice: "Radeon RX RX550".
	return kept
		.filter((word, index) => word !== 'rx' || kept.indexOf(word) === index)
		.sort()
		.join(' ');
}

/** "NVIDIA GeForce GTX 1060 6GB" says its size itself; null where a name does not. */
export function statedGiB(name: string): number | null {
	const match = /\b(\d+) ?GB\b/.exec(name);
	return match ? Number(match[1]) : null;
}

export function vendorOf(name: string): Vendor | null {
	if (/nvidia|geforce|quadro|tesla|\bnvk\b/i.test(name)) return 'nvidia';
	if (/\bamd\b|radeon|\bati\b/i.test(name)) return 'amd';
	if (/intel/i.test(name)) return 'intel';
	if (/apple/i.test(name)) return 'apple';
	if (/qualcomm|adreno/i.test(name)) return 'qualcomm';
	if (/\barm\b|mali|immortalis/i.test(name)) return 'arm';
	return null;
}

/** "Radeon R7 200 Series" is a card, "Radeon R7 Graphics" sits inside a processor. */
const amdCards =
	/radeon (?:rx|pro|vii|e9\d{3}|ai pro|vega (?:5|6|frontier)|r9|r[57] m?\d{3}|5[2-5]0x?\b|535\b|6[23][05]\b)|instinct|firepro/i;

/** "Radeon Graphics", "Radeon 780M", "Ryzen 7 5800H with Radeon Graphics", the Steam Deck, and Mesa's code names. */
const insideAmdProcessors =
	/graphics$|ryzen|athlon|custom gpu|radeon (?:\d{3}m|80\d0s|vega)\b|\b(?:carrizo|stoney|raven|raven2|picasso|renoir|lucienne|cezanne|barcelo|rembrandt|mendocino|vangogh|phoenix|strix)\b/i;

/** Whether a product has memory of its own; null where its name does not tell. */
export function hasOwnMemory(name: string): boolean | null {
	switch (vendorOf(name)) {
		case 'nvidia':
			return !/tegra|orin|\bgb10\b/i.test(name);
		case 'amd':
			if (/vega (?:3|[6-9]|1[01])\b/i.test(name)) return false;
			if (amdCards.test(name)) return true;
			return insideAmdProcessors.test(name) ? false : null;
		case 'intel':
			// Arc cards are A or B and three digits, or Pro A/B and two; "Arc 140V" sits inside the processor.
			return /arc (?:pro )?[ab]\d{2,3}m?\b|xe max/i.test(name);
		case 'apple':
		case 'qualcomm':
		case 'arm':
			return false;
		case null:
			return null;
	}
}
