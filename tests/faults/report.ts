import type { Reporter, TestCase, TestResult } from 'playwright/types/testReporter';

interface Row {
	name: string;
	outcome: string;
	recoveryMs: string;
}

/** Prints what became of each fault: `fault, outcome, recovery ms`. */
export default class FaultTable implements Reporter {
	readonly #rows: Row[] = [];

	onTestEnd({ title, parent }: TestCase, { status, annotations }: TestResult) {
		if (parent.project()?.name !== 'faults') return;
		const told = (type: string) =>
			annotations.find((annotation) => annotation.type === type)?.description;
		this.#rows.push({
			name: title,
			outcome: status === 'passed' ? (told('outcome') ?? 'as told') : status.toUpperCase(),
			recoveryMs: told('recoveryMs') ?? ''
		});
	}

	onEnd() {
		if (this.#rows.length === 0) return;
		const heads: Row = { name: 'fault', outcome: 'outcome', recoveryMs: 'recovery ms' };
		const all = [heads, ...this.#rows];
		const width = (key: keyof Row) => Math.max(...all.map((row) => row[key].length));
		const [name, outcome] = [width('name'), width('outcome')];
		for (const row of all)
			console.log(
				`${row.name.padEnd(name)}  ${row.outcome.padEnd(outcome)}  ${row.recoveryMs.padStart(11)}`
			);
		console.log(`${this.#rows.length} faults`);
	}

	printsToStdio() {
		return false;
	}
}
