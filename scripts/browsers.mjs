/**
 * The browsers the tests run in: the Chromium that is there, and one whose software WebGPU adapter has shader-f16.
 *
 *   node scripts/browsers.mjs    says what there is, after setting up what can be
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { mayInstall } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Chromium draws its address bar's popups by pages of their own, made again with every window: a second of a core each,
 * in a browser that nobody looks at.
 */
const BROWSER_UI = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup'];
/** Playwright's own list: Chromium heeds the last one it is given, which is ours. */
const PLAYWRIGHT_OFF = [
	'AvoidUnnecessaryBeforeUnloadCheckSync',
	'DestroyProfileOnBrowserClose',
	'HttpsUpgrades',
	'HttpsFirstBalancedModeAutoEnable',
	'LensOverlay',
	'MediaRouter',
	'PaintHolding',
	'ThirdPartyStoragePartitioning',
	'AvoidCorsURLLoaderRestartOnRedirect',
	'OptimizationHints',
	'NetworkTimeServiceQuerying',
	'AimEnabled',
	'PreconnectToSearch'
];

/** ADAPTER=gpu: the machine's own GPU, in place of the software adapter that every machine has. */
export const realGpu = process.env.ADAPTER === 'gpu';

/**
 * A GPU, from a browser without a screen. Linux: WebGPU is given Vulkan only where the browser itself uses it, and a
 * headless one does not unless told so; Chrome keeps shader-f16 from NVIDIA's drivers before 615.71.
 */
const GPU_ARGS =
	process.platform === 'linux'
		? [
				'--enable-features=Vulkan,CDPScreenshotNewSurface',
				'--use-angle=vulkan',
				'--disable-vulkan-surface',
				'--disable-gpu-compositing',
				'--ignore-gpu-blocklist',
				'--enable-dawn-features=vulkan_enable_f16_on_nvidia'
			]
		: ['--enable-gpu'];

/** WebGPU in a container that runs as root. */
export const chromiumArgs = [
	'--no-sandbox',
	'--enable-unsafe-webgpu',
	...(realGpu ? GPU_ARGS : ['--use-webgpu-adapter=swiftshader']),
	`--disable-features=${[...PLAYWRIGHT_OFF, ...BROWSER_UI].join(',')}`
];

/**
 * @typedef {{ path: string } | { path?: undefined, reason: string }} Found
 */

/**
 * A Chromium: the one $CHROMIUM names, the distribution's, or the one Playwright installed.
 * @returns {Found}
 */
export function chromiumPath() {
	const places = [process.env.CHROMIUM, '/usr/bin/chromium', chromium.executablePath()];
	const path = places.find((place) => place && existsSync(place));
	return path ? { path } : { reason: 'there is no Chromium; set CHROMIUM to its path' };
}

/**
 * A Chromium with shader-f16. With ADAPTER=gpu that is any; the one whose software adapter has it is made on the first
 * call by scripts/f16-adapter/setup.sh, in .cache/f16-adapter. That needs Debian 12 on x86-64, root and its package
 * mirror; elsewhere, or with NO_F16_ADAPTER=1, a reason comes back.
 * @returns {Found}
 */
export function f16ChromiumPath() {
	if (realGpu) return chromiumPath();
	const path = join(root, '.cache/f16-adapter/chromium-f16');
	if (process.env.NO_F16_ADAPTER) return { reason: 'NO_F16_ADAPTER is set' };
	if (existsSync(path)) return { path };
	const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
	if (!/^ID=debian$/m.test(release) || !/^VERSION_ID="12"$/m.test(release))
		return { reason: 'the f16 adapter can only be set up on Debian 12' };
	if (process.arch !== 'x64') return { reason: 'the f16 adapter can only be set up on x86-64' };
	if (process.getuid?.() !== 0) return { reason: 'setting up the f16 adapter needs root' };
	const made = spawnSync(
		'bash',
		[join(root, 'scripts/f16-adapter/setup.sh'), join(root, '.cache/f16-adapter')],
		{
			encoding: 'utf8',
			timeout: 300_000,
			env: { ...process.env, ...(mayInstall() && { MAY_INSTALL: '1' }) }
		}
	);
	if (made.status === 0 && existsSync(path)) return { path };
	const said = (made.stderr || made.error?.message || 'it failed').trim().split('\n').at(-1);
	return { reason: `the f16 adapter could not be set up: ${said}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const plain = chromiumPath();
	const f16 = f16ChromiumPath();
	console.log(`Chromium: ${plain.path ?? plain.reason}`);
	console.log(`Chromium with shader-f16: ${f16.path ?? f16.reason}`);
}
