import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const STEP_MS = 200;
/** A lock without the number of its process: its owner died between two lines, or has just made it. */
const NAMELESS_LIMIT_MS = 5_000;

/**
 * Runs something that must not run twice at once in this folder, such as an installation. A lock whose process has
 * died is taken over.
 * @template T
 * @param {string} name
 * @param {() => T} run
 * @returns {T}
 */
export function alone(name, run) {
	const lock = `.cache/locks/${name}`;
	const owner = `${lock}/pid`;
	mkdirSync('.cache/locks', { recursive: true });
	let namelessMs = 0;
	for (let told = false; ;) {
		try {
			mkdirSync(lock);
			break;
		} catch (error) {
			if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
		}
		const pid = pidIn(owner);
		namelessMs = pid === null ? namelessMs + STEP_MS : 0;
		if (pid === null ? namelessMs > NAMELESS_LIMIT_MS : !alive(pid)) {
			rmSync(lock, { recursive: true, force: true });
			continue;
		}
		if (!told) console.log(`Waiting for another run in this folder (process ${pid ?? 'unknown'}).`);
		told = true;
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STEP_MS);
	}
	const release = () => rmSync(lock, { recursive: true, force: true });
	// What runs may end the process when it fails.
	process.on('exit', release);
	try {
		writeFileSync(owner, String(process.pid));
		return run();
	} finally {
		process.off('exit', release);
		release();
	}
}

/** @param {string} file */
function pidIn(file) {
	try {
		return Number(readFileSync(file, 'utf8')) || null;
	} catch {
		return null;
	}
}

/** @param {number} pid */
function alive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		// It exists and belongs to somebody else.
		return error instanceof Error && 'code' in error && error.code === 'EPERM';
	}
}
