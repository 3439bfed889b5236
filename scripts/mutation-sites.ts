import ts from 'typescript';

/** One change of a source file that its tests should notice. */
export interface Mutation {
	kind: 'constant' | 'comparison' | 'guard' | 'await';
	/** Where in the source, in UTF-16 units. */
	start: number;
	end: number;
	replacement: string;
	/** From 1. */
	line: number;
}

const COMPARISONS: Readonly<Partial<Record<ts.SyntaxKind, string>>> = {
	[ts.SyntaxKind.LessThanToken]: '<=',
	[ts.SyntaxKind.LessThanEqualsToken]: '<',
	[ts.SyntaxKind.GreaterThanToken]: '>=',
	[ts.SyntaxKind.GreaterThanEqualsToken]: '>',
	[ts.SyntaxKind.EqualsEqualsEqualsToken]: '!==',
	[ts.SyntaxKind.ExclamationEqualsEqualsToken]: '==='
};

/** All mutations of a TypeScript module, in the order of the source. Types, imports and texts are left alone. */
export function mutationsOf(source: string): Mutation[] {
	const file = ts.createSourceFile('module.ts', source, ts.ScriptTarget.Latest, true);
	const found: Mutation[] = [];
	const add = (kind: Mutation['kind'], node: ts.Node, replacement: string) => {
		const start = node.getStart(file);
		const line = file.getLineAndCharacterOfPosition(start).line + 1;
		found.push({ kind, start, end: node.getEnd(), replacement, line });
	};
	const visit = (node: ts.Node): void => {
		if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isImportDeclaration(node))
			return;
		if (ts.isNumericLiteral(node)) add('constant', node, changed(node));
		else if (ts.isBinaryExpression(node)) {
			const other = COMPARISONS[node.operatorToken.kind];
			if (other !== undefined) add('comparison', node.operatorToken, other);
		} else if (ts.isIfStatement(node) && !node.elseStatement && leaves(node.thenStatement))
			add('guard', node, ';');
		else if (ts.isAwaitExpression(node)) add('await', node, `(${node.expression.getText(file)})`);
		ts.forEachChild(node, visit);
	};
	visit(file);
	return found.sort((a, b) => a.start - b.start);
}

/** Larger by one; by a tenth of itself what is a ratio, so that it stays one, or so large that one more is lost in rounding. */
function changed({ text }: ts.NumericLiteral): string {
	const value = Number(text);
	return Number.isSafeInteger(value) ? `(${text} + 1)` : `(${text} * 1.1)`;
}

/** What ends the run, the turn or the function there. */
function leaves(statement: ts.Statement): boolean {
	const last = ts.isBlock(statement) ? statement.statements.at(-1) : statement;
	return (
		last !== undefined &&
		(ts.isReturnStatement(last) ||
			ts.isThrowStatement(last) ||
			ts.isContinueStatement(last) ||
			ts.isBreakStatement(last))
	);
}

export const applied = (source: string, { start, end, replacement }: Mutation): string =>
	source.slice(0, start) + replacement + source.slice(end);
