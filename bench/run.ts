/**
 * Measures the built site in Chromium, alternating with the bare engine where the two are compared.
 *
 *   npm run bench -- [--json] [--check] [--verbose] [--built] [--only=NAME,NAME]
 *
 * --json prints one object, --check fails when a limit is missed, --built takes build/ as it is, --only measures
 * the named parts alone.
 */
import { limits, missed, type Figure, type Figures, type Limit, type Name } from './limits.ts';
import { buildAll, F16_VARIANTS, F32_VARIANTS, Lab } from './lab.ts';
import { adapterFacts, adapterLine, wrongAdapter } from '../scripts/adapter.mjs';
import { f16ChromiumPath } from '../scripts/browsers.mjs';
import { api } from './metrics/api.ts';
import { manyConversations, openConversation } from './metrics/conversations.ts';
import { countTokens } from './metrics/count-tokens.ts';
import { decode } from './metrics/decode.ts';
import { download, largeModel } from './metrics/download.ts';
import { firstVisit } from './metrics/first-visit.ts';
import { firstLoad, firstLoadOfPocket, firstWord } from './metrics/first-load.ts';
import { generationError, hidingPocket } from './metrics/generation.ts';
import { hostMemory } from './metrics/host-memory.ts';
import { largePocket } from './metrics/large-model.ts';
import { leanChoice, leanDecode } from './metrics/lean.ts';
import { longestTask } from './metrics/longest-task.ts';
import { ownServer } from './metrics/own-server.ts';
import { pagePlan, plans } from './metrics/memory-plan.ts';
import { measureTg } from './metrics/measure-tg.ts';
import { pageWeight } from './metrics/page-weight.ts';
import { preflight } from './metrics/preflight.ts';
import { quality } from './metrics/quality.ts';
import { queueGap } from './metrics/queue-gap.ts';
import { remoteLag } from './metrics/remote-lag.ts';
import { hostileUpdate, streamUpdate } from './metrics/stream-update.ts';
import { swapApart, swapAtOnce, swapTogether } from './metrics/swap.ts';
import type { Extra } from './server.ts';

interface Part {
	measure: (lab: Lab) => Promise<Figures>;
	/** The same for the variants that need shader-f16, in a browser that has it; the worse figure counts. */
	withF16?: (lab: Lab) => Promise<Figures>;
	/** What is served beside the site, with a line to print; left out: the large model of the download. */
	serve?: () => Promise<{ extra: Extra; note: string }>;
}

const parts: Record<string, Part> = {
	weight: { measure: pageWeight },
	preflight: { measure: (lab) => preflight(lab, 5) },
	plan: {
		measure: (lab) => pagePlan(lab, F32_VARIANTS),
		withF16: (lab) => pagePlan(lab, F16_VARIANTS)
	},
	plans: { measure: (lab) => plans(lab, F32_VARIANTS), withF16: (lab) => plans(lab, F16_VARIANTS) },
	generation: {
		measure: (lab) => generationError(lab, F32_VARIANTS),
		withF16: (lab) => generationError(lab, F16_VARIANTS),
		serve: hidingPocket
	},
	decode: { measure: (lab) => decode(lab, 15) },
	api: { measure: (lab) => api(lab, 9) },
	remote: { measure: (lab) => remoteLag(lab, 9) },
	server: { measure: (lab) => ownServer(lab, 9) },
	measure: { measure: (lab) => measureTg(lab, 15) },
	quality: { measure: (lab) => quality(lab, 15) },
	lean: {
		measure: async (lab) => ({
			...(await leanDecode(lab, F32_VARIANTS, 15)),
			...(await leanChoice(lab))
		}),
		withF16: (lab) => leanDecode(lab, F16_VARIANTS, 15)
	},
	task: { measure: (lab) => longestTask(lab, 5) },
	'first-visit': { measure: (lab) => firstVisit(lab, 9) },
	'first-load': { measure: (lab) => firstLoad(lab, 9), serve: largePocket },
	'first-word': { measure: (lab) => firstWord(lab, 9), serve: largePocket },
	'host-memory': { measure: (lab) => hostMemory(lab, 5), serve: largePocket },
	'first-load-of-pocket': { measure: (lab) => firstLoadOfPocket(lab, 9) },
	'swap-apart': { measure: (lab) => swapApart(lab, 10) },
	'swap-at-once': { measure: (lab) => swapAtOnce(lab, 9) },
	'swap-together': { measure: (lab) => swapTogether(lab, 8) },
	queue: { measure: (lab) => queueGap(lab, 9) },
	download: { measure: (lab) => download(lab, 15) },
	tokens: { measure: (lab) => countTokens(lab, 15) },
	stream: { measure: streamUpdate },
	hostile: { measure: hostileUpdate },
	open: { measure: (lab) => openConversation(lab, 9) },
	many: { measure: (lab) => manyConversations(lab, 5) }
};

const options = new Map(
	process.argv.slice(2).map((argument): [string, string] => {
		const [name = '', value = ''] = argument.split('=');
		return [name, value];
	})
);
const json = options.has('--json');
const only = options.get('--only')?.split(',');
const say = (line: string) => {
	if (!json) console.log(line);
};

const figures: Figures = {};
const notes: string[] = [];

async function inLab(name: string, measure: Part['measure'], extra: Extra, browser?: string) {
	const startMs = performance.now();
	const lab = await Lab.open(
		extra,
		(line) => {
			if (options.has('--verbose')) console.error(`  ${name}: ${line}`);
		},
		browser
	);
	try {
		return await measure(lab);
	} catch (thrown) {
		// The other figures are still worth having.
		notes.push(`${name} failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
		process.exitCode = 1;
		return {};
	} finally {
		await lab.close();
		if (options.has('--verbose'))
			console.error(`  ${name}: ${((performance.now() - startMs) / 1000).toFixed(0)} s`);
	}
}

const adapter = await adapterFacts();
const wrong = wrongAdapter(adapter);
if (wrong) {
	console.error(wrong);
	process.exit(1);
}
say(adapterLine(adapter));
await buildAll(!options.has('--built'));
for (const [name, { measure, withF16, serve }] of Object.entries(parts)) {
	if (only && !only.includes(name)) continue;
	const { extra, note } = serve ? await serve() : { extra: largeModel, note: null };
	if (note) notes.push(note);
	const found: Figures = await inLab(name, measure, extra);
	if (withF16) {
		const browser = f16ChromiumPath();
		if (browser.path === undefined)
			notes.push(`${name}: only the f32 variants were measured, because ${browser.reason}.`);
		else
			for (const [key, figure] of Object.entries(
				await inLab(name, withF16, extra, browser.path)
			) as [Name, number][])
				found[key] = key in found ? Math.max(figure, Number(found[key])) : figure;
	}
	Object.assign(figures, found);
}

const words = (figure: Figure | undefined, unit: Limit['unit']): string => {
	if (figure === undefined) return 'not measured';
	if (typeof figure !== 'number') return 'not measured';
	if (unit === 'bytes') return figure.toLocaleString('en');
	return unit === 'ratio' ? figure.toFixed(3) : figure.toFixed(1);
};
if (json) console.log(JSON.stringify({ ...figures, adapter, notes }));
else
	for (const [key, limit] of Object.entries(limits) as [Name, Limit][]) {
		const figure = figures[key];
		if (figure === undefined) continue;
		const { atLeast, atMost } = limit;
		const bound =
			atLeast !== undefined && atMost !== undefined
				? `${atLeast} to ${atMost}`
				: atMost !== undefined
					? `at most ${atMost}`
					: atLeast !== undefined
						? `at least ${atLeast}`
						: '';
		const verdict =
			bound === '' || typeof figure !== 'number' ? '' : missed(key, figure) ? 'MISSED' : 'met';
		const unit = limit.unit === 'ratio' ? '' : limit.unit;
		say(
			`${key.padEnd(22)} ${words(figure, limit.unit).padStart(10)} ${unit.padEnd(8)} ${bound.padEnd(14)} ${verdict.padEnd(7)} ${typeof figure === 'number' ? limit.counts : figure.notMeasured}`
		);
	}
for (const note of notes) say(note);
if (
	options.has('--check') &&
	Object.entries(figures).some(([name, figure]) => missed(name as Name, figure))
)
	process.exitCode = 1;
