import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { access, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const DIR = '.cache/llama-server';
const GGUF = join(DIR, 'pocket.gguf');

/** 14 MB come down at the first call; a slow mirror is not waited for. */
const SETUP_LIMIT_MS = 120_000;

/**
 * Brings llama.cpp's server and pocket as its model; resolves with the server's version, or why it cannot be had.
 * Debian 12 on x86-64 and root are needed once.
 */
export async function bringLlamaServer(): Promise<{ version: string } | { missing: string }> {
	try {
		await mkdir(DIR, { recursive: true });
		await run('scripts/llama-server/setup.sh', [DIR], { timeout: SETUP_LIMIT_MS });
		await access(GGUF).catch(async () => {
			const own = `${GGUF}.${process.pid}`;
			await run('npx', ['tsx', 'pocket/export-gguf.ts', own]);
			await rename(own, GGUF);
		});
		const { stdout, stderr } = await run(join(DIR, 'llama-server'), ['--version']);
		return { version: /version: .*/.exec(stdout + stderr)?.[0] ?? 'version unknown' };
	} catch (error) {
		const { stderr, message } = error as { stderr?: string; message: string };
		return { missing: (stderr?.trim() || message).split('\n').slice(-2).join(' ') };
	}
}

/** A llama-server with pocket on a port of its own. */
export class LlamaServer {
	readonly port: number;
	readonly #process: ChildProcess;

	private constructor(process: ChildProcess, port: number) {
		this.#process = process;
		this.port = port;
	}

	/** `port`: 0 takes any. */
	static async start(args: readonly string[] = [], port = 0): Promise<LlamaServer> {
		const child = spawn(
			join(DIR, 'llama-server'),
			// With its default of a thread per core it crawls when the cores are busy.
			['-m', GGUF, '-a', 'pocket', '--port', String(port), '-t', '1', '--parallel', '1']
				.concat('--no-ui', '--offline')
				.concat(args),
			{ stdio: ['ignore', 'ignore', 'pipe'] }
		);
		let said = '';
		const listening = await new Promise<number>((resolve, reject) => {
			child.stderr.on('data', (data: Buffer) => {
				said += data.toString();
				const found = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(said);
				if (found) resolve(Number(found[1]));
			});
			child.on('exit', () => reject(new Error(`llama-server ended: ${said.slice(-500)}`)));
		});
		return new LlamaServer(child, listening);
	}

	get origin(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	/** Its slot is free again. */
	async idle(): Promise<boolean> {
		const slots = (await (await fetch(`${this.origin}/slots`)).json()) as {
			is_processing: boolean;
		}[];
		return slots.every(({ is_processing }) => !is_processing);
	}

	/** SIGTERM and SIGINT in the middle of an answer can deadlock it (0.7.0). */
	async kill() {
		if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
		const ended = new Promise((resolve) => this.#process.once('exit', resolve));
		this.#process.kill('SIGKILL');
		await ended;
	}

	/** It stays, and says nothing, until `goOn`. */
	pause() {
		this.#process.kill('SIGSTOP');
	}
	goOn() {
		this.#process.kill('SIGCONT');
	}
}
