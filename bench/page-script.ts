import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'playwright';
import ts from 'typescript';

/** One of the files in pages/, as a script that a page or worker runs before its own. */
export const script = (file: string) =>
	ts
		.transpileModule(readFileSync(join(import.meta.dirname, 'pages', file), 'utf8'), {
			compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext }
		})
		// A script, not a module.
		.outputText.replace(/^export \{\};$/m, '');

/** Counts the buffers of a worker from outside, from now on. */
export const watch = (worker: Worker) => worker.evaluate(script('witness.ts'));

export const watched = (worker: Worker) =>
	worker.evaluate(() => {
		const { witness } = globalThis as unknown as {
			witness: { liveBytes: number; peakBytes: number };
		};
		return { ...witness };
	});
