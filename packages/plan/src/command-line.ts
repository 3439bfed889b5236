import { misunderstood, read, run, Usage, type CommandOptions } from './command.ts';
import { readFacts, type ReadFile } from './exact.ts';
import { USUAL_URL, watch, type WatchOptions } from './watch.ts';

export interface World
	extends CommandOptions, Pick<WatchOptions, 'signal' | 'fetch' | 'wait' | 'limitMs'> {
	readFile: ReadFile;
	env: Readonly<Record<string, string | undefined>>;
	out: (text: string) => void;
	err: (text: string) => void;
}

/** Of a shell: ended by Ctrl+C. */
const INTERRUPTED = 130;

/**
 * Runs a command line with what it needs of the world; resolves with the exit code. Watching ends well by `signal`: it
 * has no other end.
 */
export async function commandLine(
	args: readonly string[],
	world: World
): Promise<0 | 1 | 2 | typeof INTERRUPTED> {
	const { out, err } = world;
	try {
		const { words, flags } = read(args);
		if (words[0] === 'watch' && !flags.has('--help') && !flags.has('--version')) {
			if (words.length > 1)
				throw new Usage(`Expected no “${words.slice(1).join(' ')}” after watch.`);
			const url = flags.get('--url') ?? USUAL_URL;
			if (!/^https?:\/\//.test(url) || !URL.canParse(url))
				throw new Usage(`Expected an address such as ${USUAL_URL} after --url; found “${url}”.`);
			const token = world.env.HEADROOM_TOKEN ?? world.env.OPENAI_API_KEY;
			if (!token) throw new Usage('Expected the token that the server printed, in HEADROOM_TOKEN.');
			return await watch({
				...world,
				...{ url, token, once: flags.has('--once'), json: flags.has('--json') },
				out: (line) => out(`${line}\n`),
				err: (line) => err(`${line}\n`)
			});
		}
	} catch (thrown) {
		if (!(thrown instanceof Usage)) throw thrown;
		const { err: said, code } = misunderstood(thrown);
		err(said);
		return code;
	}
	let said = run(args, world);
	if (said.needs) {
		try {
			const { variant, from } = said.needs;
			said = run(args, { ...world, facts: await readFacts(variant, from, world.readFile) });
		} catch (thrown) {
			if (world.signal.aborted) return INTERRUPTED;
			err(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
			return 1;
		}
	}
	out(said.out);
	err(said.err);
	return said.code;
}
