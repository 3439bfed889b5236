import { vendorOf, type Vendor } from './gpu-name.ts';

/** Without separators, whose form is Chromium's own affair: "gen-12-lp", "gen-12lp". */
const plain = (architecture: string) => architecture.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The names Chromium gives. Others (Firefox, Safari, a later Chromium) say nothing that could be compared. */
const known: Partial<Record<Vendor, RegExp>> = {
	nvidia: /^(?:fermi|kepler|maxwell|pascal|turing|ampere|lovelace|blackwell)$/,
	amd: /^(?:gcn[1-5]|rdna[1-4]|rdna35)$/,
	intel: /^(?:gen\d+(?:lp|hp)?|xe\d?(?:lpg|hpg))$/
};

/** What a GPU inside an AMD processor may report: GCN 2 and 3 in an A-Series, GCN 5 and later in a Ryzen. */
const insideAmd = /^(?:gcn[235]|rdna[23]|rdna35)$/;
const intelCard = /h(?:p|pg)$/;

/**
 * Product lines and what Chromium's WebGPU calls their architecture; the first line that fits counts. A line has
 * more than one where Chromium's versions differ: all of 0x74xx was RDNA 2 until RDNA 3 was told apart, all of
 * 0x15xx and 0x16xx (the GPUs inside Ryzen processors) was GCN 5, 0x694x (Vega M) was GCN 5 and is GCN 4.
 * Sources: src/dawn/gpu_info.json of Dawn at fa5cd029, 0fb720aa, 1e8be0f3 and f5d3ecd8, device numbers of pci.ids.
 */
const lines: Partial<Record<Vendor, readonly (readonly [name: RegExp, architecture: RegExp])[]>> = {
	nvidia: [
		[
			/\bt(?:itan rtx|4\b)|rtx 20[678]0|gtx 16\d0|mx[45]50|quadro (?:rtx|t\d)|\bt(?:[456]\d0|1[02]00)\b/i,
			/^turing$/
		],
		[/\bada\b|rtx 40\d0|rtx 3050 a\b/i, /^lovelace$/],
		[/rtx 50\d0|rtx pro/i, /^blackwell$/],
		[/rtx (?:30[5-9]0|2050|a\d{3,4})|mx570/i, /^ampere$/],
		[/gtx 9\d0m?\b|gtx titan x|mx1[13]0|quadro m\d/i, /^maxwell$/],
		// Volta is among them: it has no name of its own there.
		[/gtx 10[5-8]0|mx(?:150|[23][35]0)|quadro (?:p\d|g[pv]100)|titan (?:x|v)/i, /^pascal$/]
	],
	amd: [
		[/vega m\b/i, /^gcn[45]$/],
		[/vega (?:3|[6-9]|1[01])\b/i, insideAmd],
		[/rx vega|radeon (?:pro )?vii|pro vega|vega frontier|wx [89]\d00/i, /^gcn5$/],
		[/rx (?:4[678]0|5[4-9]0)(?!\d)|radeon pro (?:4[56]|5[5-8])\d(?!\d)|wx [2-7]\d\d0/i, /^gcn4$/],
		[/rx 5[3-7]\d\d|radeon pro w?5[3-7]00/i, /^rdna1$/],
		[/rx 6[3-9]\d\d|radeon pro w6\d00/i, /^rdna2$/],
		[/rx 7[3-9]\d\d|radeon pro w7\d00/i, /^rdna[23]$/],
		[/rx 90\d0|r9700/i, /^rdna4$/],
		[/radeon (?:graphics|\d{3}m\b|80\d0s\b)/i, insideAmd]
	],
	intel: [
		[/arc (?:pro )?a\d{2,3}m?\b/i, /^(?:gen12hp|xehpg)$/],
		[/arc (?:pro )?b\d{2,3}m?\b/i, /^(?:gen13hp|xe2hpg)$/],
		[/xe max/i, /./],
		[/./, /^(?!.*h(?:p|pg)$)/]
	]
};

/**
 * Whether a product can report this architecture. True wherever that is not known: only a pair that cannot be is
 * a reason to think that two GPUs answered.
 */
export function canBe(name: string, architecture: string): boolean {
	const vendor = vendorOf(name);
	const found = plain(architecture);
	if (vendor === null || !known[vendor]?.test(found)) return true;
	return lines[vendor]?.find(([line]) => line.test(name))?.[1].test(found) ?? true;
}

/** Where a GPU of this maker and architecture sits, whatever its name; null where both are sold. */
export function cardByArchitecture(vendor: string, architecture: string): boolean | null {
	const found = plain(architecture);
	switch (vendor) {
		case 'nvidia':
			return true;
		case 'intel':
			return intelCard.test(found);
		case 'amd':
			if (found === 'rdna35') return false;
			return known.amd?.test(found) && !insideAmd.test(found) ? true : null;
		case 'qualcomm':
		case 'arm':
			return false;
		default:
			return null;
	}
}
