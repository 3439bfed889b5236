import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

/** Compiles single files of the project with another text in place of their own. */
export class Compiler {
	readonly #service: ts.LanguageService;
	/** What stands in place of a file, and how often that has changed. */
	readonly #instead = new Map<string, { text: string; version: number }>();

	/** `folder`: of the project's tsconfig.json. Throws where it cannot be read. */
	constructor(folder = process.cwd()) {
		const read = ts.readConfigFile(join(folder, 'tsconfig.json'), (path) =>
			readFileSync(path, 'utf8')
		);
		if (read.error) throw new Error(ts.flattenDiagnosticMessageText(read.error.messageText, '\n'));
		const json: unknown = read.config;
		const { options, fileNames } = ts.parseJsonConfigFileContent(json, ts.sys, folder);
		this.#service = ts.createLanguageService({
			getCompilationSettings: () => ({ ...options, noEmit: true }),
			getScriptFileNames: () => fileNames,
			getScriptVersion: (file) => String(this.#instead.get(file)?.version ?? 0),
			getScriptSnapshot: (file) => {
				const text = this.#instead.get(file)?.text ?? ts.sys.readFile(file);
				return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
			},
			getCurrentDirectory: () => folder,
			getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
			fileExists: (file) => ts.sys.fileExists(file),
			readFile: (file) => ts.sys.readFile(file),
			readDirectory: (...args) => ts.sys.readDirectory(...args),
			directoryExists: (path) => ts.sys.directoryExists(path),
			getDirectories: (path) => ts.sys.getDirectories(path)
		});
	}

	/** Whether the compiler accepts a file with this text. What it makes of the others that import it is not looked at. */
	accepts(path: string, text: string): boolean {
		const file = resolve(path);
		const original = ts.sys.readFile(file) ?? '';
		this.#put(file, text);
		const errors = [
			...this.#service.getSyntacticDiagnostics(file),
			...this.#service.getSemanticDiagnostics(file)
		];
		this.#put(file, original);
		return errors.length === 0;
	}

	#put(file: string, text: string) {
		this.#instead.set(file, { text, version: (this.#instead.get(file)?.version ?? 0) + 1 });
	}
}
