import { gpus } from './device/gpus.ts';
import { largestContext } from './memory/context.ts';
import { maxContextWindow } from './memory/context-limit.ts';
import { judge, NOTHING_KNOWN, type Judgement, type Knowledge } from './memory/judge.ts';
import type { Situation } from './memory/verdict.ts';
import { simulated } from './memory/simulation.ts';
import type { Variant } from './models/catalog.ts';
import type { Facts } from './models/facts.ts';
import { families, modelVersion } from './models/catalog-data.ts';
import { understand } from './models/names.ts';
import { bytes, count, percent, tokens } from './words.ts';

/** What a run of the command says, and its exit code. */
export interface Said {
	out: string;
	err: string;
	/** 0: done, and what was asked about fits or is tight; 1: blocked, none found or not read; 2: not understood. */
	code: 0 | 1 | 2;
	/** What has to be read first: with it as `facts`, the same is asked again. */
	needs?: { variant: Variant; from: string | null };
}

export interface CommandOptions {
	/** The output is a terminal that wants colours. */
	colour?: boolean;
	/** What was read of the variant that `needs` named. */
	facts?: Facts;
	/** The version of WebLLM that catalogue and table were extracted from. */
	webllm?: string;
}

const HELP = `headroom: whether a WebLLM model fits a GPU, before a byte is downloaded

  headroom plan MODEL --vram 8GiB [--context 8192] [--exact [--from PLACE]] [--no-f16] [--json]
  headroom models --fits 4GiB [--context 4096] [--no-f16] [--json]
  headroom gpus [WORDS] [--json]
  headroom watch [--url http://localhost:4173] [--once] [--json]

MODEL      a catalogue id, a hub name, or a name with a tag: "llama3.2:1b-instruct-q4"
--vram     memory of the GPU, in GiB or MiB ("8GB" is 8 GiB, as GPUs are sold)
--context  tokens of the context window
--exact    reads the model's config, manifest and library first, some megabytes
--from     a folder or an address where they lie, in place of the hub
--url      the server that “npm start -- --api” started; HEADROOM_TOKEN has its token
--once     tells the state once, not whenever it changes
--no-f16   the GPU has no 16-bit shaders
--json     for programs
--help, --version

Exit codes: 0 done: fits or tight; 1 blocked, none found, not read or not reached; 2 not understood; 130 ended
by Ctrl+C while it read.
`;

const MOST_TOKENS = 2 ** 20;
/** Few models hold more. */
const USUAL_MOST_TOKENS = 2 ** 17;
const MOST_BYTES = 2 ** 42;

/** What was asked is not understood. */
export class Usage extends Error {}

/** Runs a command line, the program's own name left out. Never throws; pure but for the catalogue. */
export function run(args: readonly string[], options: CommandOptions = {}): Said {
	try {
		return answer(args, options);
	} catch (thrown) {
		if (!(thrown instanceof Usage)) throw thrown;
		return misunderstood(thrown);
	}
}

export const misunderstood = ({ message }: Usage): Said => ({
	out: '',
	err: `${message}\nSee headroom --help.\n`,
	code: 2
});

function answer(args: readonly string[], options: CommandOptions): Said {
	const { words, flags } = read(args);
	const [command, ...rest] = words;
	if (flags.has('--help') || command === 'help') return done(HELP);
	if (flags.has('--version'))
		return done(`WebLLM ${options.webllm ?? '?'}, libraries ${modelVersion}\n`);
	switch (command) {
		case 'plan':
			return plan(rest, flags, options);
		case 'models':
			return models(rest, flags, options);
		case 'gpus':
			return listGpus(rest, flags);
		case 'watch':
			throw new Usage('watch reaches out: it is not a question of figures alone.');
		case undefined:
			return { out: '', err: HELP, code: 2 };
		default:
			throw new Usage(`Expected plan, models, gpus or watch; found “${command}”.`);
	}
}

const done = (out: string, code: 0 | 1 = 0): Said => ({ out, err: '', code });
const json = (value: unknown, code: 0 | 1 = 0) => done(`${JSON.stringify(value, null, 2)}\n`, code);

type Flags = ReadonlyMap<string, string>;
const WITH_VALUE = ['--vram', '--context', '--fits', '--from', '--url'];
const ALONE = ['--json', '--help', '--version', '--no-f16', '--exact', '--once'];
const SHORT: Readonly<Record<string, string>> = { '-h': '--help' };
const MINE: Readonly<Record<string, readonly string[]>> = {
	plan: ['--vram', '--context', '--exact', '--from', '--no-f16', '--json'],
	models: ['--fits', '--context', '--no-f16', '--json'],
	gpus: ['--json'],
	watch: ['--url', '--once', '--json']
};

/** Words and options of a command line. Throws Usage. */
export function read(args: readonly string[]): { words: string[]; flags: Flags } {
	const words: string[] = [];
	const flags = new Map<string, string>();
	const rest = [...args];
	for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
		if (!arg.startsWith('-')) {
			words.push(arg);
			continue;
		}
		const [given = '', inline] = arg.split(/=(.*)/s);
		const flag = SHORT[given] ?? given;
		if (ALONE.includes(flag) && inline === undefined) flags.set(flag, '');
		else if (WITH_VALUE.includes(flag)) {
			const value = inline ?? rest.shift();
			if (value === undefined) throw new Usage(`Expected a value after ${flag}.`);
			flags.set(flag, value);
		} else throw new Usage(`There is no option “${arg}”.`);
	}
	const command = words[0] ?? '';
	// Own ones alone: anybody may write “valueOf”.
	const mine = Object.hasOwn(MINE, command) ? MINE[command] : undefined;
	const foreign =
		mine && [...flags.keys()].find((flag) => !mine.includes(flag) && flag !== '--help');
	if (foreign !== undefined && foreign !== '--version')
		throw new Usage(`${words[0]} has no option ${foreign}.`);
	return { words, flags };
}

function memoryOf(flags: Flags, flag: string): number {
	const value = flags.get(flag);
	if (value === undefined) throw new Usage(`Expected ${flag}, such as ${flag} 8GiB.`);
	const [, figure, unit = 'g'] = /^(\d+(?:\.\d+)?) *(?:([gm])i?b?)?$/i.exec(value.trim()) ?? [];
	const found = Number(figure) * (unit.toLowerCase() === 'g' ? 2 ** 30 : 2 ** 20);
	if (!(found > 0 && found <= MOST_BYTES))
		throw new Usage(`Expected memory such as 8GiB or 512MiB after ${flag}; found “${value}”.`);
	return found;
}

function contextOf(flags: Flags): number | null {
	const value = flags.get('--context');
	if (value === undefined) return null;
	const found = /^\d+$/.test(value) ? Number(value) : NaN;
	if (!(found >= 1 && found <= MOST_TOKENS))
		throw new Usage(`Expected tokens such as 8192 after --context; found “${value}”.`);
	return found;
}

const situationOf = (sizeBytes: number, flags: Flags) =>
	simulated({
		gpu: { name: 'a GPU', shared: false },
		sizeBytes,
		shaderF16: !flags.has('--no-f16')
	});

function plan(
	words: readonly string[],
	flags: Flags,
	{ colour = false, webllm, facts }: CommandOptions
): Said {
	const name = words.join(' ');
	if (name === '')
		throw new Usage('Expected a model, such as headroom plan llama3.2:1b --vram 8GiB.');
	const sizeBytes = memoryOf(flags, '--vram');
	const found = understand(name, families, { shaderF16: !flags.has('--no-f16') });
	if (found.kind !== 'variant') {
		const near = found.candidates.length > 0 ? ` Near it: ${found.candidates.join(', ')}.` : '';
		throw new Usage(found.sentence + near);
	}
	const { variant } = found;
	const from = flags.get('--from') ?? null;
	if (from !== null && !flags.has('--exact')) throw new Usage('--from needs --exact.');
	const situation = situationOf(sizeBytes, flags);
	const asked = contextOf(flags) ?? variant.defaultContextWindow;
	if (flags.has('--exact') && from === null && variant.origin === 'pocket')
		throw new Usage(
			'pocket ships with the site: name the folder or address of its files by --from.'
		);
	if (flags.has('--exact') && !facts) return { ...done(''), needs: { variant, from } };
	const known: Knowledge = { ...NOTHING_KNOWN, facts: facts ?? null };
	const most = facts ? maxContextWindow(variant, facts) : variant.maxContextWindow;
	const judged = judge(variant, Math.min(asked, most ?? asked), known, situation);
	const largest =
		largestContext(variant, known, situation, 'fits', most ?? USUAL_MOST_TOKENS)?.contextWindow ??
		null;
	const code = judged.verdict.kind === 'blocked' ? 1 : 0;
	if (flags.has('--json'))
		return json(
			{
				understood: found.sentence,
				...rowOf(judged),
				reasons: judged.verdict.reasons.map(({ sentence }) => sentence),
				largestContextWindow: largest,
				vramBytes: sizeBytes,
				budgetBytes: situation.budget?.bytes ?? null,
				webllm: webllm ?? null
			},
			code
		);
	const { estimate, verdict, contextWindow } = judged;
	return done(
		[
			found.sentence,
			`${bytes(sizeBytes)} of GPU memory, ${tokens(contextWindow)}: ${painted(verdict.kind, colour)}`,
			...(contextWindow < asked
				? [`  the model holds ${tokens(contextWindow)}, not ${count(asked)}`]
				: []),
			...(estimate
				? [
						`  memory       ${bytes(estimate.peakBytes)}, at most ${bytes(estimate.mostBytes)} (${estimate.confidence}, ±${percent(estimate.marginRatio)})`,
						`  weights      ${bytes(estimate.weightsBytes)}`,
						`  KV cache     ${bytes(estimate.kvBytes)}`
					]
				: ['  memory       unknown']),
			`  budget       ${bytes(situation.budget?.bytes ?? NaN)}`,
			`  largest window that memory allows: ${largest === null ? 'none' : tokens(largest)}`,
			...verdict.reasons.map(({ sentence }) => `  ${sentence}`),
			''
		].join('\n'),
		code
	);
}

/** Without its config nobody knows how large a model's window may be: then what was asked is planned. */
const judgeAt = (variant: Variant, asked: number, situation: Situation): Judgement =>
	judge(variant, Math.min(asked, variant.maxContextWindow ?? asked), NOTHING_KNOWN, situation);

function rowOf({ variant, contextWindow, estimate, verdict }: Judgement) {
	return {
		model: variant.id,
		quantization: variant.quantization.name,
		contextWindow,
		bytes: estimate?.peakBytes ?? null,
		mostBytes: estimate?.mostBytes ?? null,
		confidence: estimate?.confidence ?? null,
		verdict: verdict.kind
	};
}

function models(words: readonly string[], flags: Flags, { webllm }: CommandOptions): Said {
	if (words.length > 0) throw new Usage(`Expected no “${words.join(' ')}” after models.`);
	const sizeBytes = memoryOf(flags, '--fits');
	const situation = situationOf(sizeBytes, flags);
	const asked = contextOf(flags);
	const rows = families
		.flatMap(({ variants }) => variants)
		.map((variant) => judgeAt(variant, asked ?? variant.defaultContextWindow, situation))
		.filter(({ verdict }) => verdict.kind === 'fits')
		.map(rowOf);
	const code = rows.length > 0 ? 0 : 1;
	if (flags.has('--json'))
		return json({ vramBytes: sizeBytes, webllm: webllm ?? null, models: rows }, code);
	const width = Math.max(...rows.map(({ model }) => model.length));
	const lines = rows.map(
		({ model, bytes: peak, contextWindow }) =>
			`${model.padEnd(width)}  ${bytes(peak ?? NaN).padStart(9)}  ${tokens(contextWindow)}`
	);
	return rows.length > 0
		? done(`${lines.join('\n')}\n`)
		: { out: '', err: `No model of the catalogue fits ${bytes(sizeBytes)}.\n`, code };
}

function listGpus(words: readonly string[], flags: Flags): Said {
	const wanted = words.join(' ').toLowerCase().split(/\s+/).filter(Boolean);
	const rows = gpus.filter(({ name }) => wanted.every((word) => name.toLowerCase().includes(word)));
	const code = rows.length > 0 ? 0 : 1;
	if (flags.has('--json')) return json(rows, code);
	const lines = rows.map(
		({ name, sizesBytes, shared }) =>
			`${name}: ${sizesBytes.map((size) => bytes(size)).join(' or ')}${shared ? ', shared with the system' : ''}`
	);
	return rows.length > 0
		? done(`${lines.join('\n')}\n`)
		: { out: '', err: `The table has no GPU “${words.join(' ')}”.\n`, code };
}

const COLOURS = { fits: 32, tight: 33, blocked: 31 } as const;

const painted = (kind: keyof typeof COLOURS, colour: boolean) =>
	colour ? `\u001b[${COLOURS[kind]}m${kind}\u001b[0m` : kind;
