/**
 * Loads a model of the catalogue from its hub, chats with it, and holds the plan against what was counted. Needs the
 * network; the tests do the same against a stand-in for the hub.
 *
 *   npm run real-model -- [--variant=ID] [--json]
 *
 * Ends with 1 when there was no answer or the plan was off by more than 2 %.
 */
import { appendFileSync } from 'node:fs';
import { buildAll, Lab, variantOf } from './lab.ts';
import { visit } from './metrics/real-model.ts';
import { familyById } from '../packages/plan/src/models/catalog-data.ts';

/** A software GPU on a shared machine needs most of it for the first answer. */
const LIMIT_MS = 30 * 60_000;
const MOST_ERROR_RATIO = 0.02;

const option = (name: string) =>
	process.argv
		.slice(2)
		.find((argument) => argument.startsWith(`--${name}=`))
		?.slice(name.length + 3);

const variant = variantOf(option('variant') ?? 'SmolLM2-360M-Instruct-q4f32_1-MLC');
const family = familyById.get(variant.familyId);
if (!family) throw new Error(`The catalogue has no family ${variant.familyId}.`);

await buildAll(true);
const lab = await Lab.open(() => false, console.error);
try {
	const page = await lab.context.newPage();
	const seen = await visit(page, `${lab.origin}/headroom/`, family.name, variant.id, LIMIT_MS);
	const percent = (ratio: number) => `${(100 * ratio).toFixed(2)} %`;
	const rows = [
		['', 'planned', 'counted', 'off by'],
		[
			'bytes after load',
			seen.planned.afterLoadBytes.toLocaleString('en'),
			seen.counted.afterLoadBytes.toLocaleString('en'),
			percent(seen.afterLoadErrorRatio)
		],
		[
			'peak bytes, a chat included',
			seen.planned.peakBytes.toLocaleString('en'),
			seen.counted.peakBytes.toLocaleString('en'),
			percent(seen.peakErrorRatio)
		]
	];
	const table = [
		`${seen.variantId} at ${seen.contextWindow} tokens, loaded in ${(seen.loadMs / 1000).toFixed(0)} s, ${seen.tokensPerSecond} tokens/s`,
		'',
		...rows.map(
			(row, index) => `| ${row.join(' | ')} |${index === 0 ? '\n|---|---:|---:|---:|' : ''}`
		),
		'',
		`${seen.question}`,
		...seen.answer.split('\n').map((line) => `> ${line}`)
	].join('\n');
	console.log(process.argv.includes('--json') ? JSON.stringify(seen) : table);
	const summary = process.env.GITHUB_STEP_SUMMARY;
	if (summary) appendFileSync(summary, `${table}\n`);
	const errors = [seen.afterLoadErrorRatio, seen.peakErrorRatio].map(Math.abs);
	if (seen.answer === '' || errors.some((error) => !(error <= MOST_ERROR_RATIO)))
		process.exitCode = 1;
} finally {
	await lab.close();
}
